"""Who is here: counted from open tabs of this process, never saved row by row.

A person is online while any tab is active, away while all are idle, and gone when the last one
closes. Nothing outlives the process, so a crash leaves nobody online.
"""

from collections import defaultdict
from typing import Literal

from loom_app.kit.realtime import signals

Presence = Literal["online", "away", "offline"]

_tabs: dict[int, dict[str, bool]] = defaultdict(dict)


def arrived(person_id: int, token: str) -> None:
    """A tab of the person opened."""
    _change(person_id, token, active=True)


def active(person_id: int, token: str, *, is_active: bool) -> None:
    """A known tab was used again, or left idle."""
    if token in _tabs.get(person_id, {}):
        _change(person_id, token, active=is_active)


def left(person_id: int, token: str) -> None:
    """A tab closed."""
    before = of(person_id)
    tabs = _tabs.get(person_id)
    if tabs is not None:
        tabs.pop(token, None)
        if not tabs:
            del _tabs[person_id]
    _tell(person_id, before)


def of(person_id: int) -> Presence:
    tabs = _tabs.get(person_id)
    if not tabs:
        return "offline"
    return "online" if any(tabs.values()) else "away"


def everyone_here() -> list[int]:
    return list(_tabs)


def topic(person_id: int) -> str:
    return f"presence:{person_id}"


def _change(person_id: int, token: str, *, active: bool) -> None:
    before = of(person_id)
    _tabs[person_id][token] = active
    _tell(person_id, before)


def _tell(person_id: int, before: Presence) -> None:
    if of(person_id) != before:
        signals.publish([signals.Signal(topic(person_id))])
