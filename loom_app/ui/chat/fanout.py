"""One read per process and conversation, handed to every tab that has it open.

A signal says "conversation 42 reached change 108". What came after the oldest change that any of
its tabs has seen is read once, and each tab takes what it lacks. A tab that is no member any more
gets nothing, whatever it watches.
"""

import asyncio
from collections import defaultdict
from typing import Any

import structlog

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.realtime.signals import Signal
from loom_app.ui.live import hub

log = structlog.get_logger("chat")

READER = Actor.system_job("messaging.hub")
READ_PAUSE = 0.2


class Fanout:
    """Who has which conversation open, and how far each tab has seen."""

    def __init__(self, state_class: Any) -> None:
        self._state = state_class
        self._seen: dict[int, dict[str, int]] = defaultdict(dict)
        self._shown: dict[str, int] = {}
        self._dirty: set[int] = set()
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, token: str, conversation_id: int, change: int) -> None:
        """The tab shows the conversation as of a change; it hears of later ones."""
        self.close(token)
        self._seen[conversation_id][token] = change
        self._shown[token] = conversation_id
        topic = f"conversation:{conversation_id}"
        hub.watch(token, "fanout", [topic], self._hear)
        self._hear(token, Signal(topic))  # what came between the tab's read and now

    def close(self, token: str) -> None:
        if token in self._shown:
            self._forget(self._shown[token], token)
        hub.unwatch(token, "fanout")

    def saw(self, token: str, conversation_id: int, change: int) -> None:
        tabs = self._seen.get(conversation_id, {})
        if token in tabs:
            tabs[token] = max(tabs[token], change)

    def _forget(self, conversation_id: int, token: str) -> None:
        tabs = self._seen.get(conversation_id, {})
        tabs.pop(token, None)
        if self._shown.get(token) == conversation_id:
            del self._shown[token]
        if not tabs:
            self._seen.pop(conversation_id, None)

    def _hear(self, _token: str, signal: Signal) -> None:
        conversation_id = int(signal.topic.partition(":")[2])
        self._dirty.add(conversation_id)
        if conversation_id not in self._running:
            self._running.add(conversation_id)
            self._spawn(self._pump(conversation_id))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self, conversation_id: int) -> None:
        """Read and hand out until no signal came meanwhile."""
        try:
            while conversation_id in self._dirty:
                self._dirty.discard(conversation_id)
                tabs = self._seen.get(conversation_id)
                if not tabs:
                    return
                async with transaction(READER) as tx:
                    changes = await queries.changes_after(tx, conversation_id, min(tabs.values()))
                for token in list(tabs):
                    if hub.is_known(token):
                        self._hand(token, conversation_id, changes)
                    else:
                        self._forget(conversation_id, token)
        except Exception:
            log.exception("chat.fanout_failed")
        finally:
            self._running.discard(conversation_id)
        if conversation_id in self._dirty:
            self._hear("", Signal(f"conversation:{conversation_id}"))

    def _hand(self, token: str, conversation_id: int, changes: queries.Changes) -> None:
        self.saw(token, conversation_id, changes.change)

        async def letter(root: Any) -> None:
            state = await root.get_state(self._state)
            await state._take(conversation_id, changes)  # noqa: SLF001 - hidden from sockets

        hub.post(token, letter)

    def mark_soon(self, me: Actor, conversation_id: int, number: int) -> None:
        """Read up to here, outside of any tab's lock; bursts become one mark."""
        key = (me.person_id, conversation_id)
        waiting = key in _marks
        _marks[key] = max(number, _marks.get(key, 0))
        if not waiting:
            self._spawn(_mark(me, conversation_id))


_marks: dict[tuple[int | None, int], int] = {}


async def _mark(me: Actor, conversation_id: int) -> None:
    await asyncio.sleep(READ_PAUSE)
    number = _marks.pop((me.person_id, conversation_id), 0)
    try:
        async with transaction(me) as tx:
            await messaging.mark_read(tx, me, conversation_id, number)
    except DomainError:
        return  # no member any more: nothing to mark
    except Exception:
        log.exception("chat.mark_failed")
