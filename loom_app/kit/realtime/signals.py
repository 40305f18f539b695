"""What a commit tells: a topic and a number, sent only after the commit.

Listeners of this process hear at once. The bus, when other processes live, carries the same to
theirs. A wrongly addressed signal leaks a number, never a text; a missed one heals at the next,
since the reader asks "what after n?".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    topic: str
    number: int = 0


Listener = Callable[[Signal], None]
Carrier = Callable[[Iterable[Signal]], None]

_listeners: list[Listener] = []
_wakers: list[Callable[[], None]] = []
_carriers: list[Carrier] = []
_healers: list[Callable[[], None]] = []


NAMING = (":inbox", ":drafts", ":scheduled")


def key(signal: Signal) -> str:
    """What of several signals is one: most numbers grow, so the highest says it all.

    The number of an inbox, of drafts and of what is scheduled names a conversation and that of
    typing a person, so each counts.
    """
    naming = signal.topic.endswith(NAMING) or signal.topic.startswith("typing:")
    return f"{signal.topic}#{signal.number}" if naming else signal.topic


def listen(listener: Listener) -> Callable[[], None]:
    """Call the listener for every signal that reaches this process; returns how to stop."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def carry(carrier: Carrier) -> Callable[[], None]:
    """Hand what is published here to other processes as well; returns how to stop."""
    _carriers.append(carrier)
    return lambda: _carriers.remove(carrier)


def on_missed(healer: Callable[[], None]) -> Callable[[], None]:
    """Call the healer when signals of other processes may have been missed; returns how to stop."""
    _healers.append(healer)
    return lambda: _healers.remove(healer)


def on_work(waker: Callable[[], None]) -> Callable[[], None]:
    """Call the waker when a commit left work in the outbox; returns how to stop."""
    _wakers.append(waker)
    return lambda: _wakers.remove(waker)


def publish(signals: Sequence[Signal]) -> None:
    """Each topic once, with its highest number: to this process now, to others right after."""
    latest: dict[str, Signal] = {}
    for signal in signals:
        name = key(signal)
        if name not in latest or latest[name].number < signal.number:
            latest[name] = signal
    deliver(latest.values())
    forward(latest.values())


def deliver(signals: Iterable[Signal]) -> None:
    """To the listeners of this process only."""
    for signal in signals:
        for listener in tuple(_listeners):
            listener(signal)


def forward(signals: Iterable[Signal]) -> None:
    """To other processes only, if any live."""
    for carrier in tuple(_carriers):
        carrier(signals)


def wake_worker() -> None:
    for waker in tuple(_wakers):
        waker()


def missed() -> None:
    """Signals of others may be lost: whoever watches something reads it again."""
    for healer in tuple(_healers):
        healer()
