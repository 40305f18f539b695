"""Reads of one conversation: pages of messages, and what came after a change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging.queries.rows import (
    COLUMNS,
    Changes,
    MemberMark,
    MessageRow,
    Quote,
)
from loom_app.domains.messaging.queries.views import Eyes
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

PAGE = 50
CATCH_UP = 200


@dataclass(frozen=True)
class Thread:
    """What stands above a thread. `other_id` is 0 in a group."""

    id: int
    kind: str
    other_id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    zone: str
    people: int
    first_unread: int


_SELECT = (
    f"SELECT {', '.join(f'm.{column}' for column in COLUMNS)}, q.id, q.number, q.sender_id, q.body,"
    " q.deleted_at IS NOT NULL, q.files, q.hidden_for FROM messages m"
    " LEFT JOIN messages q ON q.id = m.reply_to WHERE m.conversation_id = :c"
)
_BEFORE = text(f"{_SELECT} AND m.number < :before ORDER BY m.number DESC LIMIT :n")
_AFTER = text(f"{_SELECT} AND m.number > :after ORDER BY m.number LIMIT :n")
# messages and marks in one snapshot: read one after the other, a change between them would be lost
_CHANGED = text(
    f"""
    WITH known AS (
        SELECT coalesce(json_agg(json_build_array(user_id, read_number, delivered_number, receipts,
            first_number, change)), '[]') AS marks
        FROM conversation_members WHERE conversation_id = :c
    )
    SELECT CASE WHEN row_number() OVER () = 1 THEN known.marks END, x.*
    FROM known LEFT JOIN LATERAL (
        {_SELECT} AND m.change > :after ORDER BY m.change DESC LIMIT :n) x ON true
    """
)
_ONE = text(f"{_SELECT} AND m.number = :number")
_ON_DAY = text(
    "SELECT number FROM messages WHERE conversation_id = :c AND sent_at >= :day"
    " ORDER BY number LIMIT 1"
)
_THREAD = text(
    """
    SELECT c.kind, c.title, c.change_count, c.message_count, m.read_number, m.unread, m.first_number
    FROM conversations c
    JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id = :me
    WHERE c.id = :c
    """
)
_MARKS = text(
    "SELECT user_id, read_number, delivered_number, receipts, first_number, change"
    " FROM conversation_members WHERE conversation_id = :c"
)
# from one sender to the next by the index: DISTINCT would read every message
_SENDERS = text(
    """
    WITH RECURSIVE found AS (
        (SELECT sender_id FROM messages
         WHERE conversation_id = :c AND sender_id IS NOT NULL ORDER BY sender_id LIMIT 1)
        UNION ALL
        SELECT (SELECT m.sender_id FROM messages m WHERE m.conversation_id = :c
                AND m.sender_id > found.sender_id ORDER BY m.sender_id LIMIT 1)
        FROM found WHERE found.sender_id IS NOT NULL
    )
    SELECT sender_id FROM found WHERE sender_id IS NOT NULL
    """
)


_UNDELIVERED = text(
    "SELECT m.conversation_id, c.message_count FROM conversation_members m"
    " JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.user_id = :me AND m.delivered_number < c.message_count"
)


async def undelivered(tx: Tx, me: Actor) -> dict[int, int]:
    """Conversations with messages that no device of the caller has had, and how far they go."""
    found = await tx.db.execute(_UNDELIVERED, {"me": me.require_person()})
    return {row[0]: row[1] for row in found}


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as its reader finds it: what stands above, where it is, who looks."""

    thread: Thread
    change: int
    last_number: int
    marks: list[MemberMark]
    eyes: Eyes


