"""Who is typing where: said, shown for three seconds and forgotten; never saved.

The signal `typing:<conversation>` carries a person's id, or its negative when they stopped.
"""

import asyncio
from collections.abc import Callable

from loom_app.kit.realtime import signals
from loom_app.kit.realtime.signals import Signal

# longer than the browser's two seconds between two words of the same typing, so it never flickers
SHOWN_SECONDS = 3.0

_said: dict[tuple[int, int], float] = {}


def topic(conversation_id: int) -> str:
    return f"typing:{conversation_id}"


def say(conversation_id: int, person_id: int) -> None:
    """The person, who may, pressed a key there a moment ago."""
    now = asyncio.get_running_loop().time()
    if len(_said) > 10_000:
        for key in [key for key, until in _said.items() if until < now]:
            del _said[key]
    _said[conversation_id, person_id] = now + SHOWN_SECONDS
    signals.publish([Signal(topic(conversation_id), person_id)])


def stop(conversation_id: int, person_id: int) -> None:
    """They sent it, or went away; nothing where they had not typed."""
    until = _said.pop((conversation_id, person_id), 0.0)
    if until > asyncio.get_running_loop().time():
        signals.publish([Signal(topic(conversation_id), -person_id)])


class Typers:
    """Who types now, by conversation; `changed(conversation)` is called when that is others."""

    def __init__(self, changed: Callable[[int], None]) -> None:
        self._changed = changed
        self._until: dict[int, dict[int, float]] = {}

    def of(self, conversation_id: int) -> list[int]:
        """In the order in which they began."""
        return list(self._until.get(conversation_id, ()))

    def heard(self, signal: Signal) -> None:
        """A signal of the topic; hearing it several times is hearing it once."""
        conversation_id, person_id = int(signal.topic.partition(":")[2]), signal.number
        if person_id < 0:
            self._drop(conversation_id, -person_id)
        elif person_id:
            loop = asyncio.get_running_loop()
            people = self._until.setdefault(conversation_id, {})
            begins = person_id not in people
            people[person_id] = loop.time() + SHOWN_SECONDS
            if begins:
                loop.call_later(SHOWN_SECONDS, self._look, conversation_id, person_id)
                self._changed(conversation_id)

    def _look(self, conversation_id: int, person_id: int) -> None:
        until = self._until.get(conversation_id, {}).get(person_id)
        if until is None:
            return
        loop = asyncio.get_running_loop()
        if until > loop.time() + 0.01:
            loop.call_at(until, self._look, conversation_id, person_id)
        else:
            self._drop(conversation_id, person_id)

    def _drop(self, conversation_id: int, person_id: int) -> None:
        people = self._until.get(conversation_id, {})
        if people.pop(person_id, None) is not None:
            if not people:
                del self._until[conversation_id]
            self._changed(conversation_id)
