"""How far people have received and read."""

from collections.abc import Collection
from dataclasses import dataclass

from loom_app.domains.messaging.actions.changes import lock
from loom_app.kit.actor import Actor
from loom_app.kit.db import direct
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime import signals

_MARK = (
    "SELECT conversation_id, user_id, change FROM loom_mark(%(people)s::bigint[],"
    " %(conversations)s::bigint[], %(delivered)s::bigint[], %(read)s::bigint[])"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A person has received and read a conversation up to these numbers; 0 says nothing."""

    person_id: int
    conversation_id: int
    delivered: int = 0
    read: int = 0


async def mark(marks: Collection[Mark]) -> list[signals.Signal]:
    """Move everybody's marks in one statement, never back; returns what to publish.

    A mark of somebody who is no member is nothing.
    """
    found = await direct.rows(_MARK, _columns(marks))
    told = [signals.Signal(f"conversation:{row[0]}", row[2]) for row in found]
    return told + [signals.Signal(f"person:{row[1]}:inbox", row[0]) for row in found]


async def mark_read(tx: Tx, me: Actor, conversation_id: int, number: int) -> None:
    """Read up to a number; never back. Raises NotFound (not a member)."""
    await lock(tx, me, conversation_id)
    one = Mark(me.require_person(), conversation_id, read=number)
    for row in await tx.db.execute(direct.as_text(_MARK), _columns([one])):
        tx.signal(f"conversation:{row[0]}", row[2])
        tx.signal(f"person:{row[1]}:inbox", row[0])


def _columns(marks: Collection[Mark]) -> dict[str, list[int]]:
    return {
        "people": [one.person_id for one in marks],
        "conversations": [one.conversation_id for one in marks],
        "delivered": [one.delivered for one in marks],
        "read": [one.read for one in marks],
    }
