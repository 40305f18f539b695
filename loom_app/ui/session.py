"""Who is behind a tab, and the three beats of every handler.

The gate in front of Reflex resolves the cookie at the handshake and writes the sign-in's record id
and the visitor's digest into headers that a browser cannot set. Here they become an Actor for
every event, out of a memory that is checked against the database every two seconds, all at once.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import reflex as rx
import structlog

from loom_app.domains.accounts import actions as account_actions
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications import centre
from loom_app.domains.privacy import queries as privacy
from loom_app.kit import clock, metrics, tracing
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError, TooMany
from loom_app.kit.i18n import times
from loom_app.kit.realtime import presence, signals
from loom_app.kit.security import limits
from loom_app.kit.security.headers import SESSION_HEADER, VISITOR_HEADER
from loom_app.kit.security.tokens import seal
from loom_app.kit.text import t
from loom_app.ui import inbox_feed, live, marks, problems

CHECK_SECONDS = 2.0
REMEMBERED_SECONDS = 600.0
TAB_LETTERS = 8  # of a tab's token: enough to find its lines in the log
_NOBODY = Actor()
SESSION_JOB = Actor.system_job("accounts.session")

log = structlog.get_logger("session")

F = TypeVar("F", bound=Callable[..., Any])

_actors: dict[int, tuple[float, Actor]] = {}
_used: set[int] = set()


def public(handler: F) -> F:
    """Mark a handler that visitors may call; everything else needs a signed-in person."""
    handler.__loom_public__ = True  # type: ignore[attr-defined]
    return handler


def headers_of(router_data: dict[str, Any]) -> tuple[int | None, str | None]:
    """The sign-in's record id and the visitor's digest, as the gate wrote them."""
    headers = router_data.get("headers", {})
    session = headers.get(SESSION_HEADER, "")
    return (int(session) if session.isdecimal() else None), headers.get(VISITOR_HEADER) or None


async def actor_of(router_data: dict[str, Any]) -> Actor:
    """The person behind the tab, or a visitor."""
    session_id, visitor = headers_of(router_data)
    person = await person_of(session_id) if session_id else None
    if person is None:
        ip = str(router_data.get("ip", ""))
        return Actor(visitor=visitor, network=ip, address=seal(limits.place(ip), "address"))
    return replace(person, visitor=visitor)


async def person_of(session_id: int) -> Actor | None:
    """The person of a live sign-in, as of at most CHECK_SECONDS ago."""
    now = time.monotonic()
    known = _actors.get(session_id)
    if known and known[0] > now:
        _used.add(session_id)
        return known[1]
    async with transaction(SESSION_JOB) as tx:
        person = await accounts.person_of_session(tx, session_id)
    if len(_actors) > 50_000:
        _actors.clear()
    if person is not None:
        _used.add(session_id)
        _actors[session_id] = (now + REMEMBERED_SECONDS, person)
    return person


async def check_sessions() -> None:
    """Every two seconds: sign-ins that ended anywhere end here, tabs and sockets included."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            await check_once()
        except Exception:  # the database may be away; the next round tries again
            log.exception("session.check_failed")


async def check_once() -> None:
    """One round: one query for all remembered sign-ins, one update for those in use."""
    used, remembered = frozenset(_used), frozenset(_actors)
    _used.clear()
    async with transaction(SESSION_JOB) as tx:
        alive = await accounts.alive_sessions(tx, remembered)
        await account_actions.touch(tx, used & alive)
    signals.publish([signals.Signal(f"auth:{gone}") for gone in remembered - alive])


def forget(signal: signals.Signal) -> None:
    """Empty the cache when a sign-in ends or a profile changes."""
    kind, _, number = signal.topic.partition(":")
    if kind == "auth":
        _actors.pop(int(number), None)
    elif kind == "person" and number.endswith(":profile"):
        person_id = int(number.removesuffix(":profile"))
        for session_id, (_, actor) in list(_actors.items()):
            if actor.person_id == person_id:
                del _actors[session_id]


async def _admitted(
    state: rx.State, limit: str, use: str = "", *, nobody: bool = False, door: str = ""
) -> Actor:
    """The caller, one more use of the limit counted. Raises TooMany."""
    if door and not await limits.admit(door, str(state.router_data.get("ip", ""))):
        raise TooMany(t("Too many tries from here. Wait a while and try again."))
    me = _NOBODY if nobody else await actor_of(state.router_data)
    structlog.contextvars.bind_contextvars(who=me.label)
    if limit and not limits.allow(limit, me.label + (me.visitor or ""), use):
        raise TooMany(limits.words(limit))
    return me


@contextlib.contextmanager
def _measured() -> Generator[None]:
    """Its time and its span, by the handler's name."""
    name = str(structlog.contextvars.get_contextvars().get("handler", "beside"))
    name = name.rpartition("___")[2].lstrip("_")
    with metrics.timed(metrics.HANDLERS, name), tracing.span(f"handler {name}"):
        yield


async def _refused(
    state: rx.State, problem: DomainError, on_problem: Callable[[DomainError], None] | None
) -> None:
    if on_problem is not None and not isinstance(problem, StepUpNeeded):
        on_problem(problem)
    else:
        await problems.show_problem(state, problem)


