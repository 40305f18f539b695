"""The time step: the month, the day, and its times as they come and go; also of a move."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from babel.dates import format_date

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses, clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import language, t, tn
from loom_app.ui import live
from loom_app.ui.booking.occurrences import elsewhere
from loom_app.ui.booking.rows import DayCell
from loom_app.ui.booking.state import BookingState, address_of, is_at
from loom_app.ui.directory.rows import TimeRow
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

MONTHS_AHEAD = 3
Days = Mapping[date, list[datetime]]
FreeIn = Callable[[date, date], Awaitable[list[datetime]]]


def first_of(month: date, later: int = 0) -> date:
    """The first day of the month, or of one some months later."""
    total = month.year * 12 + month.month - 1 + later
    return date(total // 12, total % 12 + 1, 1)


def by_day(instants: Iterable[datetime], zone: str) -> dict[date, list[datetime]]:
    days: dict[date, list[datetime]] = {}
    for at in instants:
        days.setdefault(times.local(at, zone).date(), []).append(at)
    return days


def month_cells(
    month: date,
    free: Days,
    *,
    chosen: date | None,
    today: date,
    base: str,
    full: Collection[date] = (),
) -> list[DayCell]:
    """Whole weeks from Monday; days of other months are blank, those in `full` can be waited
    for."""
    start = month - timedelta(days=month.weekday())
    weeks = -(-((first_of(month, 1) - start).days) // 7)
    cells = []
    for day in (start + timedelta(days=n) for n in range(weeks * 7)):
        count = len(free.get(day, ()))
        inside = day.month == month.month
        kind = "free" if count else "full" if day in full else "none"
        cells.append(
            DayCell(
                iso=day.isoformat(),
                number=str(day.day),
                label=f"{times.day(day)}, {tn('{n} time', '{n} times', count)}",
                kind=kind if inside else "outside",
                href=f"{base}&day={day.isoformat()}",
                chosen=day == chosen,
                today=day == today,
                over=day < today - timedelta(days=today.weekday()),
            )
        )
    return cells


def asked_day(query: Mapping[str, str]) -> tuple[date | None, date | None]:
    """The day and the month of the address, where they are any."""
    day = addresses.day(query.get("day", ""))
    month = addresses.day(f"{query.get('month', '')}-01")
    return day, (first_of(day) if day else month)


class Calendar(rx.State, mixin=True):
    """A month with its free days and the times of one of them; what is taken while one looks turns
    grey."""

    loaded: bool = False
    month_label: str = ""
    previous_href: str = ""
    next_href: str = ""
    days: list[DayCell] = []
    day_label: str = ""
    day_full: bool = False
    times: list[TimeRow] = []
    zones_note: str = ""
    next_free_href: str = ""
    _seen: list[str] = []
    _seen_day: str = ""

    async def _draw(
        self,
        free_in: FreeIn,
        query: Mapping[str, str],
        zones: tuple[str, str],
        base: str,
        name: str,
        *,
        full_in: FreeIn | None = None,
        site: str = "",
    ) -> None:
        """`free_in(first, last)` are the free instants of these days, `zones` the reader's and the
        coach's, or that of the `site` where one meets, `base` the address of the calendar with its
        query begun. `full_in` are those that are taken and can be waited for."""
        zone, coach_zone = zones
        day, asked = asked_day(query)
        now = clock.now()
        today = times.local(now, zone).date()
        month = max(asked or first_of(today), first_of(today))
        free = await _month(free_in, month, zone)
        following = None if free else await _next_month(free_in, month, zone)
        if not free and asked is None and following:
            month = first_of(following)
            free = await _month(free_in, month, zone)
        if day is None and self._seen_day:
            # the day one looks at stays, even when its last time goes
            day = date.fromisoformat(self._seen_day)
        full = await _month(full_in, month, zone) if full_in else {}
        if day not in free and day not in full and f"{day}" != self._seen_day:
            day = min(free, default=None)
        self.day_full = day in full and day not in free
        self.days = month_cells(month, free, chosen=day, today=today, base=base, full=full)
        self.month_label = format_date(month, "MMMM y", locale=language())
        earlier = first_of(month, -1)
        self.previous_href = f"{base}&month={earlier:%Y-%m}" if month > first_of(today) else ""
        self.next_href = f"{base}&month={first_of(month, 1):%Y-%m}"
        self.next_free_href = f"{base}&day={following.isoformat()}" if following else ""
        self._draw_day(day, free.get(day, []) if day else [], zone, coach_zone)
        shown = datetime.fromisoformat(self.times[0].instant) if self.times else now
        self.zones_note = zones_words(zone, coach_zone, name, shown, site=site)
        self.loaded = True

    def _draw_day(self, day: date | None, free: list[datetime], zone: str, coach_zone: str) -> None:
        """The day's times; those seen before and taken since stay, greyed."""
        now_free = {at.isoformat() for at in free}
        shown = f"{day}" if day else ""
        if shown != self._seen_day:
            self._seen_day, self._seen = shown, []
        self._seen = sorted({*self._seen, *now_free})
        self.day_label = times.day(day) if day else ""
        self.times = [
            _time_row(datetime.fromisoformat(text), zone, coach_zone, free=text in now_free)
            for text in self._seen
        ]

    async def _draw_seats(self, tx: Tx, me: Actor, offering_id: int) -> None:
        """How many seats each time of the day has left, where it is a group's."""
        if self._seen_day:
            day = date.fromisoformat(self._seen_day)
            capacity, left = await queries.seats_left(tx, me, offering_id, day, day)
            if capacity > 1:
                self.times = [_with_seats(row, left, capacity) for row in self.times]


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
        self._seen_day = self._chosen = ""
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


