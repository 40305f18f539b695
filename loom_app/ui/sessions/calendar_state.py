"""Sessions in a calendar: the days that are looked at, and moving one by dragging it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.queries import SessionCard
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.booking.times import read_wall
from loom_app.ui.design.browser.calendar_view import Appointment
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import Viewer, acting
from loom_app.ui.sessions.detail_state import Scope
from loom_app.ui.sessions.together import MoveForm, Together, moved_words

LONGEST = timedelta(days=50)  # six weeks of a month's view, and a little


class CalendarState(Together, Problems, rx.State):
    """`appointments` are in wall times of the viewer's zone, as is `now`."""

    appointments: list[Appointment] = []
    now: str = ""
    opens: str = "07:00:00"
    closes: str = "21:00:00"
    zone_note: str = ""
    asking: bool = False
    working: bool = False
    title: str = ""
    old: str = ""
    new: str = ""
    _since: datetime | None = None
    _until: datetime | None = None
    _spot: str = ""

    @rx.event
    async def load(self) -> None:
        self.asking, self.working = self.asking and came_back(self, self._spot), False
        self._spot = spot(self)
        async with acting(self, limit="page") as (tx, me):
            live.watch(self, [f"person:{me.person_id}:sessions"], "_changed", calm=0.2)
            self.now = _wall(tx.now, me.zone)
            self.zone_note = t("Times in {zone}.", zone=times.zone_label(me.zone, tx.now))
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def show(self, start: str, end: str) -> None:
        """The days that the calendar shows, from and to."""
        first, last = addresses.day(start[:10]), addresses.day(end[:10])
        if first is None or last is None or not timedelta() < last - first <= LONGEST:
            return
        async with acting(self) as (tx, me):
            self._since, self._until = (
                datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(me.zone)).astimezone(UTC)
                for day in (first, last)
            )
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        if self._since is None or self._until is None:
            return
        found = await queries.sessions_between(tx, me, self._since, self._until)
        self.appointments = [_appointment(card, me.zone, tx.now) for card in found]
        self.opens, self.closes = _hours(self.appointments)

    @rx.event
    def open(self, session_id: str) -> Any:
        """The page of a session."""
        return rx.redirect(f"/sessions/{addresses.number(session_id)}")

    @rx.event
    async def book_for(self, at: str) -> Any:
        """A free time was clicked: a coach books it for a client."""
        viewer = await self.get_state(Viewer)
        if not viewer.is_coach or not addresses.day(at[:10]):
            return None
        minute = at[14:16]
        # the quarter of an hour that was meant
        quarter = f"{at[:14]}{int(minute) // 15 * 15:02d}" if minute.isdecimal() else at[:10]
        return rx.redirect(f"/sessions/new?at={quarter}")

    @rx.event
    async def drop(self, session_id: str, start: str) -> None:
        """Dragged to another time: what changes is shown before it happens."""
        async with acting(self) as (tx, me):
            found = await queries.moving(tx, me, addresses.number(session_id))
            if found.why_not:
                raise Invalid(found.why_not)
            at = read_wall(start, me.zone)
            self._id, self._chosen = found.id, at
            self.title = found.title
            self.old = times.time_range(found.starts_at, found.ends_at, me.zone)
            self.new = times.time_range(at, at + (found.ends_at - found.starts_at), me.zone)
            self._coach_zone, self.following = found.coach_zone, found.following
            self.scope, self.changes = "one", []
            self.asking, self.errors = True, {}

    @rx.event
    async def choose_scope(self, scope: Scope) -> None:
        """This session alone, or all that follow it in its series as well."""
        async with acting(self) as (tx, me):
            self.scope = scope if self.following > 1 else "one"
            await self._plan(tx, me)

    @rx.event
    def ask(self, opened: bool) -> None:
        """Close the question: nothing has changed."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def move(self, form: MoveForm) -> Any:
        self.working = True
        yield
        self.working, moved = False, False
        async with acting(self, limit="save") as (tx, me):
            count = await self._move(tx, me, form["reason"])
            await self._fill(tx, me)
            moved, self.asking = True, False
            await say(self, moved_words(count))
        if not moved and self.scope == "following":
            # what is listed may no longer be free: say what went wrong beside a list that is right
            problem = dict(self.errors)
            async with acting(self, on_problem=lambda _: None) as (tx, me):
                await self._plan(tx, me)
            self.errors = problem


def _hours(shown: list[Appointment]) -> tuple[str, str]:
    """From when to when a day is drawn: the usual hours, and more where somebody comes then."""
    if any(one.start[:10] != one.end[:10] for one in shown):
        return "00:00:00", "24:00:00"
    first = min([7, *(int(one.start[11:13]) for one in shown)])
    last = max([21, *(int(one.end[11:13]) + (one.end[14:16] != "00") for one in shown)])
    return f"{first:02d}:00:00", f"{last:02d}:00:00"


def _wall(at: datetime, zone: str) -> str:
    return times.local(at, zone).strftime("%Y-%m-%dT%H:%M:%S")


def _appointment(card: SessionCard, zone: str, now: datetime) -> Appointment:
    return Appointment(
        id=str(card.id),
        title=t("{name}: {title}", name=card.other.name, title=card.title),
        start=_wall(card.starts_at, zone),
        end=_wall(card.ends_at, zone),
        editable=card.coaching and card.status == "confirmed" and card.starts_at > now,
    )
