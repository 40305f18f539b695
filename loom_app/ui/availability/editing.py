"""Hours as they are typed, of a coach or of a place: a week, and the dates on which it does not
hold."""

import contextlib
from dataclasses import replace
from datetime import date
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.kit.errors import Invalid
from loom_app.kit.intervals import Interval
from loom_app.kit.text import t
from loom_app.ui.availability import rows
from loom_app.ui.availability.rows import DayRow, ExceptionRow, HourRow
from loom_app.ui.problems import Problems

MOST, MOST_UNDONE = 12, 30


class ExceptionForm(TypedDict):
    day: str
    start: str
    end: str


class WeekEditing(Problems, mixin=True):
    """A week in rows; `changed` until it is saved, with undo."""

    days: list[DayRow] = []
    changed: bool = False
    can_undo: bool = False
    copying: int = -1  # the weekday that is being copied
    _former: list[list[DayRow]] = []
    _kept: list[DayRow] = []  # the week as it is saved

    def _write(self, weekday: int, hours: list[HourRow]) -> None:
        """Put a day's hours in, numbered again."""
        if 0 <= weekday < len(self.days):
            day = rows.day_row(weekday, hours[:MOST])
            self.days = [day if one.weekday == weekday else one for one in self.days]
            self.changed = True

    def _remember(self) -> None:
        """The week as it is now is what undo brings back."""
        self._former = [*self._former, list(self.days)][-MOST_UNDONE:]
        self.can_undo = True

    def _hours(self, weekday: int) -> list[HourRow]:
        return list(self.days[weekday].hours) if 0 <= weekday < len(self.days) else []

    def _edit(self, weekday: int, at: int, **change: str) -> None:
        hours = self._hours(weekday)
        if 0 <= at < len(hours):
            self._remember()
            hours[at] = replace(hours[at], **change)
            self._write(weekday, hours)

    @rx.event
    def add(self, weekday: int) -> None:
        """Another interval, beginning an hour after the last."""
        hours = self._hours(weekday)
        start = "09:00"
        if hours:
            with contextlib.suppress(Invalid):  # what is typed there may not be a time yet
                last = rows.end_of(hours[-1].end, "")
                start = rows.clock_of(min(last + 60, 23 * 60))
        self._remember()
        end = "17:00" if start < "17:00" else "00:00"
        self._write(weekday, [*hours, HourRow(start=start, end=end)])

    @rx.event
    def remove(self, weekday: int, at: int) -> None:
        self._remember()
        self._write(weekday, [row for row in self._hours(weekday) if row.at != at])

    @rx.event
    def drawn(self, day: int, at: int, to_day: int, start: int, end: int) -> None:
        """A stretch was drawn, or one of the week was moved or resized; -1 is a new one."""
        hours, on = self._hours(day), range(len(self.days))
        if day not in on or to_day not in on or not 0 <= start < end <= rows.MIDNIGHT:
            return
        if not -1 <= at < len(hours):
            return
        self._remember()
        row = HourRow() if at < 0 else hours.pop(at)
        row = replace(row, start=rows.clock_of(start), end=rows.clock_of(end))
        if at >= 0:
            self._write(day, hours)
        self._write(to_day, sorted([*self._hours(to_day), row], key=lambda one: one.start))

    @rx.event
    def undo(self) -> None:
        """The week before the last change."""
        if self._former:
            self.days = self._former[-1]
            self._former = self._former[:-1]
            self.errors, self.changed = {}, self.days != self._kept
        self.can_undo = bool(self._former)

    @rx.event
    def set_start(self, weekday: int, at: int, value: str) -> None:
        self._edit(weekday, at, start=value[:5])

    @rx.event
    def set_end(self, weekday: int, at: int, value: str) -> None:
        self._edit(weekday, at, end=value[:5])

    @rx.event
    def set_rhythm(self, weekday: int, at: int, value: str) -> None:
        if value in dict(rows.RHYTHMS):
            self._edit(weekday, at, rhythm=value)

    @rx.event
    def set_from(self, weekday: int, at: int, value: str) -> None:
        self._edit(weekday, at, valid_from=value[:10])

    @rx.event
    def set_to(self, weekday: int, at: int, value: str) -> None:
        self._edit(weekday, at, valid_to=value[:10])

    @rx.event
    def ask_copy(self, weekday: int) -> None:
        """Which days shall have the same hours? -1 asks no more."""
        self.copying = weekday if 0 <= weekday < len(self.days) else -1

    @rx.event
    def copy_day(self, form: dict[str, Any]) -> None:
        """The same hours on the days that are ticked."""
        source, self.copying = self.copying, -1
        others = [n for n in range(len(self.days)) if n != source and form.get(f"copy{n}")]
        if source >= 0 and others:
            self._remember()
            for other in others:
                self._write(other, self._hours(source))


class DatesEditing(Problems, mixin=True):
    """Dates that differ, each typed in a dialog."""

    exceptions: list[ExceptionRow] = []
    adding: bool = False
    day_off: bool = True
    form_key: int = 0

    @rx.event
    def begin_adding(self, opened: bool) -> None:
        self.adding, self.errors, self.form_key = opened, {}, self.form_key + 1

    @rx.event
    def choose_kind(self, off: bool) -> None:
        self.day_off = off

    def _typed_date(self, form: ExceptionForm) -> tuple[date, list[Interval]]:
        """Raises Invalid."""
        hours: list[Interval] = []
        if not self.day_off:
            start = rows.minutes_of(form["start"], "intervals")
            hours = [(start, rows.end_of(form["end"], "intervals"))]
        return day_of(form["day"]), hours


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(t("Choose a date."), field="day") from None
