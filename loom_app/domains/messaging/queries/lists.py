"""The list of conversations. Rows are shaped for one viewer in one place, `card`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging.queries.rows import MessageRow
from loom_app.domains.messaging.queries.views import quote_words, system_words
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t

PAGE = 50
EVERYTHING = 2**53 - 1

Show = Literal["all", "unread", "archived", "files"]


@dataclass(frozen=True)
class ConversationCard:
    """A row of the list. `at` orders rows (microseconds since the epoch); `other_id` is 0 but in
    a conversation of two; `marked` is unread because its reader said so."""

    id: int
    kind: str
    other_id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    preview: str
    time: str
    at: int
    unread: int
    marked: bool
    pinned: bool
    muted: bool
    archived: bool


# what of a card depends on the viewer: their membership and settings, and the newest message that
# they may see; pages choose their ids first, so that only those rows are looked at closely
_CARD = """
    SELECT c.id, c.kind, CASE WHEN c.kind = 'pair' THEN o.user_id END, o.name, o.avatar, c.title,
        c.last_message_at, m.unread, coalesce(s.marked_unread, false),
        s.pinned_at IS NOT NULL, s.muted_until, coalesce(s.archived, false),
        l.kind, l.body, l.facts, l.files, l.deleted_at IS NOT NULL, l.sender_id, w.name, m.user_id,
        c.message_count
    FROM {source}
    JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN conversation_settings s
        ON s.conversation_id = m.conversation_id AND s.user_id = m.user_id
    LEFT JOIN LATERAL (
        SELECT p.user_id, u.name, u.avatar FROM conversation_members p
        JOIN users u ON u.id = p.user_id
        WHERE c.kind = 'pair' AND p.conversation_id = c.id AND p.user_id <> m.user_id LIMIT 1
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT x.kind, x.body, x.facts, x.files, x.deleted_at, x.sender_id FROM messages x
        WHERE x.conversation_id = c.id AND x.number >= m.first_number
          AND NOT m.user_id = ANY (x.hidden_for) ORDER BY x.number DESC LIMIT 1
    ) l ON true
    LEFT JOIN users w ON w.id = l.sender_id AND c.kind <> 'pair'
"""
_MEMBER = "(SELECT conversation_id, user_id, first_number, unread FROM conversation_members {}) m"
_MOVED = text(
    _CARD.format(
        source=_MEMBER.format(
            "WHERE (user_id, conversation_id) IN (SELECT * FROM unnest(CAST(:people AS bigint[]),"
            " CAST(:conversations AS bigint[])))"
        )
    )
    + " WHERE c.last_message_at IS NOT NULL"
)
_SOME = text(
    _CARD.format(
        source=_MEMBER.format(
            "WHERE user_id = :me AND conversation_id = ANY(CAST(:ids AS bigint[]))"
        )
    )
)
_FILTERS: dict[str, str] = {
    "all": "NOT coalesce(s.archived, false)",
    "unread": "(m.unread > 0 OR s.marked_unread) AND NOT coalesce(s.archived, false)",
    "archived": "s.archived",
    "files": "EXISTS (SELECT 1 FROM message_files f JOIN messages x ON x.id = f.message_id"
    " WHERE f.conversation_id = c.id AND x.deleted_at IS NULL AND x.number >= m.first_number"
    " AND NOT m.user_id = ANY (x.hidden_for))",
}
_IDS = """
    SELECT c.id FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN conversation_settings s
        ON s.conversation_id = m.conversation_id AND s.user_id = m.user_id
    WHERE m.user_id = :me AND c.last_message_at IS NOT NULL AND {which}
      AND (s.pinned_at IS NULL, -extract(epoch FROM c.last_message_at), -c.id)
          > (:free, -CAST(:at AS numeric) / 1000000, -CAST(:id AS bigint))
    ORDER BY s.pinned_at IS NULL, c.last_message_at DESC, c.id DESC LIMIT :n
