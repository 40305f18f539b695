"""Messages that wait for their time, as their writer sees them."""

from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times

_MINE = text(
    "SELECT id, body, due_at, awake, problem FROM scheduled_messages"
    " WHERE sender_id = :me AND conversation_id = :c ORDER BY due_at, id"
)


@dataclass(frozen=True)
class ScheduledView:
    """`when` in words and `local` as an input wants it, both in the writer's zone."""

    id: int
    body: str
    when: str
    local: str
    awake: bool
    problem: str


async def scheduled(tx: Tx, me: Actor, conversation_id: int) -> list[ScheduledView]:
    """The caller's own, soonest first."""
    rows = await tx.db.execute(_MINE, {"me": me.require_person(), "c": conversation_id})
    return [
        ScheduledView(
            id=row[0],
            body=row[1],
            when=times.when(row[2].astimezone(UTC), me.zone),
            local=times.local(row[2], me.zone).strftime("%Y-%m-%dT%H:%M"),
            awake=row[3],
            problem=row[4],
        )
        for row in rows
    ]
