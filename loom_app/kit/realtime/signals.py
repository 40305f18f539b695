"""What a commit tells the process: a topic and a number, sent only after the commit.

A wrongly addressed signal leaks a number, never a text; a missed one heals at the next, since the
reader asks "what after n?".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    topic: str
    number: int = 0


Listener = Callable[[Signal], None]

_listeners: list[Listener] = []
_wakers: list[Callable[[], None]] = []


def listen(listener: Listener) -> Callable[[], None]:
    """Call the listener for every signal of this process; returns how to stop."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def on_work(waker: Callable[[], None]) -> Callable[[], None]:
    """Call the waker when a commit left work in the outbox; returns how to stop."""
    _wakers.append(waker)
    return lambda: _wakers.remove(waker)


def publish(signals: Sequence[Signal]) -> None:
    """Each topic once, with its highest number."""
    latest: dict[str, int] = {}
    for signal in signals:
        latest[signal.topic] = max(signal.number, latest.get(signal.topic, 0))
    for topic, number in latest.items():
        for listener in tuple(_listeners):
            listener(Signal(topic, number))


def wake_worker() -> None:
    for waker in tuple(_wakers):
        waker()