"""
_PAGES = {show: text(_IDS.format(which=which)) for show, which in _FILTERS.items()}
_UNREAD = text(
    "SELECT m.user_id, sum(greatest(m.unread, s.marked_unread::int))"
    " FROM conversation_members m LEFT JOIN conversation_settings s"
    " ON s.conversation_id = m.conversation_id AND s.user_id = m.user_id"
    " WHERE m.user_id = ANY(CAST(:people AS bigint[])) GROUP BY m.user_id"
)
_LAST = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of somebody's list as stored; `card` shapes it."""

    id: int
    kind: str
    other_id: int | None
    name: str | None
    avatar: str | None
    title: str
    last_at: datetime
    unread: int
    marked: bool
    pinned: bool
    muted_until: datetime | None
    archived: bool
    said: str | None
    body: str | None
    facts: dict[str, Any] | None
    files: list[dict[str, Any]] | None
    deleted: bool
    sender_id: int | None
    sender: str | None
    viewer_id: int
    last_number: int


async def moved_conversations(
    tx: Tx, wanted: Mapping[int, Collection[int]]
) -> dict[int, list[CardRow]]:
    """The rows of these conversations in these people's lists, acting as `messaging.hub`; what one
    is no member of is missing."""
    pairs = [(person, one) for person, ids in wanted.items() for one in ids]
    values = {"people": [pair[0] for pair in pairs], "conversations": [pair[1] for pair in pairs]}
    found: dict[int, list[CardRow]] = defaultdict(list)
    for row in await tx.db.execute(_MOVED, values):
        found[row[19]].append(CardRow(*row))
    return found


async def unread_of(tx: Tx, people: Collection[int]) -> dict[int, int]:
    """Unread messages of each person, over all their conversations."""
    rows = await tx.db.execute(_UNREAD, {"people": sorted(people)})
    return {row[0]: int(row[1]) for row in rows}


async def conversations(
    tx: Tx,
    me: Actor,
    *,
    show: Show = "all",
    after: ConversationCard | None = None,
    limit: int = PAGE,
) -> list[ConversationCard]:
    """Pinned ones first, then by the newest message; `after` continues after a row."""
    values = {
        "me": me.require_person(),
        "free": after is not None and not after.pinned,
        "at": after.at if after else _LAST,
        "id": after.id if after else _LAST,
        "n": limit,
    }
    ids = list(await tx.db.scalars(_PAGES[show], values))
    return await cards(tx, me, ids)


async def cards(tx: Tx, me: Actor, ids: Iterable[int]) -> list[ConversationCard]:
    """These of the caller's conversations, in this order."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = await tx.db.execute(_SOME, {"me": me.require_person(), "ids": wanted})
    found = {row[0]: card(CardRow(*row), me) for row in rows if row[6] is not None}
    return [found[one] for one in wanted if one in found]


def card(row: CardRow, me: Actor) -> ConversationCard:
    """A row of the list as one viewer sees it."""
    name = row.name if row.kind == "pair" else row.title
    name = name or t("Conversation")
    face = row.other_id or row.id
    return ConversationCard(
        id=row.id,
        kind=row.kind,
        other_id=row.other_id or 0,
        name=name,
        initials=accounts.initials(name),
        hue=accounts.hue(face),
        avatar_url=accounts.avatar_url(row.avatar or ""),
        preview=_preview(row, me),
        time=times.short(row.last_at, me.zone),
        at=(row.last_at - _EPOCH) // timedelta(microseconds=1),
        unread=row.unread,
        marked=row.marked,
        pinned=row.pinned,
        muted=row.muted_until is not None and row.muted_until > clock.now(),
        archived=row.archived,
    )


def _preview(row: CardRow, me: Actor) -> str:
    """What was said last, and in a group by whom."""
    if row.said is None:
        return ""
    if row.deleted:
        return t("Message deleted")
    if row.said == "system":
        stored = MessageRow(0, 0, 0, None, None, "system", row.body or "", row.facts, row.last_at)
        return system_words(stored, me.zone)
    words = quote_words(row.body or "", row.files or [])
    if row.sender_id == me.person_id:
        return t("You: {text}", text=words)
    if row.kind != "pair" and row.sender:
        return t("{name}: {text}", name=row.sender.split(maxsplit=1)[0], text=words)
    return words


async def unread(tx: Tx, me: Actor) -> int:
    """Unread messages of all conversations."""
    mine = me.require_person()
    return (await unread_of(tx, [mine])).get(mine, 0)
