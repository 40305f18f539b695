"""Beginning and strengthening a relation."""

from typing import Literal

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

Status = Literal["inquiry", "active"]

# an inquiry becomes active and never the other way; a new booking revives an ended relation
_ENSURE = text(
    "INSERT INTO engagements (coach_id, client_id, status, created_at)"
    " VALUES (:coach, :client, :status, :now)"
    " ON CONFLICT ON CONSTRAINT uq_engagements_coach_id DO UPDATE SET status ="
    " CASE WHEN excluded.status = 'active' OR engagements.status = 'ended'"
    " THEN excluded.status ELSE engagements.status END RETURNING id"
)


async def ensure(tx: Tx, coach_id: int, client_id: int, status: Status) -> int:
    """The engagement of these two, made if it is missing; idempotent."""
    values = {"coach": coach_id, "client": client_id, "status": status, "now": tx.now}
    async with tx.acting_as_system("engagements.ensure"):
        return int(await tx.db.scalar(_ENSURE, values) or 0)
