"""Who has messages that they have not read, and which: for those who tell them of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.messaging.queries.views import quote_words
from loom_app.kit.db.transaction import Tx

_READABLE = (
    " x.conversation_id = m.conversation_id AND x.number > m.read_number"
    " AND x.number >= m.first_number AND x.sender_id <> m.user_id"
    " AND x.kind <> 'system' AND x.deleted_at IS NULL AND NOT m.user_id = ANY(x.hidden_for)"
)
_WAITING = text(
    f"""
    SELECT m.user_id, m.conversation_id, m.read_number, w.number, w.newest, w.oldest_at, w.newest_at
    FROM conversations c
    JOIN conversation_members m ON m.conversation_id = c.id AND m.unread > 0
    LEFT JOIN conversation_settings s
        ON s.conversation_id = m.conversation_id AND s.user_id = m.user_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, max(x.number) AS newest, min(x.sent_at) AS oldest_at,
            max(x.sent_at) AS newest_at
        FROM messages x WHERE {_READABLE}) w
    WHERE c.last_message_at > :since
        AND (CAST(:people AS bigint[]) IS NULL OR m.user_id = ANY(:people))
        AND (s.muted_until IS NULL OR s.muted_until <= :now)
        AND w.number > 0
    """
)
_LAST = text(
    f"""
    SELECT x.body, x.files, u.name, x.sent_at, c.kind, c.title,
        count(*) OVER () AS many
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    JOIN messages x ON {_READABLE} JOIN users u ON u.id = x.sender_id
    WHERE m.user_id = :person AND m.conversation_id = :conversation
    ORDER BY x.number DESC LIMIT :n
    """
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One conversation that one person has not read to its end."""

    person_id: int
    conversation_id: int
    read_number: int
    number: int
    newest_number: int
    oldest_at: datetime
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class LastLines:
    """What waits in a conversation: how many messages, from whom, and the last of them in words,
    the oldest first, as (name, words, when)."""

    many: int
    group: str
    lines: list[tuple[str, str, datetime]]


async def waiting(tx: Tx, *, since: datetime, people: list[int] | None = None) -> list[Waiting]:
    """Of conversations in which something was said since, for all or for these people; muted ones
    are left out. Acting as a system of messaging."""
    values = {"since": since, "now": tx.now, "people": people}
    rows = await tx.db.execute(_WAITING, values)
    return [Waiting(*row) for row in rows]


async def last_lines(tx: Tx, person_id: int, conversation_id: int, limit: int = 3) -> LastLines:
    """Acting as a system of messaging. `many` is 0 where all is read."""
    values = {"person": person_id, "conversation": conversation_id, "n": limit}
    rows = (await tx.db.execute(_LAST, values)).all()
    if not rows:
        return LastLines(0, "", [])
    lines = [
        (row.name or "", quote_words(row.body or "", row.files or []), row.sent_at)
        for row in reversed(rows)
    ]
    group = rows[0].title if rows[0].kind != "pair" else ""
    return LastLines(rows[0].many, group, lines)
