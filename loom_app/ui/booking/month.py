"""Days, weeks and months of a calendar, and what an address asks of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loom_app.kit import addresses
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.booking.rows import DayCell, DayPart
from loom_app.ui.directory.rows import TimeRow

Days = Mapping[date, list[datetime]]
WEEK = timedelta(days=7)
NOON, EVENING = 12, 17  # the hours at which the parts of a day begin
MANY = 20  # times of one part: five rows of four


def first_of(month: date, later: int = 0) -> date:
    """The first day of the month, or of one some months later."""
    total = month.year * 12 + month.month - 1 + later
    return date(total // 12, total % 12 + 1, 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def by_day(instants: Iterable[datetime], zone: str) -> dict[date, list[datetime]]:
    days: dict[date, list[datetime]] = {}
    for at in instants:
        days.setdefault(times.local(at, zone).date(), []).append(at)
    return days


def whole_weeks(month: date) -> tuple[date, date]:
    """The Monday on or before the month's first day, and the Sunday on or after its last."""
    last = first_of(month, 1) - timedelta(days=1)
    return monday_of(month), monday_of(last) + timedelta(days=6)


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a day, a week by its Monday, or a month; nothing if neither."""

    day: date | None = None
    week: date | None = None
    only_month: date | None = None
    whole: bool = False  # the month is what one looks at, not one day's week

    @property
    def month(self) -> date | None:
        """That the calendar turns to: a week is of the month in which its Thursday lies, as by ISO
        8601 it is of its Thursday's year."""
        if self.day:
            return first_of(self.day)
        return first_of(self.week + timedelta(days=3)) if self.week else self.only_month


def asked_of(query: Mapping[str, str], today: date) -> Asked:
    """What the address says, the narrowest first; nonsense says nothing, and a week that is over
    is this one."""
    month = addresses.day(f"{query.get('month', '')}-01")
    if day := addresses.day(query.get("day", "")):
        return Asked(day=day, whole=month is not None)
    if inside := addresses.day(query.get("week", "")):
        return Asked(week=monday_of(max(inside, today)))
    return Asked(only_month=month, whole=month is not None)


def month_cells(
    month: date,
    free: Days,
    *,
    chosen: date | None,
    today: date,
    base: str,
    full: Collection[date] = (),
    week: date | None = None,
) -> list[DayCell]:
    """Whole weeks from Monday; those in `full` can be waited for. Days of other months are blank,
    but in the week that begins on `week`, which is shown alone on a phone."""
    start, end = whole_weeks(month)
    cells = []
    for day in (start + timedelta(days=n) for n in range((end - start).days + 1)):
        count = len(free.get(day, ()))
        inside, in_week = day.month == month.month, monday_of(day) == week
        kind = "free" if count else "full" if day in full else "none"
        cells.append(
            DayCell(
                iso=day.isoformat(),
                number=str(day.day),
                label=f"{times.day(day)}, {tn('{n} time', '{n} times', count)}",
                kind=kind if inside or in_week else "outside",
                href=f"{base}&day={day.isoformat()}",
                chosen=day == chosen,
                today=day == today,
                over=day < monday_of(today),
                in_week=in_week,
                beside=not inside,
            )
        )
    return cells


def part_of(here: datetime) -> str:
    """The part of the day in which a wall time lies."""
    if here.hour < NOON:
        return "morning"
    return "afternoon" if here.hour < EVENING else "evening"


def day_parts(rows: list[TimeRow], opened: str) -> list[DayPart]:
    """The parts of the day that have times, with how many are free; `opened` is the one that a
    phone shows first."""
    words = {"morning": t("Morning"), "afternoon": t("Afternoon"), "evening": t("Evening")}
    found = []
    for key, label in words.items():
        here = [row for row in rows if row.part == key]
        if here:
            count = sum(row.free for row in here)
            spoken = tn("{part}, {n} free time", "{part}, {n} free times", count, part=label)
            many = len(here) > MANY
            found.append(DayPart(key, label, str(count), spoken, key == opened, many))
    return found
