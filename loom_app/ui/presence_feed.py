"""One read for all who watch somebody: who came, went or hid in the last moment, in one query.

Everybody's coming and going concerns many tabs, and each may know something else of it. Asked tab
by tab a thousand reconnecting people would be a storm, so changes are gathered and judged together.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import reflex as rx
import structlog

from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import PresenceView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import presence
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.tasks import OneAtATime
from loom_app.ui.live import hub, on_closed, tab_token

log = structlog.get_logger("presence")

READER = Actor.system_job("messaging.hub")
GATHER_SECONDS, RETRY_SECONDS = 0.5, 1.0
AT_ONCE = 5000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Watch:
    viewer: int
    people: frozenset[int]
    state: Any


_watches: dict[Key, _Watch] = {}
_changed: dict[Key, set[int]] = defaultdict(set)
_of_tab: dict[str, set[Key]] = defaultdict(set)


def join(state: rx.State, viewer_id: int, people: Collection[int]) -> None:
    """Call the State's `_presence(seen: dict[int, PresenceView])` when one of these people comes,
    goes, idles, hides, or when the viewer hides or a block changes; replaces the former people.

    It brings changes only; what is so now is `messaging.queries.presence_of`, read after joining.
    """
    token, cls = tab_token(state), type(state)
    key = (token, cls.__name__)
    _watches[key] = _Watch(viewer_id, frozenset(people), cls)
    _of_tab[token].add(key)
    topics = {f"person:{viewer_id}:presence", f"person:{viewer_id}:blocks"}
    for person_id in people:
        topics |= {presence.topic(person_id), f"person:{person_id}:presence"}

    def hear(_token: str, signal: Signal) -> None:
        person_id = int(signal.topic.split(":")[1])
        watch = _watches.get(key)
        if watch is not None:
            _note(key, {person_id} if person_id in watch.people else watch.people)

    hub.watch(token, f"presence:{cls.__name__}", topics, hear)


def leave(state: rx.State) -> None:
    """The State watches nobody any more."""
    token, name = tab_token(state), type(state).__name__
    _forget((token, name))
    hub.unwatch(token, f"presence:{name}")


def _forget(key: Key) -> None:
    _watches.pop(key, None)
    _changed.pop(key, None)
    _of_tab[key[0]].discard(key)
    if not _of_tab[key[0]]:
        del _of_tab[key[0]]


def _closed(token: str) -> None:
    for key in list(_of_tab.get(token, ())):
        _forget(key)


on_closed(_closed)


def _note(key: Key, people: Collection[int]) -> None:
    _changed[key].update(people)
    _answering.start()


async def _answer() -> None:
    while _changed:
        await asyncio.sleep(GATHER_SECONDS)
        asked: dict[Key, set[int]] = {}
        for key in list(_changed):
            asked[key] = _changed.pop(key)
            if sum(map(len, asked.values())) > AT_ONCE:
                break
        try:
            await _hand_out(asked)
        except Exception:  # the database may be away; asked again
            log.exception("presence.read_failed")
            for key in asked.keys() & _watches.keys():
                _changed[key] |= asked[key]
            await asyncio.sleep(RETRY_SECONDS)


_answering = OneAtATime(_answer)


async def _hand_out(asked: dict[Key, set[int]]) -> None:
    known = {key: _watches[key] for key in asked if key in _watches}
    pairs = {(known[key].viewer, person) for key in known for person in asked[key]}
    async with transaction(READER) as tx:
        seen = await queries.presence_of_pairs(tx, pairs)
    for key, watch in known.items():
        if hub.is_known(key[0]):
            found = {person: seen[watch.viewer, person] for person in asked[key] & watch.people}
            hub.post(key[0], _letter(watch.state, found))
        else:
            _forget(key)


def _letter(cls: Any, seen: dict[int, PresenceView]) -> Any:
    async def letter(root: Any) -> None:
        state = await root.get_state(cls)
        await state._presence(seen)  # noqa: SLF001 - hidden from sockets

    return letter
