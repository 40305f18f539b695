"""Messages that wait: one mail for what was not read for half an hour, however many they are.

Nothing is planned when a message is sent. Each minute the conversations of the last two days are
looked through for members who have not read; how far each was told stands in `message_notices`. So
that nobody is flooded, another mail of the same unread stretch comes a day after the last one, and
only if somebody wrote since. Reading ends the stretch. Muted conversations are not told of.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications.actions import notify
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

EVENT = "message.unread"
WATCHER = Actor.system_job("notifications.unread")
UNREAD_FOR = timedelta(minutes=30)
AGAIN_AFTER = timedelta(days=1)

_TOLD = text(
    "SELECT user_id, conversation_id, read_number, mailed_up_to, mailed_at FROM message_notices"
    " WHERE (user_id, conversation_id) IN (SELECT unnest(CAST(:people AS bigint[])),"
    " unnest(CAST(:conversations AS bigint[])))"
)
_NOTE = text(
    "INSERT INTO message_notices (user_id, conversation_id, read_number, mailed_up_to, mailed_at)"
    " VALUES (:person, :conversation, :read, :up_to, :now)"
    " ON CONFLICT (user_id, conversation_id) DO UPDATE SET read_number = excluded.read_number,"
    " mailed_up_to = excluded.mailed_up_to, mailed_at = excluded.mailed_at"
    " WHERE message_notices.mailed_up_to < excluded.mailed_up_to RETURNING user_id"
)


async def tell(tx: Tx) -> int:
    """Owe every such mail that is due; how many."""
    async with tx.acting_as_system("messaging.unread"):
        waiting = await messaging.waiting(tx, since=tx.now - timedelta(days=2))
    told = await _told(tx, waiting)
    made = 0
    for one in waiting:
        before = told.get((one.person_id, one.conversation_id))
        same = before is not None and before.mailed_up_to > one.read_number
        if before is not None and same and not _again(tx, one, before):
            continue
        if one.oldest_at > tx.now - UNREAD_FOR:
            continue
        values = {
            "person": one.person_id,
            "conversation": one.conversation_id,
            "read": one.read_number,
            "up_to": one.newest_number,
            "now": tx.now,
        }
        if await tx.db.scalar(_NOTE, values):
            key = f"{one.conversation_id}:{one.newest_number}"
            facts = {"conversation_id": one.conversation_id, "read_number": one.read_number}
            await notify(tx, one.person_id, EVENT, key=key, facts=facts, only="mail")
            made += 1
    return made


def _again(tx: Tx, one: messaging.Waiting, before: Any) -> bool:
    """Somebody wrote since, and it is long enough ago."""
    if one.newest_number <= before.mailed_up_to:
        return False
    newest_waits = one.newest_at <= tx.now - UNREAD_FOR
    return newest_waits and before.mailed_at <= tx.now - AGAIN_AFTER


async def _told(tx: Tx, waiting: list[messaging.Waiting]) -> dict[tuple[int, int], Any]:
    if not waiting:
        return {}
    values = {
        "people": [one.person_id for one in waiting],
        "conversations": [one.conversation_id for one in waiting],
    }
    rows = await tx.db.execute(_TOLD, values)
    return {(row.user_id, row.conversation_id): row for row in rows}
