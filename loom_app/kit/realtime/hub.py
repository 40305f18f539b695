"""Per-tab mailboxes: a busy tab delays nobody, and bursts coalesce into one visit of the tab.

The hub knows topics, tab tokens and callables; how a tab's state is reached is the UI's to give.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any

import structlog

from loom_app.kit.realtime.signals import Signal
from loom_app.kit.tasks import OneAtATime, spawn

log = structlog.get_logger("hub")

SLICE, SLICE_SECONDS = 100, 0.05
PACE_SECONDS, PACE_BACKLOG = 0.002, 40

Letter = Callable[[Any], Awaitable[None]]
Deliver = Callable[[str, Callable[[], list[Letter]]], Awaitable[None]]
Watcher = Callable[[str, Signal], None]


class Hub:
    """Topics → tabs. `deliver(token, take)` opens a tab once and runs what `take` returns."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._watching: dict[str, dict[tuple[str, str], Watcher]] = defaultdict(dict)
        self._topics: dict[str, dict[str, set[str]]] = defaultdict(dict)
        self._boxes: dict[str, list[Letter]] = {}
        self._calm: dict[str, list[Letter]] = {}
        self._ripe: deque[str] = deque()
        self._pacing = OneAtATime(self._pace)
        self._unhealed: dict[str, None] = {}
        self._healing = OneAtATime(self._heal)

    def watch(self, token: str, who: str, topics: Iterable[str], watcher: Watcher) -> None:
        """The tab's `who` hears of exactly these topics from now on."""
        self.unwatch(token, who)
        wanted = set(topics)
        for topic in wanted:
            self._watching[topic][token, who] = watcher
        if wanted:
            self._topics[token][who] = wanted

    def unwatch(self, token: str, who: str) -> None:
        """The tab's `who` hears of nothing more."""
        for topic in self._topics.get(token, {}).pop(who, set()):
            self._watching[topic].pop((token, who), None)
            if not self._watching[topic]:
                del self._watching[topic]
        if not self._topics.get(token):
            self._topics.pop(token, None)

    def is_known(self, token: str) -> bool:
        """Whether the tab watches anything; a closed one does not."""
        return token in self._topics

    def watches(self, token: str, who: str, topic: str) -> bool:
        """Whether the tab's `who` hears of the topic."""
        return topic in self._topics.get(token, {}).get(who, ())

    def forget(self, token: str) -> None:
        """The tab is gone."""
        for who in list(self._topics.get(token, ())):
            self.unwatch(token, who)

    def hear(self, signal: Signal) -> None:
        """Tell every tab that watches the topic; never blocks, never raises."""
        for (token, _), watcher in list(self._watching.get(signal.topic, {}).items()):
            try:
                watcher(token, signal)
            except Exception:
                log.exception("hub.watcher_failed", topic=signal.topic)

    def catch_up(self) -> None:
        """Signals may have been missed: every watcher reads again, a slice of topics at a time, the
        open conversations first. Said again meanwhile, it begins anew and does nothing twice."""
        first = sorted(self._watching, key=lambda topic: not topic.startswith("conversation:"))
        self._unhealed = dict.fromkeys(first)
        self._healing.start()

    async def _heal(self) -> None:
        while self._unhealed:
            for topic in list(islice(self._unhealed, SLICE)):
                del self._unhealed[topic]
                self.hear(Signal(topic))
            await asyncio.sleep(SLICE_SECONDS)

    def post(self, token: str, letter: Letter) -> None:
        """Put a letter in the tab's box; one task empties the box."""
        box = self._boxes.get(token)
        if box is not None:
            box.append(letter)
            return
        self._boxes[token] = [letter]
        spawn(self._drain(token))

    def post_calmly(self, token: str, letter: Letter, seconds: float) -> None:
        """A letter that can wait: it goes with the next one, or alone after this time.

        A visit costs more than what it brings, so what nobody waits for comes together, and never
        many visits at once: what somebody does wait for gets in between.
        """
        waiting = self._calm.setdefault(token, [])
        waiting.append(letter)
        if not seconds:
            self._ripen(token)
        elif len(waiting) == 1:
            asyncio.get_running_loop().call_later(seconds, self._ripen, token)

    def _ripen(self, token: str) -> None:
        self._ripe.append(token)
        self._pacing.start()

    async def _pace(self) -> None:
        while self._ripe:
            for _ in range(1 + len(self._ripe) // PACE_BACKLOG):
                token = self._ripe.popleft()
                for letter in self._calm.pop(token, ()):
                    self.post(token, letter)
            await asyncio.sleep(PACE_SECONDS)

    async def _drain(self, token: str) -> None:
        def take() -> list[Letter]:
            letters, self._boxes[token] = self._boxes[token], []
            return letters + self._calm.pop(token, [])

        try:
            while self._boxes[token]:
                await self._deliver(token, take)
        except Exception:
            log.exception("hub.delivery_failed")
        finally:
            self._boxes.pop(token, None)
