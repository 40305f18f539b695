"""One read per process and conversation, handed to every tab that has it open.

A signal says "conversation 42 reached change 108". What came after the oldest change that any of
its tabs has seen is read once, and each tab takes what it lacks. A change that this process has
just written itself, and that follows on what its tabs have, needs no reading. A tab that is no
member any more gets nothing, whatever it watches.
"""

import asyncio
from collections import defaultdict
from typing import Any

import structlog

from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import Changes
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.tasks import spawn
from loom_app.ui.live import hub

log = structlog.get_logger("chat")

RETRY_SECONDS = 1.0
MARKS_SECONDS = 0.3  # by then the list's letter has come, and takes them along
READER = Actor.system_job("messaging.hub")


class Fanout:
    """Who has which conversation open, and how far each tab has seen."""

    def __init__(self, state_class: Any) -> None:
        self._state = state_class
        self._seen: dict[int, dict[str, int]] = defaultdict(dict)
        self._shown: dict[str, int] = {}
        self._reached: dict[int, int] = {}  # highest change signalled and not handed out; 0: look
        self._written: dict[int, dict[int, Changes]] = {}
        self._running: set[int] = set()

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

    def wrote(self, conversation_id: int, changes: Changes) -> None:
        """A change that this process committed; call it before the signal is published."""
        if conversation_id in self._seen:
            self._written.setdefault(conversation_id, {})[changes.after] = changes

    def _forget(self, conversation_id: int, token: str) -> None:
        tabs = self._seen.get(conversation_id, {})
        tabs.pop(token, None)
        if self._shown.get(token) == conversation_id:
            del self._shown[token]
        if not tabs:
            for known in (self._seen, self._reached, self._written):
                known.pop(conversation_id, None)

    def _hear(self, _token: str, signal: Signal) -> None:
        conversation_id = int(signal.topic.partition(":")[2])
        before = self._reached.get(conversation_id, signal.number)
        # a look stays a look, whatever comes after it
        self._reached[conversation_id] = max(before, signal.number) if before else 0
        if conversation_id not in self._running:
            self._running.add(conversation_id)
            spawn(self._pump(conversation_id))

    async def _pump(self, conversation_id: int) -> None:
        """Read and hand out until no signal came meanwhile."""
        try:
            while conversation_id in self._reached:
                reached = self._reached.pop(conversation_id)
                tabs = self._seen.get(conversation_id)
                if not tabs:
                    return
                for changes in await self._missing(conversation_id, min(tabs.values()), reached):
                    self._hand_all(conversation_id, changes)
        except Exception:
            log.exception("chat.fanout_failed")
            await asyncio.sleep(RETRY_SECONDS)
            if conversation_id in self._seen:
                self._reached[conversation_id] = 0
        finally:
            self._running.discard(conversation_id)
        if conversation_id in self._reached:
            self._hear("", Signal(f"conversation:{conversation_id}"))

    async def _missing(self, conversation_id: int, seen: int, reached: int) -> list[Changes]:
        """What stands between what all tabs have and what was signalled."""
        written = self._written.pop(conversation_id, {})
        if reached and seen >= reached:
            return []
        chain: list[Changes] = []
        while (at := chain[-1].change if chain else seen) in written:
            chain.append(written[at])
        if chain and chain[-1].change >= reached > 0:
            return chain
        async with transaction(READER) as tx:
            return [await queries.changes_after(tx, conversation_id, seen)]

    def _hand_all(self, conversation_id: int, changes: Changes) -> None:
        for token in list(self._seen.get(conversation_id, ())):
            if hub.is_known(token):
                self._hand(token, conversation_id, changes)
            else:
                self._forget(conversation_id, token)

    def _hand(self, token: str, conversation_id: int, changes: Changes) -> None:
        if self._seen.get(conversation_id, {}).get(token, 0) >= changes.change > changes.after:
            return
        self.saw(token, conversation_id, changes.change)

        async def letter(root: Any) -> None:
            state = await root.get_state(self._state)
            await state._take(conversation_id, changes)  # noqa: SLF001 - hidden from sockets

        if changes.messages:
            hub.post(token, letter)
        else:  # marks can wait for company
            hub.post_calmly(token, letter, MARKS_SECONDS)
