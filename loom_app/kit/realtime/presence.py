"""Who is here: counted from open tabs, never saved move by move.

A person is online while any tab is in use, away while all are idle, and gone when the last one
closes. Each process counts its own tabs and tells the others only when its own answer changes; what
a process said is forgotten when it ends, so a crash leaves nobody online.

Who may see whom is not decided here but where somebody looks (`messaging.queries.presence_of`).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from loom_app.kit import clock
from loom_app.kit.realtime import signals
from loom_app.kit.realtime.signals import Signal

Presence = Literal["online", "away", "offline"]

WORDS: tuple[Presence, ...] = ("offline", "away", "online")
OFFLINE, AWAY, ONLINE = range(3)

_tabs: dict[int, dict[str, bool]] = defaultdict(dict)
_elsewhere: dict[str, dict[int, int]] = {}
_departed: dict[int, datetime] = {}
_gone: dict[int, datetime] = {}
GONE_MAX = 20_000


def arrived(person_id: int, token: str) -> None:
    """A tab of the person opened."""
    _change(person_id, token, active=True)


def active(person_id: int, token: str, *, is_active: bool) -> None:
    """A known tab was used again, or left idle."""
    if token in _tabs.get(person_id, {}):
        _change(person_id, token, active=is_active)


def left(person_id: int, token: str) -> None:
    """A tab closed."""
    if token in _tabs.get(person_id, {}):
        _change(person_id, token, active=None)


def of(person_id: int) -> Presence:
    return WORDS[_of(person_id)]


def gone_at(person_id: int) -> datetime | None:
    """When this process saw the person leave: known before it is written down."""
    return _gone.get(person_id)


def everyone_here() -> list[int]:
    """Whoever has a tab open in this process."""
    return list(_tabs)


def take_departed() -> dict[int, datetime]:
    """Who left this process since the last call, and when."""
    gone = dict(_departed)
    _departed.clear()
    return gone


def topic(person_id: int) -> str:
    return f"presence:{person_id}"


# what processes tell each other


def mine() -> list[Signal]:
    """What this process counts, for one that has just come."""
    return [Signal(topic(person_id), _own(person_id)) for person_id in _tabs]


def heard(process: str, signal: Signal) -> None:
    """Another process counts differently now."""
    person_id = int(signal.topic.partition(":")[2])
    before = _of(person_id)
    _note(process, person_id, signal.number)
    _went(person_id, before)
    _tell(person_id, before)


def heard_all(process: str, told: Iterable[Signal]) -> None:
    """Everything that another process counts, in place of what it said before."""
    now = {int(signal.topic.partition(":")[2]): signal.number for signal in told}
    people = {*now, *_elsewhere.get(process, {})}
    before = {person_id: _of(person_id) for person_id in people}
    _elsewhere[process] = now
    for person_id, code in before.items():
        _tell(person_id, code)


def people_of(process: str) -> set[int]:
    """Whom another process last said to have."""
    return set(_elsewhere.get(process, ()))


def lost(process: str) -> None:
    """Another process ended, and with it what it counted."""
    heard_all(process, ())
    _elsewhere.pop(process, None)


def _note(process: str, person_id: int, code: int) -> None:
    people = _elsewhere.setdefault(process, {})
    if code == OFFLINE:
        people.pop(person_id, None)
    else:
        people[person_id] = code


def _own(person_id: int) -> int:
    tabs = _tabs.get(person_id)
    if not tabs:
        return OFFLINE
    return ONLINE if any(tabs.values()) else AWAY


def _of(person_id: int) -> int:
    return max(
        _own(person_id), *(people.get(person_id, OFFLINE) for people in _elsewhere.values()), 0
    )


def _change(person_id: int, token: str, *, active: bool | None) -> None:
    own, before = _own(person_id), _of(person_id)
    if active is not None:
        _tabs[person_id][token] = active
        _departed.pop(person_id, None)
    else:
        _tabs[person_id].pop(token, None)
        if not _tabs[person_id]:
            del _tabs[person_id]
            _departed[person_id] = clock.now()
    if _own(person_id) != own:
        signals.forward([Signal(topic(person_id), _own(person_id))])
    _went(person_id, before)
    _tell(person_id, before)


def _went(person_id: int, before: int) -> None:
    if _of(person_id) != OFFLINE:
        _gone.pop(person_id, None)
    elif before != OFFLINE:
        _gone[person_id] = clock.now()
        if len(_gone) > GONE_MAX:  # by now it is written down
            del _gone[next(iter(_gone))]


def _tell(person_id: int, before: int) -> None:
    if _of(person_id) != before:
        signals.deliver([Signal(topic(person_id), _of(person_id))])
