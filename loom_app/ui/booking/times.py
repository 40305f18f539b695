"""The time step of a booking: its days and times as they come and go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses, clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.occurrences import elsewhere
from loom_app.ui.booking.state import BookingState, address_of, is_at
from loom_app.ui.directory.rows import TimeRow
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for


class TimesState(Calendar, Problems, rx.State):
    """The times of the offering that is being booked; `wanted` is one that the address names."""

    wanted: TimeRow = TimeRow()
    _chosen: str = ""  # the time that led on: a double click is one step forward

    @rx.event
    @public
    async def open(self) -> None:
        live.unwatch(self)
        booking = await self.get_state(BookingState)
        if not is_at(booking, "time"):
            return
        self._chosen = ""
        self._begin()
        # listen first: what changes while we read must not be missed
        watched = topics(booking.coach_id, booking.offering.site_id)
        live.watch(self, watched, "_slots_changed")
        async with acting(self) as (tx, me):
            await self._fill(tx, me, booking)

    @rx.event
    @public
    async def choose(self, instant: str) -> Any:
        """Keep a time; the database decides who was first."""
        if instant == self._chosen != "":
            return None
        booking = await self.get_state(BookingState)
        async with acting(self, limit="hold") as (tx, me):
            await scheduling.hold(
                tx, me, offering_id=booking.offering.id, starts_at=read_instant(instant)
            )
            offering, self._chosen = booking.offering.id, instant
            return rx.redirect(f"/book/{booking.coach.slug}/details?offering={offering}")
        await self._refresh()
        return None

    async def _slots_changed(self, _signal: Signal) -> None:
        if is_at(await self.get_state(BookingState), "time"):
            await self._refresh()

    async def _refresh(self) -> None:
        booking = await self.get_state(BookingState)
        problem = dict(self.errors)
        async with acting(self) as (tx, me):
            await self._fill(tx, me, booking)
        self.errors = problem or self.errors

    async def _fill(self, tx: Tx, me: Actor, booking: BookingState) -> None:
        zone = await zone_for(self, me)
        offering = booking.offering.id
        base = f"/book/{booking.coach.slug}/time?offering={offering}"
        query = address_of(self)[2]
        if at := wanted_time(query):
            query = {**query, "day": times.local(at, zone).date().isoformat()}
        await self._draw(
            partial(queries.month_slots, tx, me, offering),
            query,
            (zone, booking.offering.site_zone or booking.coach_zone),
            base,
            booking.coach.name,
            full_in=partial(queries.full_days, tx, me, offering),
            site=booking.offering.site_name,
        )
        await self._draw_seats(tx, replace(me, zone=zone), offering)
        other = booking.offering.site_zone or booking.coach_zone
        self.wanted = self._row_of(at, zone, other) if at else TimeRow()

    def _row_of(self, at: datetime, zone: str, coach_zone: str) -> TimeRow:
        """A time of the day that is shown, with its day."""
        free = at.isoformat() in {row.instant for row in self.times if row.free}
        there = elsewhere(at, zone, coach_zone)
        return TimeRow(
            instant=at.isoformat(),
            label=times.when(at, zone),
            other=f"{there}, {times.zone_label(coach_zone, at)}" if there else "",
            free=free,
        )


def topics(coach_id: int, place_id: int) -> list[str]:
    """What changes the times of an offering: of its coach, and of the rooms where it is, if any."""
    there = [f"place:{place_id}:slots"] if place_id else []
    return [f"coach:{coach_id}:slots", *there]


def read_instant(text: str) -> datetime:
    """An instant a browser sent back: a claim, and only aware ones count, of days that can be
    reckoned with."""
    at = _read(text)
    if at is None or at.tzinfo is None:
        raise Invalid(t("Choose a time from the list."), field="starts_at")
    return at


def wanted_time(query: Mapping[str, str]) -> datetime | None:
    """The time that an address asks for, where it is one that is still to come."""
    at = _read(query.get("at", ""))
    return at.astimezone(UTC) if at and at.tzinfo and at > clock.now() else None


def read_wall(text: str, zone: str) -> datetime:
    """A wall time of this zone as a browser sent it, whatever offset it put behind it."""
    at = _read(text)
    if at is None:
        raise Invalid(t("Choose a day and a time."), field="at")
    return at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _read(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if addresses.day(text[:10]) else None
