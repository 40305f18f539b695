"""Writing in conversations."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries as engagement_queries
from loom_app.domains.messaging import queries, rules
from loom_app.domains.messaging.events import MessageSent
from loom_app.domains.messaging.queries import MessageRow
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

# under the row's lock: a repeat finds the first message, anything else gets the next numbers
_LOCK = text("SELECT message_count FROM conversations WHERE id = :c FOR UPDATE")
_SEND = text(
    """
    WITH known AS (
        SELECT id, number, change, sender_id, client_id, kind, body, facts, sent_at
        FROM messages WHERE sender_id = :me AND client_id = :client_id
    ), counted AS (
        UPDATE conversations SET message_count = message_count + 1,
            change_count = change_count + 1, last_message_at = :now,
            last_preview = :preview, last_sender_id = :me
        WHERE id = :c AND NOT EXISTS (SELECT 1 FROM known)
        RETURNING message_count, change_count
    ), sent AS (
        INSERT INTO messages
            (conversation_id, number, change, sender_id, client_id, body, sent_at)
        SELECT :c, message_count, change_count, :me, :client_id, :body, :now FROM counted
        RETURNING id, number, change, sender_id, client_id, kind, body, facts, sent_at
    ), seen AS (
        UPDATE conversation_members SET read_number = counted.message_count,
            change = counted.change_count
        FROM counted WHERE conversation_id = :c AND user_id = :me
    )
    SELECT *, true, ARRAY(SELECT user_id FROM conversation_members WHERE conversation_id = :c)
    FROM sent UNION ALL SELECT *, false, '{}' FROM known
    """
)
_POST = text(
    """
    WITH counted AS (
        UPDATE conversations SET message_count = message_count + 1,
            change_count = change_count + 1, last_message_at = :now,
            last_preview = :preview, last_sender_id = NULL
        WHERE id = :c AND NOT EXISTS (
            SELECT 1 FROM messages WHERE conversation_id = :c AND client_id = :key)
        RETURNING message_count, change_count
    )
    INSERT INTO messages (conversation_id, number, change, client_id, kind, body, facts, sent_at)
    SELECT :c, message_count, change_count, :key, 'system', :body, CAST(:facts AS jsonb), :now
    FROM counted RETURNING change
    """
)
_READ = text(
    """
    WITH behind AS (
        SELECT 1 FROM conversation_members
        WHERE conversation_id = :c AND user_id = :me AND read_number < :number
    ), counted AS (
        UPDATE conversations SET change_count = change_count + 1
        WHERE id = :c AND EXISTS (SELECT 1 FROM behind)
        RETURNING message_count, change_count
    )
    UPDATE conversation_members SET read_number = least(:number, counted.message_count),
        change = counted.change_count
    FROM counted WHERE conversation_id = :c AND user_id = :me
    RETURNING change
    """
)
_MEMBERS = text("SELECT user_id FROM conversation_members WHERE conversation_id = :c")


async def start(tx: Tx, me: Actor, other_id: int) -> int:
    """The conversation with this person, made if it is missing; starting twice finds the first.

    One may write to a published coach and to whom one has an engagement with. Raises NotFound.
    """
    mine = me.require_person()
    pair = await _pair(tx, me, mine, other_id)
    engagement_id = await engagements.ensure(tx, *pair, "inquiry")
    return await for_engagement(tx, engagement_id, pair)


async def _pair(tx: Tx, me: Actor, mine: int, other_id: int) -> tuple[int, int]:
    """(coach, client) of the two. Raises NotFound where they have nothing to do with each other."""
    if other_id == mine:
        raise NotFound
    for coach_id, client_id in ((other_id, mine), (mine, other_id)):
        if await engagement_queries.find_engagement(tx, coach_id, client_id):
            return coach_id, client_id
    if await queries.is_published_coach(tx, other_id):
        return other_id, mine
    raise NotFound


async def for_engagement(tx: Tx, engagement_id: int, pair: tuple[int, int]) -> int:
    """The conversation of an engagement, made with its two members if it is missing."""
    async with tx.acting_as_system("messaging.start"):
        made = await tx.db.scalar(
            text(
                "INSERT INTO conversations (engagement_id, created_at) VALUES (:e, :now)"
                " ON CONFLICT ON CONSTRAINT uq_conversations_engagement_id DO UPDATE"
                " SET engagement_id = excluded.engagement_id RETURNING id"
            ),
            {"e": engagement_id, "now": tx.now},
        )
        await tx.db.execute(
            text(
                "INSERT INTO conversation_members (conversation_id, user_id, joined_at)"
                " SELECT :c, u, :now FROM unnest(CAST(:people AS bigint[])) u"
                " ON CONFLICT DO NOTHING"
            ),
            {"c": made, "people": list(pair), "now": tx.now},
        )
    for user_id in pair:
        tx.signal(f"person:{user_id}:inbox", int(made))
    return int(made)


async def send(tx: Tx, me: Actor, conversation_id: int, *, client_id: str, body: str) -> MessageRow:
    """Save a message; the same client_id again returns the first, so a retry never doubles it.

    Raises Invalid (empty, too long), NotFound (not a member).
    """
    mine = me.require_person()
    body = rules.clean_body(body)
    rules.check_client_id(client_id)
    if (await tx.db.execute(_LOCK, {"c": conversation_id})).first() is None:
        raise NotFound
    row = (
        await tx.db.execute(
            _SEND,
            {
                "c": conversation_id,
                "me": mine,
                "client_id": client_id,
                "body": body,
                "preview": rules.preview(body),
                "now": tx.now,
            },
        )
    ).one()
    sent, is_new, members = MessageRow(*row[:9]), row[9], row[10]
    if is_new:
        await tx.emit(MessageSent(conversation_id, sent.id, mine))
        _signal(tx, conversation_id, sent.change, members)
    return sent


async def post_system(
    tx: Tx, conversation_id: int, *, key: str, body: str, facts: dict[str, Any]
) -> None:
    """Say what happened to a session or payment, once per key; `body` is the English fallback."""
    values = {
        "c": conversation_id,
        "key": key,
        "body": body,
        "preview": rules.preview(body),
        "facts": json.dumps(facts),
        "now": tx.now,
    }
    async with tx.acting_as_system("messaging.post"):
        await tx.db.execute(_LOCK, {"c": conversation_id})
        change = await tx.db.scalar(_POST, values)
        if change is not None:
            members = await tx.db.scalars(_MEMBERS, {"c": conversation_id})
            _signal(tx, conversation_id, change, members)


async def mark_read(tx: Tx, me: Actor, conversation_id: int, number: int) -> None:
    """Read up to a number; never back. Raises NotFound (not a member)."""
    values = {"c": conversation_id, "me": me.require_person(), "number": number}
    if (await tx.db.execute(_LOCK, {"c": conversation_id})).first() is None:
        raise NotFound
    change = await tx.db.scalar(_READ, values)
    if change is not None:
        tx.signal(f"conversation:{conversation_id}", change)
        tx.signal(f"person:{values['me']}:inbox", conversation_id)


async def note_seen(tx: Tx, user_ids: list[int]) -> None:
    """These people are here now: one statement for all of them."""
    if user_ids:
        async with tx.acting_as_system("messaging.presence"):
            await tx.db.execute(
                text(
                    "INSERT INTO presences (user_id, seen_at)"
                    " SELECT u, :now FROM unnest(CAST(:people AS bigint[])) u"
                    " ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at"
                ),
                {"people": sorted(user_ids), "now": tx.now},
            )


def _signal(tx: Tx, conversation_id: int, change: int, members: Iterable[int]) -> None:
    """To the open threads, and to the lists of all members, with the conversation's id."""
    tx.signal(f"conversation:{conversation_id}", change)
    for user_id in members:
        tx.signal(f"person:{user_id}:inbox", conversation_id)
