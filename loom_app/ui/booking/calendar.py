"""A month of days and the times of one of them, as they come and go: of a booking, of a move, in
a frame of another site."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import reflex as rx
from babel.dates import format_date

from loom_app.domains.scheduling import queries
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import language, t, tn
from loom_app.ui.booking.month import (
    WEEK,
    Asked,
    Days,
    asked_of,
    by_day,
    day_parts,
    first_of,
    monday_of,
    month_cells,
    part_of,
    whole_weeks,
)
from loom_app.ui.booking.rows import DayCell, DayPart, Turns
from loom_app.ui.directory.rows import TimeRow

MONTHS_AHEAD = 3
FreeIn = Callable[[date, date], Awaitable[list[datetime]]]


class Calendar(rx.State, mixin=True):
    """A month with its free days and the times of one of them; what is taken while one looks turns
    grey. A phone shows one week of it (`view` is week), or the days of the month and no times."""

    loaded: bool = False
    view: str = "week"
    month_label: str = ""
    turns: Turns = Turns()
    days: list[DayCell] = []
    day_label: str = ""
    day_full: bool = False
    times: list[TimeRow] = []
    parts: list[DayPart] = []
    zones_note: str = ""
    none_note: str = ""
    next_free_href: str = ""
    _seen: list[str] = []
    _seen_day: str = ""
    _opened: str = ""

    def _begin(self) -> None:
        """The address was opened: the day before this one is forgotten."""
        self._seen, self._seen_day, self._opened = [], "", ""

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
        today = times.local(clock.now(), zone).date()
        asked = asked_of(query, today)
        if asked == Asked() and self._seen_day:
            asked = Asked(day=date.fromisoformat(self._seen_day))
        month = max(asked.month or first_of(today), first_of(today))
        free = await _weeks(free_in, month, zone)
        following = None if _first(free, month) else await _next_month(free_in, month, zone)
        if following and asked.month is None:
            month = first_of(following)
            free = await _weeks(free_in, month, zone)
        full = await _weeks(full_in, month, zone) if full_in else {}
        day = self._day_of(asked, month, free, full)
        if asked.week and day is None:
            rest = [one for one in free if one >= asked.week + WEEK]
            following = min(rest, default=following) or await _next_month(free_in, month, zone)
        self.day_full = day in full and day not in free
        week = monday_of(day) if day else asked.week or monday_of(max(month, today))
        self._draw_turns(month, week, day, today, base)
        self.view = "month" if asked.whole else "week"
        self.days = month_cells(
            month, free, chosen=day, today=today, base=base, full=full, week=week
        )
        self.next_free_href = f"{base}&day={following.isoformat()}" if following else ""
        self.none_note = _none_words(asked, some=bool(free or following))
        self._draw_day(day, free.get(day, []) if day else [], zone, coach_zone)
        shown = datetime.fromisoformat(self.times[0].instant) if self.times else clock.now()
        self.zones_note = zones_words(zone, coach_zone, name, shown, site=site)
        self.loaded = True

    def _day_of(self, asked: Asked, month: date, free: Days, full: Days) -> date | None:
        """The day whose times are shown."""
        day = asked.day
        if day is None and self._seen_day:
            # the day one looks at stays, even when its last time goes
            day = date.fromisoformat(self._seen_day)
        if day in free or day in full or (day and f"{day}" == self._seen_day):
            return day
        if asked.week:
            for days in (free, full):
                if found := [one for one in days if monday_of(one) == asked.week]:
                    return min(found)
            return None
        return _first(free, month)

    def _draw_turns(
        self, month: date, week: date, day: date | None, today: date, base: str
    ) -> None:
        """Which month is shown, and the ways to others and to other weeks."""
        self.month_label = format_date(month, "MMMM y", locale=language())
        earlier, later = first_of(month, -1), first_of(month, 1)
        self.turns = Turns(
            month_before=f"{base}&month={earlier:%Y-%m}" if month > first_of(today) else "",
            month_after=f"{base}&month={later:%Y-%m}",
            week_before=f"{base}&week={week - WEEK}" if week > monday_of(today) else "",
            week_after=f"{base}&week={week + WEEK}",
            whole_month=f"{base}&month={month:%Y-%m}" + (f"&day={day}" if day else ""),
            one_week=f"{base}&day={day}" if day else f"{base}&week={week}",
        )

    def _draw_day(self, day: date | None, free: list[datetime], zone: str, coach_zone: str) -> None:
        """The day's times; those seen before and taken since stay, greyed."""
        now_free = {at.isoformat() for at in free}
        shown = f"{day}" if day else ""
        if shown != self._seen_day:
            self._seen_day, self._seen, self._opened = shown, [], ""
        self._seen = sorted({*self._seen, *now_free})
        self.day_label = times.day(day) if day else ""
        self.times = [
            _time_row(datetime.fromisoformat(text), zone, coach_zone, free=text in now_free)
            for text in self._seen
        ]
        if self._opened not in {row.part for row in self.times}:
            # what is open once stays open, also when its last time goes
            first = [row.part for row in self.times if row.free] or [""]
            self._opened = first[0]
        self.parts = day_parts(self.times, self._opened)

    async def _draw_seats(self, tx: Tx, me: Actor, offering_id: int) -> None:
        """How many seats each time of the day has left, where it is a group's."""
        if self._seen_day:
            day = date.fromisoformat(self._seen_day)
            capacity, left = await queries.seats_left(tx, me, offering_id, day, day)
            if capacity > 1:
                self.times = [_with_seats(row, left, capacity) for row in self.times]


def _with_seats(row: TimeRow, left: Mapping[datetime, int], capacity: int) -> TimeRow:
    if not row.free:
        return row
    free = left.get(datetime.fromisoformat(row.instant), capacity)
    return replace(row, seats=tn("{n} seat left", "{n} seats left", free))


async def _weeks(free_in: FreeIn, month: date, zone: str) -> Days:
    """The free instants of the month's whole weeks, by day of the reader's calendar."""
    margin = timedelta(days=1)
    first, last = whole_weeks(month)
    days = by_day(await free_in(first - margin, last + margin), zone)
    return {day: at for day, at in days.items() if first <= day <= last}


def _first(free: Days, month: date) -> date | None:
    """The first free day of the month itself."""
    return min((day for day in free if first_of(day) == month), default=None)


async def _next_month(free_in: FreeIn, month: date, zone: str) -> date | None:
    """The first free day of the months after this one."""
    for later in range(1, MONTHS_AHEAD + 1):
        following = first_of(month, later)
        if found := _first(await _weeks(free_in, following, zone), following):
            return found
    return None


def _none_words(asked: Asked, *, some: bool) -> str:
    """What is not free, where something else is."""
    if not some:
        return ""
    return t("No free times this week.") if asked.week else t("No free times this month.")


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
    return TimeRow(
        instant=at.isoformat(),
        label=times.clock_time(at, zone),
        other=other,
        free=free,
        part=part_of(here),
    )
