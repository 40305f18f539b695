"""The step that repeats a session: how often, which times, and what is in the way of some."""

from datetime import datetime
from typing import Any

import reflex as rx

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import Repeat
from loom_app.domains.scheduling.queries import Occurrence
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.booking.occurrences import (
    OccurrenceRow,
    kept_choices,
    occurrence_rows,
    picked,
)
from loom_app.ui.booking.state import BookingState, address_of, is_at
from loom_app.ui.booking.times import topics
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

USUAL_TIMES = 6
MOST = 26


class RepeatState(Problems, rx.State):
    """The times of a series before it is kept; the rhythm stands in the address."""

    loaded: bool = False
    every: str = "1"
    times: str = str(USUAL_TIMES)
    rows: list[OccurrenceRow] = []
    coach_words: str = ""  # when it is for the coach, where that differs
    working: bool = False
    _first: datetime | None = None

    @rx.var
    def count(self) -> int:
        """How many sessions would be kept."""
        return sum(1 for row in self.rows if row.chosen)

    @rx.var
    def label(self) -> str:
        return tn("Keep {n} session", "Keep {n} sessions", self.count)

    @rx.event
    @public
    async def open(self) -> None:
        live.unwatch(self)
        booking = await self.get_state(BookingState)
        if not is_at(booking, "repeat") or not booking.held.until:
            return
        query = address_of(self)[2]
        self.working = False
        async with acting(self) as (tx, me):
            draft = await queries.draft(tx, me)
            if draft is None or draft.hold is None:
                return
            self._first = draft.hold.starts_at
            before = draft.repeat
            every = addresses.number(query.get("every", "")) or (before and before.every_weeks) or 1
            times = addresses.number(query.get("times", "")) or (before and before.times)
            self.every = "2" if every == 2 else "1"
            self.times = str(min(max(2, times or USUAL_TIMES), MOST))
            self.rows = []
            watched = topics(booking.coach_id, booking.offering.site_id)
            live.watch(self, watched, "_slots_changed")
            await self._fill(tx, me, booking)

    async def _slots_changed(self, _signal: Signal) -> None:
        booking = await self.get_state(BookingState)
        if not is_at(booking, "repeat"):
            return
        problem = dict(self.errors)
        async with acting(self) as (tx, me):
            await self._fill(tx, me, booking)
        self.errors = problem or self.errors

    async def _fill(self, tx: Tx, me: Actor, booking: BookingState) -> None:
        if self._first is None:
            return
        found = await queries.series_plan(
            tx, me, booking.offering.id, self._first, int(self.every), int(self.times)
        )
        zone = await zone_for(self, me)
        whole = [Occurrence(self._first), *found]
        rows = occurrence_rows(whole, zone, booking.coach_zone, t("Leave this one out"))
        self.rows, self.loaded = kept_choices(rows, self.rows), True
        self.coach_words = (
            t(
                "Always {weekday}, {time} on your coach's clock.",
                weekday=times.weekday(times.local(self._first, booking.coach_zone).date()),
                time=times.clock_time(self._first, booking.coach_zone),
            )
            if any(row.other for row in rows)
            else ""
        )

    async def _address(self, **changes: str) -> Any:
        booking = await self.get_state(BookingState)
        asked = {"every": self.every, "times": self.times} | changes
        every, times = addresses.number(asked["every"]), addresses.number(asked["times"])
        base = f"/book/{booking.coach.slug}/repeat?offering={booking.offering.id}"
        return rx.redirect(f"{base}&every={every}&times={times}", replace=True)

    @rx.event
    @public
    async def set_every(self, value: str) -> Any:
        """Weekly or every second week."""
        return await self._address(every=value)

    @rx.event
    @public
    async def set_number(self, value: str) -> Any:
        """How many sessions, the first among them."""
        return await self._address(times=value)

    @rx.event
    @public
    def pick(self, number: int, value: str) -> None:
        """Another time instead of one that cannot be, or none."""
        self.rows = picked(self.rows, number, value)

    @rx.event
    @public
    async def keep(self) -> Any:
        """Hold them all, or none."""
        self.working = True
        yield
        self.working = False
        booking = await self.get_state(BookingState)
        kept = False
        async with acting(self, limit="hold") as (tx, me):
            chosen = [datetime.fromisoformat(row.chosen) for row in self.rows[1:] if row.chosen]
            if self._first is None or not chosen:
                raise Invalid(t("Choose at least one more time."), field="starts_at")
            repeat = Repeat(int(self.every), tuple(chosen))
            await scheduling.hold(
                tx, me, offering_id=booking.offering.id, starts_at=self._first, repeat=repeat
            )
            kept = True
        if kept:
            yield rx.redirect(self._details(booking))
        else:
            problem = dict(self.errors)
            async with acting(self) as (tx, me):
                await self._fill(tx, me, booking)
            self.errors = problem or self.errors

    @rx.event
    @public
    async def alone(self) -> Any:
        """Only the first session after all."""
        booking = await self.get_state(BookingState)
        async with acting(self, limit="hold") as (tx, me):
            if self._first is not None:
                await scheduling.hold(
                    tx, me, offering_id=booking.offering.id, starts_at=self._first
                )
            return rx.redirect(self._details(booking))
        return None

    def _details(self, booking: BookingState) -> str:
        return f"/book/{booking.coach.slug}/details?offering={booking.offering.id}"
