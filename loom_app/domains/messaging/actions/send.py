"""Sending: one statement, whether in a transaction of the caller's or in one of its own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from loom_app.domains.messaging import rules
from loom_app.domains.messaging.actions.changes import changed, hold, tell
from loom_app.domains.messaging.errors import Blocked, Early
from loom_app.domains.messaging.queries.rows import COLUMNS, MessageRow
from loom_app.domains.moderation import actions as moderation
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db import direct
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.realtime import signals
from loom_app.kit.text import t

_ROW = ", ".join(f"(m.message).{column}" for column in COLUMNS)
_SEND = (
    f"SELECT m.outcome, m.members, {_ROW} FROM loom_send(%(person)s, %(conversation)s,"
    " %(client_id)s, %(kind)s, %(body)s, %(facts)s::jsonb, %(reply_to)s, %(files)s::bigint[],"
    " %(after)s, %(now)s) m"
)
_POST = text(
    "INSERT INTO messages (conversation_id, number, change, client_id, kind, body, facts, sent_at)"
    " VALUES (:c, :number, :change, :key, 'system', :body, CAST(:facts AS jsonb), :now)"
    " RETURNING id"
)
_POSTED = text("SELECT 1 FROM messages WHERE conversation_id = :c AND client_id = :key")
_COUNT = text(
    "UPDATE conversations SET message_count = message_count + 1, last_message_at = :now"
    " WHERE id = :c"
)
_UNREAD = text("UPDATE conversation_members SET unread = unread + 1 WHERE conversation_id = :c")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent. `client_id` is made by whoever writes: the same one is the same message.

    `after` is the client id of the message written just before, where that one may still be on its
    way; `reply_to` and `files` are ids of this conversation, 0 and () for none.
    """

    client_id: str
    body: str
    reply_to: int = 0
    files: Sequence[int] = ()
    after: str = ""
    kind: str = "text"
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The message as stored, whether this call stored it, and who is in the conversation."""

    row: MessageRow
    is_new: bool
    members: tuple[int, ...]


async def send(tx: Tx, me: Actor, conversation_id: int, draft: Draft) -> MessageRow:
    """Save a message; the same client id again returns the first, so a retry never doubles it.

    Raises Invalid (empty, too long, a file that is not there), NotFound (not a member), Blocked,
    Early.
    """
    values = _values(me, conversation_id, draft, tx.now)
    sent = _sent((await tx.db.execute(direct.as_text(_SEND), values)).one())
    if sent.is_new:
        tell(tx, conversation_id, sent.row.change + (sent.row.reply_to is not None), sent.members)
        await moderation.screen(tx, me.require_person(), sent.row.id, sent.row.body)
    return sent.row


async def send_at_once(me: Actor, conversation_id: int, draft: Draft) -> Sent:
    """`send` as a transaction of one statement: the way of a person who types.

    The caller publishes `signals_of` the result. Raises as `send` does.
    """
    if moderation.is_noteworthy(draft.body):  # rare: the message and the note of it, or neither
        async with transaction(me) as tx:
            return Sent(await send(tx, me, conversation_id, draft), is_new=False, members=())
    found = await direct.one(_SEND, _values(me, conversation_id, draft, clock.now()))
    return _sent(found)


def signals_of(conversation_id: int, sent: Sent) -> list[signals.Signal]:
    """What `tell` says, for a message sent at once.

    One that was there already is told again: its process may have died before it said so.
    """
    last = sent.row.change + (sent.row.reply_to is not None)
    lists = [signals.Signal(f"person:{one}:inbox", conversation_id) for one in sent.members]
    return [signals.Signal(f"conversation:{conversation_id}", last), *lists]


def _values(me: Actor, conversation_id: int, draft: Draft, now: Any) -> dict[str, Any]:
    rules.check_client_id(draft.client_id)
    files = list(dict.fromkeys(draft.files))
    if len(files) > rules.FILES_MAX:
        raise Invalid(t("A message holds {n} files.", n=rules.FILES_MAX))
    return {
        "person": me.require_person(),
        "conversation": conversation_id,
        "client_id": draft.client_id,
        "kind": draft.kind,
        "body": rules.clean_body(draft.body, empty=bool(files)),
        "facts": None if draft.facts is None else json.dumps(draft.facts),
        "reply_to": draft.reply_to,
        "files": files,
        "after": draft.after,
        "now": now,
    }


def _sent(found: Sequence[Any]) -> Sent:
    match found[0]:
        case "sent" | "known":
            return Sent(MessageRow(*found[2:]), found[0] == "sent", tuple(found[1]))
        case "blocked":
            raise Blocked
        case "early":
            raise Early
        case "files":
            raise Invalid(t("A file did not arrive. Attach it again."))
        case _:
            raise NotFound


async def post_system(
    tx: Tx, conversation_id: int, *, key: str, body: str, facts: dict[str, Any]
) -> None:
    """Say what happened to a session or payment, once per key; `body` is the English fallback."""
    async with tx.acting_as_system("messaging.post"):
        talk = await hold(tx, conversation_id)
        values = {"c": conversation_id, "key": key, "now": tx.now}
        if talk is None or await tx.db.scalar(_POSTED, values) is not None:
            return
        message = {
            **values,
            "number": talk.message_count + 1,
            "change": talk.change_count + 1,
            "body": body,
            "facts": json.dumps(facts),
        }
        posted = await tx.db.scalar(_POST, message)
        await tx.db.execute(_COUNT, values)
        await tx.db.execute(_UNREAD, values)
        await changed(tx, talk, [posted] if posted else [])
