"""A coach's week with every closed stretch explained."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.scheduling.models import LIVE, CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.places import needs_of, rooms_at
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules import why
from loom_app.domains.scheduling.rules.why import Asked, Block, Reason
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound


@dataclass(frozen=True)
class StretchView:
    """No session can begin in [start, end), or, without reasons, one may."""

    start: datetime
    end: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class DayWhy:
    """`free` are the starts that clients see; times are on the coach's clock."""

    day: date
    free: list[datetime]
    stretches: list[StretchView]
    holiday: str = ""


@dataclass(frozen=True)
class WeekWhy:
    """`sessions` has the title of each session that is in the way."""

    days: list[DayWhy]
    sessions: dict[int, str] = field(default_factory=dict)


async def why_closed(tx: Tx, me: Actor, offering_id: int, monday: date) -> WeekWhy:
    """Seven days from a date on, of the caller's own offering. Raises NotFound."""
    offering = await coaches.offering(tx, me, offering_id)
    coach_id = me.require_person()
    if offering.coach_id != coach_id:
        raise NotFound
    hours = (await availability.hours_of(tx, [coach_id]))[coach_id]
    days = [monday + timedelta(days=n) for n in range(7)]
    since = availability.wall_midnight(monday, hours.zone)
    until = availability.wall_midnight(monday + timedelta(days=7), hours.zone)
    needs = needs_of(offering)
    rows = await _sessions(tx, coach_id, since, until)
    asked = Asked(
        hours,
        availability.offer_of(offering),
        [_block(row) for row in rows],
        [int(row.starts_at.timestamp()) for row in rows if row.offering_id == offering_id],
        availability.ceil(tx.now),
        (await rooms_at(tx, [needs], since, until)).that_do(needs),
    )
    return WeekWhy(
        [_day(asked, day) for day in days], {row.id: row.title for row in rows if row.id}
    )


def _day(asked: Asked, day: date) -> DayWhy:
    zone = rules.zone_of(asked.hours.zone)
    first = rules.midnight(asked.hours.zone, day)
    last = rules.midnight(asked.hours.zone, day + timedelta(days=1))
    if first >= last:  # the day that Apia skipped
        return DayWhy(day, [], [])
    free = rules.slots(asked.hours, asked.offer, asked.taken, now=asked.now, first=first, last=last)
    return DayWhy(
        day,
        [datetime.fromtimestamp(one, zone) for one in free],
        [
            StretchView(
                datetime.fromtimestamp(one.start, zone),
                datetime.fromtimestamp(one.end, zone),
                one.reasons,
            )
            for one in why.stretches(asked, first, last)
        ],
        "" if day in asked.hours.exceptions else asked.hours.holidays.get(day, ""),
    )


def _block(row: CoachingSession) -> Block:
    times = (row.starts_at, row.ends_at, row.blocked_from, row.blocked_until)
    start, end, blocked_from, blocked_until = (int(one.timestamp()) for one in times)
    return Block(start, end, blocked_from, blocked_until, row.id or 0, row.status == "held")


async def _sessions(
    tx: Tx, coach_id: int, since: datetime, until: datetime
) -> list[CoachingSession]:
    """What takes the coach's time, with the weeks around it for the limits."""
    session = CoachingSession
    alive = exists().where(
        col(Seat.session_id) == col(session.id),
        col(Seat.status) == "held",
        col(Seat.hold_expires_at) > tx.now,
    )
    return list(
        await tx.db.scalars(
            select(session)
            .where(
                col(session.coach_id) == coach_id,
                col(session.status).in_(LIVE),
                or_(col(session.status) != "held", and_(alive)),
                col(session.starts_at) >= since.astimezone(UTC) - timedelta(days=8),
                col(session.starts_at) < until.astimezone(UTC) + timedelta(days=8),
            )
            .order_by(col(session.starts_at))
        )
    )
