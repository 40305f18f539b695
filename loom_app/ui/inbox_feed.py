"""One read for all lists: whoever's conversations moved in the last moment, in one query.

Every message changes the list of two people in all their tabs. Read tab by tab that would cost more
than the message itself, so signals are gathered for a moment and answered together.
"""

import asyncio
from collections import defaultdict
from typing import Any

import reflex as rx
import structlog

from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.ui.live import hub, tab_token

log = structlog.get_logger("inbox")

READER = Actor.system_job("messaging.hub")
GATHER_SECONDS = 0.15

_wanted: dict[int, set[int]] = defaultdict(set)
_watchers: dict[int, set[tuple[str, Any]]] = defaultdict(set)
_tasks: set[asyncio.Task[None]] = set()


def join(state: rx.State, person_id: int) -> None:
    """Call the State's `_inbox(rows, unread)` when conversations of the person move."""
    token, cls = tab_token(state), type(state)
    # tabs that closed while nothing moved are dropped here
    open_ones = {one for one in _watchers[person_id] if hub.is_known(one[0])}
    _watchers[person_id] = {*open_ones, (token, cls)}
    hub.watch(token, f"feed:{cls.__name__}", [f"person:{person_id}:inbox"], _hear)


def _hear(_token: str, signal: Signal) -> None:
    person_id = int(signal.topic.split(":")[1])
    if not _wanted:
        task = asyncio.get_running_loop().create_task(_answer())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    _wanted[person_id].add(signal.number)


async def _answer() -> None:
    await asyncio.sleep(GATHER_SECONDS)
    wanted = {person_id: frozenset(ids) for person_id, ids in _wanted.items()}
    _wanted.clear()
    try:
        async with transaction(READER) as tx:
            moved = await queries.moved_conversations(tx, wanted)
            unread = await queries.unread_of(tx, frozenset(wanted))
    except Exception:
        log.exception("inbox.read_failed")
        return
    for person_id in wanted:
        for token, cls in tuple(_watchers.get(person_id, ())):
            if hub.is_known(token):
                hub.post(token, _letter(cls, moved.get(person_id, []), unread.get(person_id, 0)))
            else:
                _watchers[person_id].discard((token, cls))
        if not _watchers.get(person_id):
            _watchers.pop(person_id, None)


def _letter(cls: Any, rows: list[queries.CardRow], unread: int) -> Any:
    async def letter(root: Any) -> None:
        state = await root.get_state(cls)
        await state._inbox(rows, unread)  # noqa: SLF001 - hidden from sockets

    return letter
