"""A signal from the hub → the tabs that watch its topic, each visited under its own lock.

Never touch another tab from inside a normal handler (two handlers would wait for each other); only
the hub's tasks do, one per tab, so a busy tab delays nobody.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

import reflex as rx
import structlog
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex_base.registry import RegistrationContext

from loom_app.kit.actor import Actor
from loom_app.kit.realtime import presence, signals
from loom_app.kit.realtime.hub import Hub, Letter

log = structlog.get_logger("live")

_people: dict[str, int] = {}


def _app() -> Any:
    return RegistrationContext.get().app


async def _deliver(token: str, take: Callable[[], list[Letter]]) -> None:
    """Open the tab's state once and run the letters; a closed tab loses them."""
    if not is_open(token):
        take()
        return
    async with _app().modify_state(rx.BaseStateToken(ident=token, cls=rx.State)) as root:
        for letter in take():
            try:
                await letter(root)
            except Exception:  # the others of this visit arrive all the same
                log.exception("live.letter_failed")


hub = Hub(_deliver)


def is_open(token: str) -> bool:
    """Whether a socket of this process holds the tab; else a visit would make state for nobody."""
    namespace = _app().event_namespace
    return namespace is not None and _is_ours(namespace._token_manager, token)  # noqa: SLF001 - token_to_sid copies all


def _is_ours(tokens: Any, token: str) -> bool:
    """With Redis the table also holds tabs of other processes."""
    record = tokens.token_to_socket.get(token)
    return record is not None and record.instance_id == tokens.instance_id


def tab_token(state: rx.State) -> str:
    """The tab's server-side token."""
    return str(state.router_data.get("token", ""))


def watch(state: rx.State, topics: Iterable[str], method: str, *, calm: float = 0) -> None:
    """Call `method` (an underscore coroutine of the State, taking the signal) when a topic signals.

    Replaces what this State of the tab watched before. The method runs under the tab's lock, so it
    may assign vars and use `acting`. `calm` waits that many seconds and then calls once, with the
    newest signal of each topic.
    """
    cls = type(state)
    waiting: dict[str, signals.Signal] = {}

    async def visit(root: rx.State, signal: signals.Signal) -> None:
        found = await root.get_state(cls)
        await getattr(found, method)(signal)

    def post(token: str, signal: signals.Signal) -> None:
        hub.post(token, lambda root: visit(root, signal))

    def later(token: str) -> None:
        for signal in waiting.values():
            post(token, signal)
        waiting.clear()

    def hear(token: str, signal: signals.Signal) -> None:
        if not calm:
            post(token, signal)
            return
        if not waiting:
            asyncio.get_running_loop().call_later(calm, later, token)
        waiting[f"{signal.topic}#{signal.number}"] = signal

    hub.watch(tab_token(state), cls.__name__, topics, hear)


def unwatch(state: rx.State) -> None:
    hub.unwatch(tab_token(state), type(state).__name__)


def note_person(state: rx.State, me: Actor) -> None:
    """The tab belongs to this person: it counts for presence while it is open."""
    token = tab_token(state)
    if me.person_id is not None and is_open(token):
        _people[token] = me.person_id
        presence.arrived(me.person_id, token)


_closers: list[Callable[[str], None]] = []


def on_closed(callback: Callable[[str], None]) -> None:
    """Call it with the token of every tab that closes, to forget what was kept for the tab."""
    _closers.append(callback)


def closed(token: str) -> None:
    """The tab's socket ended: it hears of nothing more, and nothing is kept for it."""
    _forget(token)
    _closed_at[token] = time.monotonic()
    person_id = _people.pop(token, None)
    if person_id is not None:
        presence.left(person_id, token)


def _forget(token: str) -> None:
    hub.forget(token)
    for callback in _closers:
        try:
            callback(token)
        except Exception:
            log.exception("live.closing_failed")


CLOSED_TAB_MINUTES = 10
SWEEP_SECONDS = 60.0
REFRESH_SECONDS = 3600.0

_closed_at: dict[str, float] = {}
_refreshed: dict[str, float] = {}


async def keep_states(app: rx.App) -> None:
    """Refresh the states of open tabs, so that none expires under its tab; drop those long closed.

    A state is a cache of the database and is rebuilt by on_load, so a closed tab costs memory only.
    """
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await sweep_states(app, time.monotonic())
        except Exception:  # Redis may be away; the next round tries again
            log.exception("live.sweep_failed")


async def sweep_states(app: rx.App, now: float) -> None:
    """One round of `keep_states`."""
    namespace = app.event_namespace
    if namespace is None:
        return
    tokens = namespace._token_manager  # noqa: SLF001 - as in is_open
    opened = [token for token in tokens.token_to_socket if _is_ours(tokens, token)]
    expired = _long_closed(now)
    manager: Any = app.state_manager
    if isinstance(manager, StateManagerMemory):
        for token in opened:
            await manager.get_state(rx.BaseStateToken(ident=token, cls=rx.State))
        for token in expired:
            manager._purge_token(rx.BaseStateToken(ident=token, cls=rx.State))  # noqa: SLF001 - no public way
    elif isinstance(manager, StateManagerRedis):
        await _sweep_redis(manager, tokens, opened, expired, now)


def _long_closed(now: float) -> list[str]:
    expired: list[str] = []
    for token, closed in list(_closed_at.items()):
        if is_open(token):
            del _closed_at[token]
        elif now - closed > CLOSED_TAB_MINUTES * 60:
            del _closed_at[token]
            _forget(token)  # once more: a handler may have ended after its tab
            expired.append(token)
    return expired


async def _sweep_redis(
    manager: StateManagerRedis, tokens: Any, opened: list[str], expired: list[str], now: float
) -> None:
    """Redis lets a key live from its last write; once an hour is often enough to say "still"."""
    due = [token for token in opened if now - _refreshed.get(token, 0.0) > REFRESH_SECONDS]
    gone = [token for token in expired if not await tokens.is_token_connected(token)]
    async with manager.redis.pipeline(transaction=False) as many:
        for token in due:
            _refreshed[token] = now
            for key in _keys_of(token):
                many.expire(key, manager.token_expiration)
        for token in gone:
            many.delete(*_keys_of(token))
        await many.execute()
    for token in expired:
        _refreshed.pop(token, None)


def _keys_of(token: str) -> list[str]:
    made = rx.BaseStateToken(ident=token, cls=rx.State)
    return [made._state_key(cls) for cls in _classes(rx.State)]  # noqa: SLF001 - no public way


def _classes(cls: type[rx.State]) -> list[type[rx.State]]:
    return [cls, *(deep for sub in cls.get_substates() for deep in _classes(sub))]


def install(app: rx.App) -> None:
    """Hook the end of a socket once, and listen to this process's signals."""
    namespace = app.event_namespace
    assert namespace is not None  # noqa: S101 - made with the app
    disconnect = namespace.on_disconnect

    def on_disconnect(sid: str, *rest: Any) -> Any:
        token = namespace.sid_to_token.get(sid)
        if token:
            closed(token)
        return disconnect(sid)

    namespace.on_disconnect = on_disconnect
    signals.listen(hub.hear)
    signals.on_missed(hub.catch_up)
