"""The list of conversations. Rows are shaped for one viewer in one place, `card`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging.queries.views import quote_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime import presence
from loom_app.kit.text import t

PAGE = 50


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


_CARD = """
    SELECT c.id, o.user_id, u.name, u.avatar, l.body, l.files, l.deleted, c.last_message_at,
        l.sender_id, m.unread, c.message_count{more}
    FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    JOIN conversation_members o ON o.conversation_id = c.id AND o.user_id <> m.user_id
    JOIN users u ON u.id = o.user_id
    LEFT JOIN LATERAL (
        SELECT x.body, x.files, x.sender_id, x.deleted_at IS NOT NULL AS deleted FROM messages x
        WHERE x.conversation_id = c.id AND x.number >= m.first_number
          AND NOT m.user_id = ANY (x.hidden_for) ORDER BY x.number DESC LIMIT 1) l ON true
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
    "SELECT m.user_id, sum(m.unread) FROM conversation_members m"
    " WHERE m.user_id = ANY(CAST(:people AS bigint[])) GROUP BY m.user_id"
)
_END = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of somebody's list as stored; `card` shapes it."""

    id: int
    other_id: int
    name: str
    avatar: str
    body: str | None
    files: list[dict[str, object]] | None
    deleted: bool | None
    last_at: datetime
    sender_id: int | None
    unread: int
    last_number: int


async def moved_conversations(
    tx: Tx, wanted: Mapping[int, Collection[int]]
) -> dict[int, list[CardRow]]:
    """The rows of these conversations in these people's lists, acting as `messaging.hub`."""
    pairs = [(person, one) for person, ids in wanted.items() for one in ids]
    values = {"people": [pair[0] for pair in pairs], "conversations": [pair[1] for pair in pairs]}
    found: dict[int, list[CardRow]] = defaultdict(list)
    for row in await tx.db.execute(_MOVED, values):
        found[row[11]].append(CardRow(*row[:11]))
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
    mine = row.sender_id == me.person_id and not row.deleted
    words = t("Message deleted") if row.deleted else quote_words(row.body or "", row.files or [])
    return ConversationCard(
        id=row.id,
        other_id=row.other_id,
        name=row.name,
        initials=accounts.initials(row.name),
        hue=accounts.hue(row.other_id),
        avatar_url=accounts.avatar_url(row.avatar),
        preview=t("You: {text}", text=words) if mine else words,
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
