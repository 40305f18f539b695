"""A coach writes when they are open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import col

from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.models import DateException, WeeklyHour
from loom_app.domains.scheduling.queries.onboarding import has_hours
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.intervals import Interval, check_interval, day_of_intervals
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class HourEdit:
    """One interval of a weekday (Monday is 0), in minutes; 1440 is midnight at its end."""

    weekday: int
    start: int
    end: int
    every_weeks: int = 1
    anchor: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


async def check_has_hours(tx: Tx, coach_id: int) -> None:
    """Before staff looks at a coach. Raises Invalid."""
    if not await has_hours(tx, coach_id):
        raise Invalid(t("Not done yet: {steps}.", steps=t("hours in which you can be booked")))


async def save_week(tx: Tx, me: Actor, hours: Sequence[HourEdit]) -> None:
    """Replace the weekly hours; what overlaps merges. Raises Invalid by weekday."""
    coach_id = me.require_coach()
    groups: dict[tuple[object, ...], list[Interval]] = {}
    for hour in hours:
        _check(hour)
        key = (hour.weekday, hour.every_weeks, hour.anchor, hour.valid_from, hour.valid_to)
        groups.setdefault(key, []).append((hour.start, hour.end))
    await tx.db.execute(delete(WeeklyHour).where(col(WeeklyHour.coach_id) == coach_id))
    for key, intervals in groups.items():
        weekday, every, anchor, valid_from, valid_to = key
        for start, end in day_of_intervals(intervals, f"day{weekday}"):
            tx.db.add(
                WeeklyHour(
                    coach_id=coach_id,
                    weekday=weekday,  # pyright: ignore[reportArgumentType]
                    start_minute=start,
                    end_minute=end,
                    every_weeks=every,  # pyright: ignore[reportArgumentType]
                    anchor=anchor,  # pyright: ignore[reportArgumentType]
                    valid_from=valid_from,  # pyright: ignore[reportArgumentType]
                    valid_to=valid_to,  # pyright: ignore[reportArgumentType]
                )
            )
    await changed(tx, coach_id, "hours.save_week")


async def save_exception(tx: Tx, me: Actor, day: date, intervals: Sequence[Interval]) -> None:
    """Other hours on a date, or a day off where there are none. Raises Invalid."""
    coach_id = me.require_coach()
    if not tx.now.date() - timedelta(days=1) <= day <= tx.now.date() + timedelta(days=730):
        raise Invalid(t("Choose a date from today on, within two years."), field="day")
    kept = [list(one) for one in day_of_intervals(intervals, "intervals")]
    await _drop(tx, coach_id, day)
    tx.db.add(DateException(coach_id=coach_id, day=day, intervals=kept))
    await changed(tx, coach_id, "hours.save_exception")


async def drop_exception(tx: Tx, me: Actor, day: date) -> None:
    """The weekly hours count again on that date; idempotent."""
    coach_id = me.require_coach()
    await _drop(tx, coach_id, day)
    await changed(tx, coach_id, "hours.drop_exception")


async def _drop(tx: Tx, coach_id: int, day: date) -> None:
    await tx.db.execute(
        delete(DateException).where(
            col(DateException.coach_id) == coach_id, col(DateException.day) == day
        )
    )


def _check(hour: HourEdit) -> None:
    field = f"day{hour.weekday}"
    if not 0 <= hour.weekday <= 6 or hour.every_weeks not in (1, 2):
        raise Invalid(t("Choose a day of the week."), field=field)
    check_interval(hour.start, hour.end, field)
    if hour.every_weeks == 2 and hour.anchor is None:
        raise Invalid(t("Say in which week it begins."), field=field)
    if hour.valid_from and hour.valid_to and hour.valid_from > hour.valid_to:
        raise Invalid(t("It ends before it begins."), field=field)


async def changed(tx: Tx, coach_id: int, verb: str) -> None:
    """Keep the trail, and tell who looks at the coach's times."""
    await tx.db.flush()
    await audit(tx, verb, "coach", coach_id)
    tx.signal(f"coach:{coach_id}:slots")
    await tx.emit(events.HoursChanged(coach_id))