@contextlib.asynccontextmanager
async def acting(
    state: rx.State,
    *,
    limit: str = "",
    on_problem: Callable[[DomainError], None] | None = None,
    nobody: bool = False,
    door: str = "",
) -> AsyncGenerator[tuple[Tx, Actor]]:
    """One transaction as the caller; failures become words.

    An error inside the block rolls back, is shown, and the handler goes on *after* the block, so
    assign inside it. `limit` names a limit of kit.security.limits counted for the caller: one use
    too many is shown and ends the handler (problems.Stopped). `on_problem` takes a refusal instead
    of the fields and notices. `nobody`: as somebody unknown, whoever is signed in: for a page that
    other sites show inside theirs. `door` names a limit that is counted in the database by
    address, before the transaction begins: a second one inside it would wait for a connection.
    """
    if isinstance(state, problems.Problems) and state.errors:
        state.errors = {}
    begun = False
    try:
        with _measured():
            me = await _admitted(state, limit, nobody=nobody, door=door)
            async with transaction(me) as tx:
                begun = True
                yield tx, me
    except DomainError as problem:
        await _refused(state, problem, on_problem)
    except Exception as error:  # noqa: BLE001 - the edge: logged with a reference, shown in words
        await problems.show_failure(state, error)
    if not begun:  # the block was never entered, and Python has no way to step over it
        raise problems.Stopped


@contextlib.asynccontextmanager
async def minding(
    state: rx.State,
    *,
    limit: str = "",
    use: str = "",
    on_problem: Callable[[DomainError], None] | None = None,
    door: str = "",
) -> AsyncGenerator[Actor]:
    """Like `acting`, without a transaction: for work that opens its own, or calls an outside
    service. `use` names what is done; the same again does not count against the limit."""
    begun = False
    try:
        with _measured():
            me = await _admitted(state, limit, use, door=door)
            begun = True
            yield me
    except DomainError as problem:
        await _refused(state, problem, on_problem)
    except Exception as error:  # noqa: BLE001 - the edge
        await problems.show_failure(state, error)
    if not begun:
        raise problems.Stopped


@dataclass(frozen=True)
class Me:
    """The person behind the tab, as the shell shows them."""

    id: int = 0
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""


class Viewer(rx.State):
    """Who looks: what the shell and every page may know of the caller."""

    ready: bool = False
    signed_in: bool = False
    me: Me = Me()
    zone: str = "UTC"
    theme: str = "system"
    is_coach: bool = False
    standing: str = ""  # of a coach who cannot be booked: new, waiting, changes, hidden
    powers: list[str] = []  # of staff: what the navigation shows
    lacks_factor: bool = False
    is_client: bool = False
    leaving: str = ""  # the day on which the account ends, for who asked for it
    losing: str = ""  # when the second factor can be taken away, for whom staff began that
    unread: int = 0
    notices: int = 0  # unread ones in the centre
    arrived: int = 0
    tab: str = ""  # what a page that broke is called in the log
    _looking: bool = False

    @rx.event
    @public
    async def arrive(self) -> Any:
        """First in every page's on_load: fill in who looks."""
        await problems.turn_page(self)
        me = await actor_of(self.router_data)
        self.tab = live.tab_token(self)[:TAB_LETTERS].upper()
        self.signed_in = me.person_id is not None
        self.ready = True
        if me.person_id is None:
            self.me = Me()
            self.is_coach = self.is_client = False
            self.powers, self.lacks_factor, self.standing = [], False, ""
            self.arrived = 0
            return
        live.note_person(self, me)
        self.arrived = int(clock.now().timestamp() * 1000)
        heard = [
            f"person:{me.person_id}:profile",
            f"person:{me.person_id}:standing",
            centre.changed_topic(me.person_id),
        ]
        live.watch(self, heard, "_changed")
        inbox_feed.join(self, me.person_id)
        await self._fill(me)
        async with transaction(me) as tx:
            waiting = await messaging.undelivered(tx, me)
        for conversation_id, number in waiting.items():
            marks.soon(me.person_id, conversation_id, delivered=number)

    @rx.event
    async def use(self, active: bool) -> None:
        """The tab was left idle, or is used again."""
        me = await actor_of(self.router_data)
        if me.person_id is not None:
            presence.active(me.person_id, live.tab_token(self), is_active=active)

    async def _inbox(self, told: inbox_feed.Told) -> None:
        if self.unread != told.unread:
            self.unread = told.unread

    async def _changed(self, signal: signals.Signal) -> None:
        me = await actor_of(self.router_data)
        if me.person_id is None:
            return
        if signal.topic == centre.changed_topic(me.person_id):
            async with transaction(me) as tx:
                self.notices = await centre.unread(tx, me)
        else:
            await self._fill(me)

    async def _fill(self, me: Actor) -> None:
        async with transaction(me) as tx:
            profile = await accounts.my_profile(tx, me)
            self.unread = await messaging.unread(tx, me)
            self.notices = await centre.unread(tx, me)
            due = await privacy.leaving_at(tx, me)
            lost = await accounts.factor_reset_of(tx, profile.id)
            stands = await coaches.unbookable_because(tx, me) if me.is_coach else ""
        self.me = Me(profile.id, profile.name, profile.initials, profile.hue, profile.avatar_url)
        self.leaving = times.day_and_year(due, me.zone) if due else ""
        self.losing = times.when(lost, me.zone) if lost else ""
        self.zone, self.theme = profile.zone, profile.theme
        self.is_coach, self.is_client = me.is_coach, me.is_client
        self.standing = stands
        self.powers, self.lacks_factor = sorted(me.powers), me.lacks_factor