async def thread(tx: Tx, me: Actor, conversation_id: int) -> Opened:
    """Raises NotFound for what is not the caller's."""
    mine = me.require_person()
    row = (await tx.db.execute(_THREAD, {"c": conversation_id, "me": mine})).first()
    if row is None:
        raise NotFound
    kind, title, change, count, read, unread, first = row
    known = await marks(tx, conversation_id)
    people = await faces(tx, conversation_id, kind, {mark.user_id for mark in known})
    others = [mark.user_id for mark in known if mark.user_id != mine]
    other = people.get(others[0]) if kind == "pair" and others else None
    name = title or t("Conversation")
    above = Thread(
        id=conversation_id,
        kind=kind,
        other_id=other.id if other else 0,
        name=other.name if other else name,
        initials=other.initials if other else accounts.initials(name),
        hue=other.hue if other else accounts.hue(conversation_id),
        avatar_url=other.avatar_url if other else "",
        zone=other.zone if other else "",
        people=len(known),
        first_unread=read + 1 if unread else 0,
    )
    return Opened(above, change, count, known, Eyes.of(me, first, people, grouped=kind != "pair"))


async def faces(
    tx: Tx, conversation_id: int, kind: str, members: Iterable[int]
) -> dict[int, accounts.PersonView]:
    """Everybody whose name may stand in the thread: members, and in a group who once wrote."""
    async with tx.acting_as_system("messaging.faces"):
        ids = set(members)
        if kind != "pair":
            ids |= set(await tx.db.scalars(_SENDERS, {"c": conversation_id}))
        return await accounts.people(tx, ids)


async def marks(tx: Tx, conversation_id: int) -> list[MemberMark]:
    found = await tx.db.execute(_MARKS, {"c": conversation_id})
    return [MemberMark(*row) for row in found]


async def page_before(
    tx: Tx, conversation_id: int, before: int, limit: int = PAGE
) -> list[MessageRow]:
    """Messages before a number, oldest first."""
    values = {"c": conversation_id, "before": before, "n": limit}
    return [_row(row) for row in await tx.db.execute(_BEFORE, values)][::-1]


async def page_after(
    tx: Tx, conversation_id: int, after: int, limit: int = PAGE
) -> list[MessageRow]:
    """Messages after a number, oldest first."""
    values = {"c": conversation_id, "after": after, "n": limit}
    return [_row(row) for row in await tx.db.execute(_AFTER, values)]


async def page_around(tx: Tx, conversation_id: int, number: int) -> list[MessageRow]:
    """The message of a number with what stands around it."""
    before = await page_before(tx, conversation_id, number, PAGE // 2)
    return before + await page_after(tx, conversation_id, number - 1, PAGE // 2)


async def message_at(tx: Tx, conversation_id: int, number: int) -> MessageRow:
    """Raises NotFound."""
    values = {"c": conversation_id, "number": number}
    row = (await tx.db.execute(_ONE, values)).first()
    if row is None:
        raise NotFound
    return _row(row)


async def newest(tx: Tx, conversation_id: int, limit: int = PAGE) -> list[MessageRow]:
    return await page_before(tx, conversation_id, 2**62, limit)


async def first_on(tx: Tx, me: Actor, conversation_id: int, day: date) -> int:
    """The number of the first message on this day of the caller's, or after it; 0 for none."""
    begins = datetime.combine(day, time(), ZoneInfo(me.zone))
    return await tx.db.scalar(_ON_DAY, {"c": conversation_id, "day": begins}) or 0


async def changes_after(tx: Tx, conversation_id: int, after: int, limit: int = CATCH_UP) -> Changes:
    """What changed after a change number, messages oldest first, and who may know of it."""
    values = {"c": conversation_id, "after": after, "n": limit + 1}
    rows = [list(row) for row in await tx.db.execute(_CHANGED, values)]
    known = [MemberMark(*one) for one in next(row[0] for row in rows if row[0] is not None)]
    found = [_row(row[1:]) for row in rows if row[1] is not None]
    moved = [mark for mark in known if mark.change > after]
    last = max([after, *(row.change for row in found), *(mark.change for mark in moved)])
    return Changes(
        after=after,
        change=last,
        messages=sorted(found[:limit], key=lambda row: row.number),
        marks=moved,
        members={mark.user_id: mark.first_number for mark in known},
        whole=len(found) > limit,
    )


def _row(row: Iterable[object]) -> MessageRow:
    values = list(row)
    own, quoted = values[: len(COLUMNS)], values[len(COLUMNS) :]
    quote = Quote(*quoted) if quoted[0] is not None else None  # type: ignore[arg-type]
    return MessageRow(*own, quote=quote)  # type: ignore[arg-type]
