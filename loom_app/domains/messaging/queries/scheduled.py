"""Messages that wait for their time, as their writer sees them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from loom_app.domains.messaging import rules
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t

FIELD = "%Y-%m-%dT%H:%M"

_MINE = text(
    "SELECT id, body, due_at, awake, problem FROM scheduled_messages"
    " WHERE sender_id = :me AND conversation_id = :c ORDER BY due_at, id"
)
_OTHER = text(
    "SELECT u.zone FROM conversations c"
    " JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id <> :me"
    " JOIN users u ON u.id = m.user_id WHERE c.id = :c AND c.kind = 'pair' LIMIT 1"
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
            local=times.local(row[2], me.zone).strftime(FIELD),
            awake=row[3],
            problem=row[4],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Waking:
    """When the other of a conversation of two is awake next, and that in words for the viewer."""

    at: datetime
    words: str


async def next_waking_of_other(tx: Tx, me: Actor, conversation_id: int) -> Waking | None:
    """None in a group."""
    zone = await tx.db.scalar(_OTHER, {"c": conversation_id, "me": me.require_person()})
    if zone is None:
        return None
    at = rules.next_waking(tx.now, zone)
    if at <= tx.now:
        return Waking(
            at, t("It is {time} there: it is sent at once.", time=times.clock_time(at, zone))
        )
    there = f"{times.relative_day(at, zone)}, {times.clock_time(at, zone)}"
    mine = times.clock_time(at, me.zone)
    return Waking(at, t("{there} there, {mine} your time", there=there, mine=mine))


def tomorrow_morning(tx: Tx, me: Actor) -> str:
    """9 o'clock of the viewer's next day, as a time field wants it."""
    day = times.local(tx.now, me.zone) + timedelta(days=1)
    return day.replace(hour=9, minute=0).strftime(FIELD)
