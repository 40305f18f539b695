"""What became of a delivery: written once, by whoever sent it."""

from datetime import datetime

from sqlalchemy import text

from loom_app.domains.notifications.actions import leave
from loom_app.kit.db.transaction import Tx

_END = text(
    "UPDATE deliveries SET status = :status, attempts = attempts + 1, last_error = :error,"
    " sent_at = CASE WHEN :status = 'sent' THEN CAST(:now AS timestamptz) END"
    " WHERE id = :id AND status = 'queued' RETURNING id"
)
_LATER = text(
    "UPDATE deliveries SET attempts = attempts + 1, last_error = :error, due_at = :due_at"
    " WHERE id = :id AND status = 'queued' RETURNING key"
)


async def ended(tx: Tx, delivery_id: int, status: str, error: str | None) -> bool:
    """By this run and no other."""
    values = {"id": delivery_id, "status": status, "error": error, "now": tx.now}
    return await tx.db.scalar(_END, values) is not None


async def postponed(tx: Tx, delivery_id: int, error: str, due_at: datetime) -> None:
    """Tried in vain, and tried again then."""
    values = {"id": delivery_id, "error": error, "due_at": due_at}
    if key := await tx.db.scalar(_LATER, values):
        await leave(tx, key, due_at)
