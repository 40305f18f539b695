"""Telling staff about a message."""

from sqlalchemy import text

from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

_SEEN = text(
    "SELECT conversation_id, sender_id, body FROM messages"
    " WHERE id = :id AND kind <> 'system' AND sender_id IS NOT NULL"
)
_FORMER = text(
    "SELECT body FROM message_edits WHERE message_id = :id ORDER BY edited_at DESC, id DESC LIMIT 1"
)


async def report_message(
    tx: Tx, me: Actor, message_id: int, *, reason: str, words: str = ""
) -> None:
    """What it says now, or said before it was deleted, goes with the report.

    Raises NotFound (not to be seen by the caller, or their own), Invalid.
    """
    me.require_person()
    row = (await tx.db.execute(_SEEN, {"id": message_id})).first()
    if row is None:
        raise NotFound
    conversation_id, sender_id, body = row
    if not body:
        async with tx.acting_as_system("messaging.report"):
            body = await tx.db.scalar(_FORMER, {"id": message_id}) or ""
    await moderation.note_report(
        tx,
        me,
        sender_id,
        reason=reason,
        words=words,
        conversation_id=conversation_id,
        message_id=message_id,
        excerpt=body,
    )
