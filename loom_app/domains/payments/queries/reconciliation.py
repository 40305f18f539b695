"""What staff see of the books: differences that are open, and events that were not handled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from loom_app.domains.payments.models import ReconciliationFinding
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class FindingView:
    """A difference between the ledger and Stripe, or of the ledger with itself."""

    id: int
    kind: str
    ref: str
    detail: dict[str, Any]
    found_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """What Stripe told us. `outcome` is handled, ignored, or "" while it waits; `error` is what
    went wrong last, `failed` whether nobody tries any more."""

    id: int
    event_id: str
    type: str
    object_id: str
    received_at: datetime
    outcome: str
    attempts: int
    error: str
    failed: bool


async def findings(tx: Tx, *, resolved: bool = False) -> list[FindingView]:
    """Open ones, or all of them, newest first; acting as a system of payments."""
    column: Any = ReconciliationFinding
    statement = select(ReconciliationFinding).order_by(column.id.desc()).limit(500)
    if not resolved:
        statement = statement.where(column.resolved_at.is_(None))
    return [
        FindingView(row.id or 0, row.kind, row.ref, row.detail, row.found_at, row.resolved_at)
        for row in await tx.db.scalars(statement)
    ]


_EVENTS = text(
    "SELECT e.id, e.event_id, e.type, e.object_id, e.received_at,"
    " coalesce(e.outcome, '') AS outcome, coalesce(j.attempts, 0) AS attempts,"
    " coalesce(j.last_error, '') AS error, j.failed_at IS NOT NULL AS failed"
    " FROM external_events e LEFT JOIN LATERAL (SELECT * FROM outbox_jobs"
    "  WHERE name = 'payments.process_event' AND payload->>'event_id' = e.id::text"
    "  ORDER BY id DESC LIMIT 1) j ON e.handled_at IS NULL"
    " WHERE NOT :troubled OR (e.handled_at IS NULL AND j.last_error IS NOT NULL)"
    " ORDER BY e.id DESC LIMIT :most"
)


async def events(tx: Tx, *, troubled: bool = False, most: int = 100) -> list[EventView]:
    """The newest, or only those that went wrong so far; acting as a system of payments."""
    rows = await tx.db.execute(_EVENTS, {"troubled": troubled, "most": most})
    return [EventView(*row) for row in rows]
