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
    "SELECT id, event_id, type, object_id, received_at, coalesce(outcome, '') AS outcome"
    " FROM external_events WHERE NOT :waiting OR handled_at IS NULL ORDER BY id DESC LIMIT :most"
)
_JOBS = text(
    "SELECT DISTINCT ON (key) key, attempts, coalesce(last_error, '') AS error,"
    " failed_at IS NOT NULL AS failed FROM outbox_jobs WHERE key = ANY(:keys)"
    " ORDER BY key, id DESC"
)


async def events(tx: Tx, *, troubled: bool = False, most: int = 100) -> list[EventView]:
    """The newest, or only those that went wrong so far; acting as a system of payments."""
    found = (await tx.db.execute(_EVENTS, {"waiting": troubled, "most": most})).all()
    keys = [f"payments.process_event:{row.id}" for row in found if not row.outcome]
    async with tx.acting_as_system("worker"):  # nobody else sees queued work
        tries = {row.key: row for row in await tx.db.execute(_JOBS, {"keys": keys})}
    views = [_event(row, tries.get(f"payments.process_event:{row.id}")) for row in found]
    return [view for view in views if view.error or not troubled]


def _event(row: Any, tried: Any) -> EventView:
    return EventView(
        id=row.id,
        event_id=row.event_id,
        type=row.type,
        object_id=row.object_id,
        received_at=row.received_at,
        outcome=row.outcome,
        attempts=tried.attempts if tried else 0,
        error=tried.error if tried else "",
        failed=tried.failed if tried else False,
    )
