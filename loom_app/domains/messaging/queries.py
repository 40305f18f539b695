"""Reads of conversations. Rows are shaped for one viewer in one place, `views`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging import rules
from loom_app.domains.messaging.rules import Block
from loom_app.domains.messaging.rules import Span as Span  # noqa: PLC0414 - part of a view
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime import presence
from loom_app.kit.text import t

PAGE = 50
GROUP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as stored."""

    id: int
    number: int
    change: int
    sender_id: int | None
    client_id: str | None
    kind: str
    body: str
    facts: dict[str, Any] | None
    sent_at: datetime


@dataclass(frozen=True)
class MessageView:
    """A message as one viewer sees it. `day` is set on the first of a day, `lead` on the first of a
    run by one sender; `cid` is the sender's own client id; `link` leads to the thing of a system
    message."""

    id: int
    number: int
    cid: str
    mine: bool
    kind: str
    blocks: list[Block]
    time: str
    day: str
    lead: bool
    link: str
    sent: str
    at: int


@dataclass(frozen=True, slots=True)
class MemberMark:
    """How far a member has read."""

    user_id: int
    read_number: int
    change: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What came after a change number, up to `change`."""

    change: int
    messages: list[MessageRow]
    marks: list[MemberMark]
    members: frozenset[int]


@dataclass(frozen=True)
class ConversationCard:
    """A row of the list."""

    id: int
    other_id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    preview: str
    time: str
    unread: int
    presence: str


@dataclass(frozen=True)
class Thread:
    """What stands above a thread, and where both sides are."""

    id: int
    other_id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    zone: str
    change: int
    last_number: int
    my_read: int
    other_read: int


_COLUMNS = "id, number, change, sender_id, client_id, kind, body, facts, sent_at"
_THREAD = text(
    """
    SELECT c.id, o.user_id, c.change_count, c.message_count, m.read_number, o.read_number
    FROM conversations c
    JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id = :me
    JOIN conversation_members o ON o.conversation_id = c.id AND o.user_id <> :me
    WHERE c.id = :c
    """
)
_PAGE_BEFORE = text(
    f"SELECT {_COLUMNS} FROM messages WHERE conversation_id = :c AND number < :before"
    " ORDER BY number DESC LIMIT :n"
)
_CHANGED = text(
    f"SELECT {_COLUMNS} FROM messages WHERE conversation_id = :c AND change > :after"
    " ORDER BY number DESC LIMIT :n"
)
_CARD = """
    SELECT c.id, o.user_id, u.name, u.avatar, c.last_preview, c.last_message_at,
        c.last_sender_id, c.message_count - m.read_number{more}
    FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    JOIN conversation_members o ON o.conversation_id = c.id AND o.user_id <> m.user_id
    JOIN users u ON u.id = o.user_id
    WHERE c.last_message_at IS NOT NULL
"""
_MOVED = text(
    _CARD.format(more=", m.user_id") + " AND (m.user_id, m.conversation_id) IN"
    " (SELECT * FROM unnest(CAST(:people AS bigint[]), CAST(:conversations AS bigint[])))"
)
_LIST = text(
    _CARD.format(more="")
    + " AND m.user_id = :me AND (c.last_message_at, c.id) < (:before, :before_id)"
    " ORDER BY c.last_message_at DESC, c.id DESC LIMIT :n"
)
_UNREAD = text(
    "SELECT m.user_id, sum(c.message_count - m.read_number) FROM conversation_members m"
    " JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.user_id = ANY(CAST(:people AS bigint[])) GROUP BY m.user_id"
)
_MEMBERS = text(
    "SELECT user_id, read_number, change FROM conversation_members WHERE conversation_id = :c"
)
_END = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


async def thread(tx: Tx, me: Actor, conversation_id: int) -> Thread:
    """Raises NotFound for what is not the caller's."""
    row = (await tx.db.execute(_THREAD, {"c": conversation_id, "me": me.require_person()})).first()
    if row is None:
        raise NotFound
    other = await accounts.person(tx, row[1])
    return Thread(
        id=row[0],
        other_id=other.id,
        name=other.name,
        initials=other.initials,
        hue=other.hue,
        avatar_url=other.avatar_url,
        zone=other.zone,
        change=row[2],
        last_number=row[3],
        my_read=row[4],
        other_read=row[5],
    )


async def page_before(
    tx: Tx, conversation_id: int, before: int, limit: int = PAGE
) -> list[MessageRow]:
    """Messages before a number, oldest first."""
    rows = await tx.db.execute(_PAGE_BEFORE, {"c": conversation_id, "before": before, "n": limit})
    return [MessageRow(*row) for row in rows][::-1]


async def newest(tx: Tx, conversation_id: int, limit: int = PAGE) -> list[MessageRow]:
    return await page_before(tx, conversation_id, 2**62, limit)


async def changes_after(tx: Tx, conversation_id: int, after: int, limit: int = 200) -> Changes:
    """What changed after a change number: messages oldest first, read marks, and who may know.

    Whoever missed more than `limit` messages gets the newest and loads the rest by scrolling.
    """
    values = {"c": conversation_id, "after": after, "n": limit}
    found = [MessageRow(*row) for row in await tx.db.execute(_CHANGED, values)][::-1]
    members = [MemberMark(*row) for row in await tx.db.execute(_MEMBERS, values)]
    marks = [mark for mark in members if mark.change > after]
    last = max([after, *(row.change for row in found), *(mark.change for mark in marks)])
    return Changes(last, found, marks, frozenset(mark.user_id for mark in members))


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of somebody's list as stored; `card` shapes it."""

    id: int
    other_id: int
    name: str
    avatar: str
    preview: str
    last_at: datetime
    sender_id: int | None
    unread: int


