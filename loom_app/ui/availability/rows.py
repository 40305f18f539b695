"""Hours between the database's minutes and the clock times that people type."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from loom_app.domains.scheduling.actions import HourEdit
from loom_app.domains.scheduling.queries import ExceptionView, IntervalView
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn

MIDNIGHT = 1440
DAYS = (
    t("Monday"),
    t("Tuesday"),
    t("Wednesday"),
    t("Thursday"),
    t("Friday"),
    t("Saturday"),
    t("Sunday"),
)
# every week, or every second one beginning with this or with the next
RHYTHMS = (("1", t("every week")), ("2a", t("this week, then every second")),
           ("2b", t("next week, then every second")))  # fmt: skip


@dataclass(frozen=True)
class HourRow:
    """One interval as it is typed; an end of 00:00 is midnight."""

    at: int = 0
    start: str = "09:00"
    end: str = "17:00"
    rhythm: str = "1"
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class DayRow:
    weekday: int
    name: str
    hours: list[HourRow] = field(default_factory=list)


@dataclass(frozen=True)
class ExceptionRow:
    iso: str
    day: str
    words: str
    booked: str = ""
    href: str = ""


def clock_of(minutes: int) -> str:
    minutes %= MIDNIGHT
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(words: str, field_name: str) -> int:
    """ "09:30" → 570. Raises Invalid."""
    hours, colon, minutes = words.strip().partition(":")
    if not colon or not (hours.isdecimal() and minutes[:2].isdecimal()):
        raise Invalid(t("Give a time like 09:30."), field=field_name)
    found = int(hours) * 60 + int(minutes[:2])
    if int(minutes[:2]) > 59 or found > MIDNIGHT:
        raise Invalid(t("Give a time between 00:00 and 24:00."), field=field_name)
    return found


def end_of(words: str, field_name: str) -> int:
    return minutes_of(words, field_name) or MIDNIGHT


def week_rows(hours: list[IntervalView], today: date) -> list[DayRow]:
    days: list[list[HourRow]] = [[] for _ in DAYS]
    for hour in hours:
        rows = days[hour.weekday]
        rows.append(
            HourRow(
                at=len(rows),
                start=clock_of(hour.start),
                end=clock_of(hour.end),
                rhythm=_rhythm(hour, today),
                valid_from=hour.valid_from.isoformat() if hour.valid_from else "",
                valid_to=hour.valid_to.isoformat() if hour.valid_to else "",
            )
        )
    return [DayRow(weekday, name, days[weekday]) for weekday, name in enumerate(DAYS)]


def _rhythm(hour: IntervalView, today: date) -> str:
    if hour.every_weeks == 1 or hour.anchor is None:
        return "1"
    weeks = (_monday(hour.anchor) - _monday(today)).days // 7
    return "2a" if weeks % 2 == 0 else "2b"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def edits(days: list[DayRow], today: date) -> list[HourEdit]:
    """What the rows mean. Raises Invalid by weekday."""
    found: list[HourEdit] = []
    for day in days:
        name = f"day{day.weekday}"
        for row in day.hours:
            anchor = None
            if row.rhythm != "1":
                anchor = _monday(today) + timedelta(weeks=1 if row.rhythm == "2b" else 0)
            found.append(
                HourEdit(
                    weekday=day.weekday,
                    start=minutes_of(row.start, name),
                    end=end_of(row.end, name),
                    every_weeks=1 if anchor is None else 2,
                    anchor=anchor,
                    valid_from=date.fromisoformat(row.valid_from) if row.valid_from else None,
                    valid_to=date.fromisoformat(row.valid_to) if row.valid_to else None,
                )
            )
    return found


def exception_rows(found: list[ExceptionView]) -> list[ExceptionRow]:
    return [
        ExceptionRow(
            one.day.isoformat(),
            times.day(one.day),
            ", ".join(f"{clock_of(a)}–{'24:00' if b == MIDNIGHT else clock_of(b)}"
                      for a, b in one.intervals) or t("Day off"),
            tn("{n} session is booked", "{n} sessions are booked", one.booked)
            if one.booked else "",
            f"/sessions?from={one.day}&to={one.day}",
        )
        for one in found
    ]  # fmt: skip
