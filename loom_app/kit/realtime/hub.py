"""Per-tab mailboxes: a busy tab delays nobody, and bursts coalesce into one visit of the tab.

The hub knows topics, tab tokens and callables; how a tab's state is reached is the UI's to give.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from loom_app.kit.realtime.signals import Signal

log = structlog.get_logger("hub")

Letter = Callable[[Any], Awaitable[None]]
Deliver = Callable[[str, Callable[[], list[Letter]]], Awaitable[None]]
Watcher = Callable[[str, Signal], None]


class Hub:
    """Topics → tabs. `deliver(token, take)` opens a tab once and runs what `take` returns."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._watching: dict[str, dict[str, Watcher]] = defaultdict(dict)
        self._topics: dict[str, set[str]] = defaultdict(set)
        self._boxes: dict[str, list[Letter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self, topic: str, token: str, watcher: Watcher) -> None:
        """The tab hears of the topic from now on; watching twice replaces."""
        self._watching[topic][token] = watcher
        self._topics[token].add(topic)

    def unwatch(self, token: str, prefix: str = "") -> None:
        """The tab stops hearing of topics with this prefix; of all, by default."""
        for topic in [topic for topic in self._topics.get(token, ()) if topic.startswith(prefix)]:
            self._topics[token].discard(topic)
            self._watching[topic].pop(token, None)
            if not self._watching[topic]:
                del self._watching[topic]
        if not self._topics.get(token):
            self._topics.pop(token, None)

    def forget(self, token: str) -> None:
        """The tab is gone."""
        self.unwatch(token)

    def watchers(self, topic: str) -> list[str]:
        return list(self._watching.get(topic, ()))

    def hear(self, signal: Signal) -> None:
        """Tell every tab that watches the topic; never blocks, never raises."""
        for token, watcher in list(self._watching.get(signal.topic, {}).items()):
            try:
                watcher(token, signal)
            except Exception:
                log.exception("hub.watcher_failed", topic=signal.topic)

    def post(self, token: str, letter: Letter) -> None:
        """Put a letter in the tab's box; one task empties the box."""
        box = self._boxes.get(token)
        if box is not None:
            box.append(letter)
            return
        self._boxes[token] = [letter]
        task = asyncio.get_running_loop().create_task(self._drain(token))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, token: str) -> None:
        def take() -> list[Letter]:
            letters, self._boxes[token] = self._boxes[token], []
            return letters

        try:
            while self._boxes[token]:
                await self._deliver(token, take)
        except Exception:
            log.exception("hub.delivery_failed")
        finally:
            self._boxes.pop(token, None)
