"""How far people have received and read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from loom_app.domains.messaging.actions.changes import lock
from loom_app.domains.messaging.queries.rows import Changes, MemberMark
from loom_app.kit.actor import Actor
from loom_app.kit.db import direct
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime import signals

_MARK = (
    "SELECT conversation_id, change, members, user_id, read_number, delivered_number, receipts,"
    " first_number, change FROM loom_mark(%(people)s::bigint[], %(conversations)s::bigint[],"
    " %(delivered)s::bigint[], %(read)s::bigint[])"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A person has received and read a conversation up to these numbers; 0 says nothing."""

    person_id: int
    conversation_id: int
    delivered: int = 0
    read: int = 0


async def mark(marks: Collection[Mark]) -> dict[int, Changes]:
    """Move everybody's marks in one statement, never back; returns what changed by conversation.

    A mark of somebody who is no member is nothing. The caller publishes `signals_of_marks`.
    """
    found: dict[int, Changes] = {}
    for row in await direct.rows(_MARK, _columns(marks)):
        told = found.get(row[0])
        if told is None:
            members = dict.fromkeys(row[2], 1)
            told = found[row[0]] = Changes(row[1] - 1, row[1], [], [], members)
        told.marks.append(MemberMark(*row[3:]))
    return found


def signals_of_marks(changes: Mapping[int, Changes]) -> list[signals.Signal]:
    """To the threads; and to the lists of those who have read."""
    told = [signals.Signal(f"conversation:{one}", found.change) for one, found in changes.items()]
    return told + [
        signals.Signal(f"person:{mark.user_id}:inbox", one)
        for one, found in changes.items()
        for mark in found.marks
    ]


async def mark_read(tx: Tx, me: Actor, conversation_id: int, number: int) -> None:
    """Read up to a number; never back. Raises NotFound (not a member)."""
    await lock(tx, me, conversation_id)
    one = Mark(me.require_person(), conversation_id, read=number)
    for row in await tx.db.execute(direct.as_text(_MARK), _columns([one])):
        tx.signal(f"conversation:{row[0]}", row[1])
        tx.signal(f"person:{row[3]}:inbox", row[0])


def _columns(marks: Collection[Mark]) -> dict[str, list[int]]:
    return {
        "people": [one.person_id for one in marks],
        "conversations": [one.conversation_id for one in marks],
        "delivered": [one.delivered for one in marks],
        "read": [one.read for one in marks],
    }
