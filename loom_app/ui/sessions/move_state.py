"""Another time for a session: choose, read what changes, confirm."""

from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.times import read_instant, read_wall, topics
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting
from loom_app.ui.sessions.detail_state import Scope
from loom_app.ui.sessions.together import MoveForm, Together, moved_words


class OtherTime(TypedDict):
    at: str


class MoveState(Calendar, Together, Problems, rx.State):
    """`new` and `new_other` are the words of the new start."""

    phase: str = ""  # "" while looking, then "here", "missing" or "shut"
    title: str = ""
    back: str = "/sessions"
    old: str = ""
    new: str = ""
    new_other: str = ""
    asking: bool = False
    working: bool = False
    coaching: bool = False
    why_not: str = ""
    _spot: str = ""
    _ends: datetime | None = None
    _starts: datetime | None = None
    _coach_id: int = 0
    _coach_name: str = ""

    @rx.event
    async def open(self) -> None:
        parts = [*self.router.url.path.strip("/").split("/"), ""]
        wanted = addresses.number(parts[1])
        if wanted != self._id:
            self._id, self.phase = wanted, ""
            self._begin()
            self.scope, self.changes = "one", []
        self.asking, self.working = self.asking and came_back(self, self._spot), False
        self._spot = spot(self)
        async with acting(self) as (tx, me):
            try:
                found = await queries.moving(tx, me, wanted)
            except NotFound:
                self.phase = "missing"
                return
            self.title, self.coaching = found.title, found.coaching
            self.back, self.why_not = f"/sessions/{wanted}", found.why_not
            self._starts, self._ends = found.starts_at, found.ends_at
            self._coach_id, self._coach_zone = found.coach_id, found.coach_zone
            self._coach_name, self.following = found.coach_name, found.following
            self.old = times.time_range(found.starts_at, found.ends_at, me.zone)
            self.phase = "shut" if found.why_not else "here"
            live.watch(self, topics(found.coach_id, found.place_id), "_slots_changed")
            await self._fill(tx, me)

    async def _slots_changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        if self.phase == "here":
            await self._draw(
                partial(queries.move_slots, tx, me, self._id, following=self.scope == "following"),
                self._asked(me.zone),
                (me.zone, self._coach_zone),
                f"/sessions/{self._id}/move?",
                self._coach_name,
            )

    def _asked(self, zone: str) -> dict[str, str]:
        """The day that the address asks for, at first that of the session."""
        query = dict(self.router.url.query_parameters)
        if self._starts is None or {"day", "week", "month"} & query.keys():
            return query
        return {**query, "day": times.local(self._starts, zone).date().isoformat()}

    @rx.event
    async def choose_scope(self, scope: Scope) -> None:
        """This session alone, or all that follow it in its series as well."""
        self.scope = scope if self.following > 1 else "one"
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def choose(self, instant: str) -> None:
        """A time from the list: what changes is shown before it happens."""
        async with acting(self) as (tx, me):
            await self._ask(tx, me, read_instant(instant))

    @rx.event
    async def choose_other(self, form: OtherTime) -> None:
        """Any time, in the coach's own zone: their hours are for others."""
        async with acting(self) as (tx, me):
            await self._ask(tx, me, read_wall(form["at"], me.zone))

    async def _ask(self, tx: Tx, me: Actor, at: datetime) -> None:
        if self._starts is None or self._ends is None:
            raise NotFound  # no session was opened on this page
        ends = at + (self._ends - self._starts)
        self._chosen = at
        self.new = times.time_range(at, ends, me.zone)
        self.changes = []
        await self._plan(tx, me)
        self.asking, self.errors = True, {}

    @rx.event
    def ask(self, opened: bool) -> None:
        """Close the question."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def move(self, form: MoveForm) -> Any:
        self.working = True
        yield
        self.working = False
        moved, count = False, 1
        async with acting(self, limit="save") as (tx, me):
            count = await self._move(tx, me, form["reason"])
            moved = True
        if not moved:
            problem = dict(self.errors)
            async with acting(self, on_problem=lambda _: None) as (tx, me):
                await self._plan(tx, me)
                await self._fill(tx, me)
            self.errors = problem
            return
        self.asking = False
        await say(self, moved_words(count))
        yield rx.redirect(self.back)
