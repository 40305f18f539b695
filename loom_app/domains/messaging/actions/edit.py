"""Changing what one wrote, taking it back, and putting away what one does not want to see."""

from sqlalchemy import text

from loom_app.domains.messaging import rules
from loom_app.domains.messaging.actions.changes import Locked, changed, lock
from loom_app.domains.messaging.queries.rows import COLUMNS, MessageRow
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.text import t

PLACE = text("SELECT conversation_id FROM messages WHERE id = :id")
MESSAGE = text(f"SELECT {', '.join(COLUMNS)} FROM messages WHERE id = :id")
_FORMER = text("INSERT INTO message_edits (message_id, body, edited_at) VALUES (:id, :body, :now)")
_EDIT = text("UPDATE messages SET body = :body, edited_at = :now WHERE id = :id")
_DELETE = text(
    "UPDATE messages SET body = '', files = '[]', reactions = '[]', facts = NULL,"
    " deleted_at = :now WHERE id = :id"
)
_UNCOUNT = text(
    "UPDATE conversation_members SET unread = unread - 1 WHERE conversation_id = :c"
    " AND read_number < :number AND first_number <= :number AND unread > 0"
    " AND user_id IS DISTINCT FROM :sender AND NOT user_id = ANY(CAST(:hidden AS bigint[]))"
    " AND (CAST(:only AS bigint) IS NULL OR user_id = :only)"
)
_HIDE = text("UPDATE messages SET hidden_for = hidden_for || CAST(:me AS bigint) WHERE id = :id")
_ANSWERS = text("SELECT id FROM messages WHERE reply_to = :id")


async def held(
    tx: Tx, me: Actor, message_id: int, *, writing: bool = False
) -> tuple[Locked, MessageRow]:
    """The message that the caller may see, with its conversation held. Raises NotFound, Blocked."""
    place = await tx.db.scalar(PLACE, {"id": message_id})
    if place is None:
        raise NotFound
    locked = await lock(tx, me, place, writing=writing)
    async with tx.acting_as_system("messaging.held"):
        row = MessageRow(*(await tx.db.execute(MESSAGE, {"id": message_id})).one())
    if me.person_id in (row.hidden_for or ()):
        raise NotFound
    return locked, row


async def edit(tx: Tx, me: Actor, message_id: int, body: str) -> None:
    """Change the words of one's own message within five minutes; what it said is kept for
    moderation. The same words again change nothing.

    Raises NotFound, Blocked, Forbidden (not one's own, too late, not words), Invalid.
    """
    locked, row = await held(tx, me, message_id, writing=True)
    _check_own(row, me)
    body = rules.clean_body(body, empty=bool(row.files))
    if row.kind != "text" or not row.body:
        raise Forbidden(t("Only words can be edited."))
    if tx.now - row.sent_at > rules.EDITABLE:
        raise Forbidden(t("A message can be edited for five minutes after it was sent."))
    if body == row.body:
        return
    async with tx.acting_as_system("messaging.edit"):
        values = {"id": message_id, "now": tx.now}
        await tx.db.execute(_FORMER, {**values, "body": row.body})
        await tx.db.execute(_EDIT, {**values, "body": body})
        await tell_changed(tx, locked, message_id)
    await moderation.screen(tx, me.require_person(), message_id, body)


async def delete(tx: Tx, me: Actor, message_id: int) -> None:
    """Take one's own message back for everybody: a tombstone stays, files and quotes of it go.

    A second time changes nothing. Raises NotFound, Forbidden (not one's own).
    """
    locked, row = await held(tx, me, message_id)
    if row.sender_id == me.person_id and row.deleted_at is not None:
        return
    _check_own(row, me)
    async with tx.acting_as_system("messaging.delete"):
        await take_back(tx, locked, row)


async def hide(tx: Tx, me: Actor, message_id: int) -> None:
    """Put any message away for oneself alone; the others keep theirs. Raises NotFound."""
    locked, row = await held(tx, me, message_id)
    async with tx.acting_as_system("messaging.hide"):
        await _uncount(tx, row, locked.id, only=me.require_person())
        await tx.db.execute(_HIDE, {"id": message_id, "me": me.require_person()})
        await tell_changed(tx, locked, message_id)


def _check_own(row: MessageRow, me: Actor) -> None:
    if row.sender_id != me.person_id or row.deleted_at is not None or row.kind == "system":
        raise Forbidden(t("You can change only what you wrote yourself."))


async def take_back(tx: Tx, locked: Locked, row: MessageRow, *, files: bool = True) -> None:
    """Make a tombstone of a message in a conversation that is held, acting as `messaging.*`; its
    `files` go as well, or wait for somebody to say what becomes of them."""
    values = {"id": row.id, "now": tx.now}
    if row.body:
        await tx.db.execute(_FORMER, {**values, "body": row.body})
    await tx.db.execute(_DELETE, values)
    await _uncount(tx, row, locked.id)
    await tell_changed(tx, locked, row.id)
    if row.files and files:
        key = f"messaging.remove_files:{row.id}"
        await tx.enqueue("messaging.remove_files", {"message_id": row.id}, key=key)


async def _uncount(tx: Tx, row: MessageRow, conversation_id: int, only: int | None = None) -> None:
    """One less unread for whoever had not read it."""
    if row.deleted_at is not None:
        return
    values = {
        "c": conversation_id,
        "number": row.number,
        "sender": row.sender_id,
        "hidden": row.hidden_for or [],
        "only": only,
    }
    await tx.db.execute(_UNCOUNT, values)


async def tell_changed(tx: Tx, locked: Locked, message_id: int) -> None:
    """The message changed, and so did the quotes of it."""
    answers = await tx.db.scalars(_ANSWERS, {"id": message_id})
    await changed(tx, locked, [message_id, *answers])
