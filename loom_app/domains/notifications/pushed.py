"""Messages to people who are not here: a push within seconds, one notice a conversation.

Nothing is planned when a message is sent (see `unread`): every few seconds the conversations of the
last minutes are looked through for members with a device who have not read and have no tab in use.
Who has one sees the message, or its count at the bell. However many messages wait, a conversation
has one notice, with their number and the last lines, and it comes at most once a minute. While one
waits already, for the end of quiet hours or for a push service, no other is made: it says what
holds when it leaves.
"""

from datetime import timedelta

from sqlalchemy import text

from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications.actions import notify
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime import presence

EVENT = "message.unread"
LOOKS_BACK = timedelta(minutes=15)  # what is older was missed for long: mail tells of it
CALM = timedelta(minutes=1)

_PEOPLE = text("SELECT DISTINCT user_id FROM push_devices")
_UNDER_WAY = text(
    "SELECT user_id, CAST(facts ->> 'conversation_id' AS bigint) FROM deliveries"
    " WHERE user_id = ANY(:people) AND status = 'queued' AND channel = 'push'"
    " AND event = 'message.unread' AND due_at > :now"
)
_NOTE = text(
    "INSERT INTO message_notices AS n"
    " (user_id, conversation_id, read_number, pushed_up_to, pushed_at)"
    " VALUES (:person, :conversation, :read, :up_to, :now)"
    " ON CONFLICT (user_id, conversation_id) DO UPDATE SET pushed_up_to = excluded.pushed_up_to,"
    " pushed_at = excluded.pushed_at WHERE n.pushed_up_to < excluded.pushed_up_to"
    " AND (n.pushed_at IS NULL OR n.pushed_at <= :calm) RETURNING user_id"
)


async def tell(tx: Tx) -> int:
    """Owe every such push that is due; how many."""
    people = [one for one in await tx.db.scalars(_PEOPLE) if presence.of(one) != "online"]
    if not people:
        return 0
    async with tx.acting_as_system("messaging.unread"):
        waiting = await messaging.waiting(tx, since=tx.now - LOOKS_BACK, people=people)
    rows = await tx.db.execute(_UNDER_WAY, {"people": people, "now": tx.now})
    under_way = {tuple(row) for row in rows}
    made = 0
    for one in waiting:
        values = {
            "person": one.person_id,
            "conversation": one.conversation_id,
            "read": one.read_number,
            "up_to": one.newest_number,
            "now": tx.now,
            "calm": tx.now - CALM,
        }
        if not await tx.db.scalar(_NOTE, values):
            continue
        if (one.person_id, one.conversation_id) in under_way:
            continue
        key = f"{one.conversation_id}:{one.newest_number}"
        facts = {"conversation_id": one.conversation_id, "read_number": one.read_number}
        await notify(tx, one.person_id, EVENT, key=key, facts=facts, only="push")
        made += 1
    return made
