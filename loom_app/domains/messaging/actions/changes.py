"""What every write to a conversation has in common: the row's lock, membership, a change number.

Changes are what tabs catch up by. Whoever changes something that people see takes the lock first,
so that two writers never give the same number, and stamps the rows that it touched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.messaging.errors import Blocked
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

_LOCK = text(
    "SELECT kind, owner_id, message_count, change_count FROM conversations WHERE id = :c FOR UPDATE"
)
_MEMBERS = text("SELECT user_id, first_number FROM conversation_members WHERE conversation_id = :c")
_BLOCKED = text(
    "SELECT 1 FROM blocks WHERE blocker_id = ANY(CAST(:people AS bigint[]))"
    " AND blocked_id = ANY(CAST(:people AS bigint[])) LIMIT 1"
)
_COUNT = text(
    "UPDATE conversations SET change_count = change_count + :n WHERE id = :c RETURNING change_count"
)
_STAMP = text(
    "UPDATE messages SET change = s.change FROM unnest(CAST(:ids AS bigint[]),"
    " CAST(:changes AS bigint[])) AS s (id, change) WHERE messages.id = s.id"
)


@dataclass(frozen=True, slots=True)
class Locked:
    """A conversation whose row this transaction holds; `members` maps people to the first number
    that they may see."""

    id: int
    kind: str
    owner_id: int | None
    message_count: int
    change_count: int
    members: Mapping[int, int]


async def lock(tx: Tx, me: Actor, conversation_id: int, *, writing: bool = False) -> Locked:
    """Hold the conversation until the end of the transaction.

    `writing` also asks whether one of a pair has blocked the other. Raises NotFound (no such
    conversation, or not a member), Blocked.
    """
    mine = me.require_person()
    async with tx.acting_as_system("messaging.lock"):
        found = await hold(tx, conversation_id)
        if found is None or mine not in found.members:
            raise NotFound
        if writing and found.kind == "pair":
            people = sorted(found.members)
            if await tx.db.scalar(_BLOCKED, {"people": people}) is not None:
                raise Blocked
    return found


async def hold(tx: Tx, conversation_id: int) -> Locked | None:
    """The lock alone, for system actors of messaging."""
    row = (await tx.db.execute(_LOCK, {"c": conversation_id})).first()
    if row is None:
        return None
    members = await tx.db.execute(_MEMBERS, {"c": conversation_id})
    return Locked(conversation_id, *row, members={one[0]: one[1] for one in members})


async def changed(tx: Tx, locked: Locked, message_ids: Iterable[int] = ()) -> int:
    """Give each message a change of its own (or the conversation one), and say so after the commit.

    Acts as a system actor of messaging; returns the last change number.
    """
    ids = list(message_ids)
    last = await tx.db.scalar(_COUNT, {"c": locked.id, "n": max(1, len(ids))})
    assert last is not None  # noqa: S101 - the row is held
    if ids:
        changes = list(range(last - len(ids) + 1, last + 1))
        await tx.db.execute(_STAMP, {"ids": ids, "changes": changes})
    tell(tx, locked.id, last, locked.members)
    return last


def tell(tx: Tx, conversation_id: int, change: int, members: Iterable[int]) -> None:
    """To the open threads, and to the lists of all members, with the conversation's id."""
    tx.signal(f"conversation:{conversation_id}", change)
    for user_id in members:
        tx.signal(f"person:{user_id}:inbox", conversation_id)