async def moved_conversations(
    tx: Tx, wanted: Mapping[int, Collection[int]]
) -> dict[int, list[CardRow]]:
    """The rows of these conversations in these people's lists, acting as `messaging.hub`."""
    pairs = [(person, one) for person, ids in wanted.items() for one in ids]
    values = {"people": [pair[0] for pair in pairs], "conversations": [pair[1] for pair in pairs]}
    found: dict[int, list[CardRow]] = defaultdict(list)
    for row in await tx.db.execute(_MOVED, values):
        found[row[8]].append(CardRow(*row[:8]))
    return found


async def unread_of(tx: Tx, people: Collection[int]) -> dict[int, int]:
    """Unread messages of each person, over all their conversations."""
    rows = await tx.db.execute(_UNREAD, {"people": sorted(people)})
    return {row[0]: int(row[1]) for row in rows}


async def conversations(
    tx: Tx, me: Actor, *, before: datetime | None = None, before_id: int = 0, limit: int = PAGE
) -> list[ConversationCard]:
    """Newest first; `before` and `before_id` continue after a row."""
    values = {
        "me": me.require_person(),
        "before": before or _END,
        "before_id": before_id,
        "n": limit,
    }
    return [card(CardRow(*row), me) for row in await tx.db.execute(_LIST, values)]


def card(row: CardRow, me: Actor) -> ConversationCard:
    """A row of the list as one viewer sees it."""
    mine = row.sender_id == me.person_id
    return ConversationCard(
        id=row.id,
        other_id=row.other_id,
        name=row.name,
        initials=accounts.initials(row.name),
        hue=accounts.hue(row.other_id),
        avatar_url=accounts.avatar_url(row.avatar),
        preview=t("You: {text}", text=row.preview) if mine else row.preview,
        time=times.short(row.last_at, me.zone),
        unread=row.unread,
        presence=presence.of(row.other_id),
    )


async def conversations_after(
    tx: Tx, me: Actor, conversation_id: int, limit: int = PAGE
) -> list[ConversationCard]:
    """The rows after one of the list."""
    last = await tx.db.scalar(
        text("SELECT last_message_at FROM conversations WHERE id = :c"), {"c": conversation_id}
    )
    if last is None:
        raise NotFound
    return await conversations(tx, me, before=last, before_id=conversation_id, limit=limit)


async def unread(tx: Tx, me: Actor) -> int:
    """Unread messages of all conversations."""
    mine = me.require_person()
    return (await unread_of(tx, [mine])).get(mine, 0)


@dataclass(frozen=True)
class Reachable:
    """Somebody one may write to."""

    id: int
    name: str
    initials: str
    hue: int
    avatar_url: str


async def reachable(tx: Tx, me: Actor) -> list[Reachable]:
    """Whom the caller has an engagement with, by name."""
    rows = await tx.db.execute(
        text(
            "SELECT u.id, u.name, u.avatar FROM engagements e JOIN users u ON u.id ="
            " CASE WHEN e.coach_id = :me THEN e.client_id ELSE e.coach_id END"
            " WHERE :me IN (e.coach_id, e.client_id) AND e.status <> 'ended'"
            " ORDER BY lower(u.name), u.id LIMIT 200"
        ),
        {"me": me.require_person()},
    )
    return [
        Reachable(
            row[0],
            row[1],
            accounts.initials(row[1]),
            accounts.hue(row[0]),
            accounts.avatar_url(row[2]),
        )
        for row in rows
    ]


async def is_published_coach(tx: Tx, user_id: int) -> bool:
    """Whether anybody may write to this person."""
    found = await tx.db.scalar(
        text("SELECT 1 FROM coach_profiles WHERE user_id = :u AND status = 'published'"),
        {"u": user_id},
    )
    return found is not None


async def last_seen(tx: Tx, user_id: int) -> datetime | None:
    return await tx.db.scalar(
        text("SELECT seen_at FROM presences WHERE user_id = :u"), {"u": user_id}
    )


def views(
    rows: list[MessageRow], me_id: int, zone: str, before: MessageView | None = None
) -> list[MessageView]:
    """The one place where stored messages become what a viewer sees.

    `before` is the message that stands before the first row, for days and runs.
    """
    shown: list[MessageView] = []
    for row in rows:
        before = view(row, me_id, zone, before)
        shown.append(before)
    return shown


def view(row: MessageRow, me_id: int, zone: str, before: MessageView | None) -> MessageView:
    at = int(row.sent_at.timestamp())
    mine = row.sender_id == me_id
    new_day = before is None or times.local_day(before.at, zone) != times.local_day(at, zone)
    lead = (
        new_day
        or before is None
        or before.kind != row.kind
        or before.mine != mine
        or at - before.at > GROUP_SECONDS
    )
    return MessageView(
        id=row.id,
        number=row.number,
        cid=(row.client_id or "") if mine else "",
        mine=mine,
        kind=row.kind,
        blocks=rules.blocks(system_words(row, zone) if row.kind == "system" else row.body),
        time=times.clock_time(row.sent_at, zone),
        day=times.relative_day(row.sent_at, zone) if new_day else "",
        lead=lead,
        link=str((row.facts or {}).get("link", "")),
        sent=times.when(row.sent_at, zone),
        at=at,
    )


def system_words(row: MessageRow, zone: str) -> str:
    """A system message in the viewer's zone and language; its stored text where it is unknown."""
    facts = row.facts or {}
    starts = facts.get("starts_at")
    when = times.when(datetime.fromisoformat(starts), zone) if starts else ""
    title = str(facts.get("title", ""))
    match facts.get("event"):
        case "session.booked":
            return t("Session booked: {title}, {when}", title=title, when=when)
        case "session.cancelled":
            return t("Session cancelled: {title}, {when}", title=title, when=when)
        case _:
            return row.body
