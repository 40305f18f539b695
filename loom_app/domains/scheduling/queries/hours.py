"""A coach's own hours, as the editor shows them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.scheduling.models import BOOKED, CoachingSession, DateException, WeeklyHour
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import local


@dataclass(frozen=True)
class IntervalView:
    """Minutes of the day; 1440 is midnight at its end."""

    weekday: int
    start: int
    end: int
    every_weeks: int
    anchor: date | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class ExceptionView:
    day: date
    intervals: list[tuple[int, int]]
    booked: int = 0  # sessions on that date, to be looked at


@dataclass(frozen=True)
class WeekView:
    zone: str
    hours: list[IntervalView] = field(default_factory=list)
    exceptions: list[ExceptionView] = field(default_factory=list)


async def week(tx: Tx, me: Actor) -> WeekView:
    """The caller's weekly hours and the exceptions from yesterday on."""
    coach_id = me.require_person()
    hours = await tx.db.scalars(
        select(WeeklyHour)
        .where(col(WeeklyHour.coach_id) == coach_id)
        .order_by(col(WeeklyHour.weekday), col(WeeklyHour.start_minute))
    )
    exceptions = await tx.db.scalars(
        select(DateException)
        .where(
            col(DateException.coach_id) == coach_id,
            col(DateException.day) >= (tx.now - timedelta(days=1)).date(),
        )
        .order_by(col(DateException.day))
        .limit(400)
    )
    booked = await _booked(tx, me)
    return WeekView(
        me.zone,
        [
            IntervalView(
                row.weekday,
                row.start_minute,
                row.end_minute,
                row.every_weeks,
                row.anchor,
                row.valid_from,
                row.valid_to,
            )
            for row in hours
        ],
        [
            ExceptionView(
                row.day, [(start, end) for start, end in row.intervals], booked.get(row.day, 0)
            )
            for row in exceptions
        ],
    )


async def _booked(tx: Tx, me: Actor) -> Counter[date]:
    """The caller's sessions to come, by the date on their own clock."""
    starts = await tx.db.scalars(
        select(col(CoachingSession.starts_at)).where(
            col(CoachingSession.coach_id) == me.require_person(),
            col(CoachingSession.status).in_(BOOKED),
            col(CoachingSession.starts_at) >= tx.now - timedelta(days=1),
        )
    )
    return Counter(local(start, me.zone).date() for start in starts)
