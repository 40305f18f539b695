"""What moderators hide is kept while somebody may appeal, and put back where they erred.

The message becomes a tombstone for everybody, as one that its author took back. What stood there
goes to `hidden_messages`, with the decisions that hid it: it comes back when none of them stands.
"""

from sqlalchemy import text

from loom_app.domains.messaging.actions.changes import hold
from loom_app.domains.messaging.actions.edit import MESSAGE, PLACE, take_back, tell_changed
from loom_app.domains.messaging.queries.rows import MessageRow
from loom_app.domains.moderation import queries as moderation
from loom_app.kit.db.transaction import Tx

# Regulation (EU) 2022/2065, article 20: complaints are taken for at least six months
APPEAL_DAYS = 183
# an appeal of the last day is answered before what it asks for is gone
ANSWER_DAYS = 60

_ALSO = text(
    "UPDATE hidden_messages SET decisions = decisions || CAST(:decision AS bigint),"
    " hidden_at = :now"
    " WHERE message_id = :id AND NOT CAST(:decision AS bigint) = ANY (decisions)"
)
_KEEP = text(
    "INSERT INTO hidden_messages (message_id, decisions, body, facts, files, reactions, hidden_at)"
    " SELECT id, ARRAY[CAST(:decision AS bigint)], body, facts, files, reactions, :now"
    " FROM messages WHERE id = :id"
)
_LESS = text(
    "UPDATE hidden_messages SET decisions = array_remove(decisions, CAST(:decision AS bigint))"
    " WHERE message_id = :id RETURNING cardinality(decisions)"
)
_SHOW = text(
    "UPDATE messages m SET body = h.body, facts = h.facts, files = h.files,"
    " reactions = h.reactions, deleted_at = NULL FROM hidden_messages h"
    " WHERE h.message_id = m.id AND m.id = :id"
)
_FORGET = text("DELETE FROM hidden_messages WHERE message_id = :id")
# unread again for whoever has not come so far since; nobody counts what they wrote or put away
_COUNT = text(
    "UPDATE conversation_members SET unread = unread + 1 WHERE conversation_id = :c"
    " AND read_number < :number AND first_number <= :number"
    " AND user_id IS DISTINCT FROM :sender AND NOT user_id = ANY(CAST(:hidden AS bigint[]))"
)


async def take_down(tx: Tx, message_id: int, decision_id: int) -> None:
    """Hide a message as moderators decided, acting as `messaging.*`: also where its author has put
    it away, left or is gone. A second time changes nothing, and neither does a decision that was
    taken back before this came."""
    place = await tx.db.scalar(PLACE, {"id": message_id})
    locked = await hold(tx, place) if place is not None else None
    if locked is None:
        return  # the conversation went with its people
    # asked under the lock that `put_back` takes: whichever is second sees what the first did
    if decision_id and not await moderation.stands(tx, decision_id):
        return
    values = {"id": message_id, "decision": decision_id, "now": tx.now}
    row = MessageRow(*(await tx.db.execute(MESSAGE, {"id": message_id})).one())
    if row.deleted_at is not None:
        await tx.db.execute(_ALSO, values)
        return
    await tx.db.execute(_KEEP, values)
    await take_back(tx, locked, row, files=False)


async def put_back(tx: Tx, message_id: int, decision_id: int) -> None:
    """A decision was taken back: what it hid is there again for everybody, unless another one hides
    it too, it was not kept, or its author had taken it back. Acting as `messaging.*`; a second time
    changes nothing."""
    place = await tx.db.scalar(PLACE, {"id": message_id})
    locked = await hold(tx, place) if place is not None else None
    if locked is None:
        return
    left = await tx.db.scalar(_LESS, {"id": message_id, "decision": decision_id})
    if left is None or left > 0:
        return
    row = MessageRow(*(await tx.db.execute(MESSAGE, {"id": message_id})).one())
    await tx.db.execute(_SHOW, {"id": message_id})
    await tx.db.execute(_FORGET, {"id": message_id})
    values = {
        "c": locked.id,
        "number": row.number,
        "sender": row.sender_id,
        "hidden": row.hidden_for or [],
    }
    await tx.db.execute(_COUNT, values)
    await tell_changed(tx, locked, message_id)
