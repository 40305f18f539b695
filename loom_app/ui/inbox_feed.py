"""One read for all lists: whoever's conversations moved in the last moment, in one query.

Every message changes the list of two people in all their tabs. Read tab by tab that would cost more
than the message itself, so signals are gathered for a moment and answered together.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import reflex as rx
import structlog

from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.tasks import OneAtATime
from loom_app.ui import marks
from loom_app.ui.live import hub, on_closed, tab_token

log = structlog.get_logger("inbox")

READER = Actor.system_job("messaging.hub")
# long enough for the marks of a message that is read at once: one answer for both
GATHER_SECONDS, RETRY_SECONDS = 0.25, 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """What moved in one person's list: `ids` were asked for, and those without a row are no longer
    theirs. `missed` says that more may have moved, so that the list is to be read again."""

    rows: list[queries.CardRow]
    ids: frozenset[int]
    unread: int
    missed: bool


_wanted: dict[int, set[int]] = defaultdict(set)
_watchers: dict[int, set[tuple[str, Any]]] = defaultdict(set)
_whose: dict[str, int] = {}


def join(state: rx.State, person_id: int) -> bool:
    """Call the State's `_inbox(told)` when conversations of the person move; False where it hears
    already, so that it lacks nothing."""
    token, cls = tab_token(state), type(state)
    who = f"feed:{cls.__name__}"
    topic = f"person:{person_id}:inbox"
    if _whose.get(token) != person_id:
        _leave(token)
        _whose[token] = person_id
    known = (token, cls) in _watchers[person_id] and hub.watches(token, who, topic)
    _watchers[person_id].add((token, cls))
    if not known:
        hub.watch(token, who, [topic], _hear)
    return not known


def _leave(token: str) -> None:
    person_id = _whose.pop(token, 0)
    left = {one for one in _watchers.get(person_id, ()) if one[0] != token}
    if left:
        _watchers[person_id] = left
    else:
        _watchers.pop(person_id, None)


on_closed(_leave)


def _hear(_token: str, signal: Signal) -> None:
    person_id = int(signal.topic.split(":")[1])
    _wanted[person_id].add(signal.number)
    _answering.start()


async def _answer() -> None:
    while _wanted:
        await asyncio.sleep(GATHER_SECONDS)
        wanted = {one: frozenset(ids) for one, ids in _wanted.items() if one in _watchers}
        _wanted.clear()
        try:
            await _hand_out(wanted)
        except Exception:  # the database may be away; asked again
            log.exception("inbox.read_failed")
            for person_id, ids in wanted.items():
                _wanted[person_id] |= ids
            await asyncio.sleep(RETRY_SECONDS)


_answering = OneAtATime(_answer)


async def _hand_out(wanted: dict[int, frozenset[int]]) -> None:
    async with transaction(READER) as tx:
        moved = await queries.moved_conversations(tx, wanted)
        unread = await queries.unread_of(tx, frozenset(wanted))
    for person_id, ids in wanted.items():
        rows = moved.get(person_id, [])
        # number 0 is the hub's word that signals may have been lost
        told = Told(rows, ids - {0}, unread.get(person_id, 0), missed=0 in ids)
        _delivered(person_id, rows)
        for token, cls in tuple(_watchers.get(person_id, ())):
            hub.post_calmly(token, _letter(cls, told), 0)


def _delivered(person_id: int, rows: list[queries.CardRow]) -> None:
    """A message is delivered when it reaches any open tab of its reader."""
    if person_id in _watchers:
        for row in rows:
            if row.unread:
                marks.soon(person_id, row.id, delivered=row.last_number)


def _letter(cls: Any, told: Told) -> Any:
    async def letter(root: Any) -> None:
        state = await root.get_state(cls)
        await state._inbox(told)  # noqa: SLF001 - hidden from sockets

    return letter
