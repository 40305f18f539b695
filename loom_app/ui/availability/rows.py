"""Hours between the database's minutes and the clock times that people type."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from loom_app.domains.scheduling.actions import HourEdit
from loom_app.domains.scheduling.queries import ExceptionView, IntervalView
from loom_app.kit import addresses
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
class BlockRow:
    """An interval as the grid draws it; `top` and `height` in percent of a day."""

    at: int
    start: int
    end: int
    words: str
    top: str
    height: str
    seldom: bool


@dataclass(frozen=True)
class DayRow:
    weekday: int
    name: str
    short: str = ""
    hours: list[HourRow] = field(default_factory=list)
    blocks: list[BlockRow] = field(default_factory=list)


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
    return [day_row(weekday, days[weekday]) for weekday in range(len(DAYS))]


def day_row(weekday: int, hours: list[HourRow]) -> DayRow:
    """With its intervals numbered, and drawn where they are times already."""
    numbered = [replace(row, at=n) for n, row in enumerate(hours)]
    name = DAYS[weekday]
    blocks = [block for row in numbered if (block := _block(row))]
    return DayRow(weekday, name, name[:3], numbered, blocks)


def _block(row: HourRow) -> BlockRow | None:
    try:
        start, end = minutes_of(row.start, ""), end_of(row.end, "")
    except Invalid:
        return None
    if start >= end:
        return None
    return BlockRow(
        row.at,
        start,
        end,
        f"{clock_of(start)}–{row.end if end < MIDNIGHT else '24:00'}",
        f"{start / MIDNIGHT:.3%}",
        f"{(end - start) / MIDNIGHT:.3%}",
        row.rhythm != "1" or bool(row.valid_from or row.valid_to),
    )


def _rhythm(hour: IntervalView, today: date) -> str:
    if hour.every_weeks == 1 or hour.anchor is None:
        return "1"
    weeks = (_monday(hour.anchor) - _monday(today)).days // 7
    return "2a" if weeks % 2 == 0 else "2b"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _date_of(words: str, field_name: str) -> date | None:
    if not words:
        return None
    found = addresses.day(words)
    if found is None:
        raise Invalid(t("Choose a date."), field=field_name)
    return found


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
                    valid_from=_date_of(row.valid_from, name),
                    valid_to=_date_of(row.valid_to, name),
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