def _with_seats(row: TimeRow, left: Mapping[datetime, int], capacity: int) -> TimeRow:
    if not row.free:
        return row
    free = left.get(datetime.fromisoformat(row.instant), capacity)
    return replace(row, seats=tn("{n} seat left", "{n} seats left", free))


async def _month(free_in: FreeIn, month: date, zone: str) -> Days:
    """The month's free instants by day of the reader's calendar."""
    margin = timedelta(days=1)
    days = by_day(await free_in(month - margin, first_of(month, 1) + margin), zone)
    return {day: at for day, at in days.items() if first_of(day) == month}


async def _next_month(free_in: FreeIn, month: date, zone: str) -> date | None:
    """The first free day of the months after an empty one."""
    for later in range(1, MONTHS_AHEAD + 1):
        if found := await _month(free_in, first_of(month, later), zone):
            return min(found)
    return None


def zones_words(mine: str, theirs: str, name: str, at: datetime, *, site: str = "") -> str:
    """Whose clock the times of that day are on: one where both show the same."""
    if times.local(at, mine).utcoffset() == times.local(at, theirs).utcoffset():
        return t("Times in {zone}.", zone=times.zone_label(mine, at))
    if site:
        return t(
            "Times in {zone}, yours. {site} is in {other}; the time there stands below.",
            zone=times.zone_label(mine, at),
            site=site,
            other=times.zone_label(theirs, at),
        )
    return t(
        "Times in {zone}, yours. {name} lives in {other}; their time stands below.",
        zone=times.zone_label(mine, at),
        name=name,
        other=times.zone_label(theirs, at),
    )


def _time_row(at: datetime, zone: str, coach_zone: str, *, free: bool) -> TimeRow:
    here, there = times.local(at, zone), times.local(at, coach_zone)
    other = ""
    if here.replace(tzinfo=None) != there.replace(tzinfo=None):
        clock = times.clock_time(at, coach_zone)
        other = clock if here.date() == there.date() else f"{there:%a} {clock}"
    return TimeRow(instant=at.isoformat(), label=times.clock_time(at, zone), other=other, free=free)


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
