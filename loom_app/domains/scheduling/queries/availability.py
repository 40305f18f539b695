"""What the slot rule needs of one coach or of many, in three statements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts.models import User
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling.models import DateException, WeeklyHour
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules.slots import Hours, Offer, Taken, Weekly
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

# a definer function hands out ranges of time alone: a stranger's reads need no wider actor
_BUSY = text(
    "SELECT coach_id, offering_id, starts, blocked_from, blocked_until, mine"
    " FROM loom_busy(:coaches, :since, :until, :now)"
)


@dataclass(frozen=True, slots=True)
class Busy:
    """One taken range of a coach; `mine` is the caller's own hold."""

    offering_id: int
    starts: int
    blocked: tuple[int, int]
    mine: bool


def offer_of(view: OfferingView) -> Offer:
    return Offer(
        duration=view.duration_minutes,
        interval=view.slot_interval,
        buffer_before=view.buffer_before,
        buffer_after=view.buffer_after,
        notice=view.notice_minutes,
        window_days=view.window_days,
        per_day=view.per_day,
        per_week=view.per_week,
    )


def taken_for(offering_id: int, busy: Collection[Busy]) -> Taken:
    """The caller's own hold does not stand in their own way."""
    others = [one for one in busy if not one.mine]
    return Taken(
        tuple(one.blocked for one in others),
        tuple(one.starts for one in others if one.offering_id == offering_id),
    )


async def hours_of(tx: Tx, coach_ids: Collection[int]) -> dict[int, Hours]:
    """Weekly hours, exceptions and zones of these coaches."""
    ids = list(coach_ids)
    zones = await tx.db.execute(select(col(User.id), col(User.zone)).where(col(User.id).in_(ids)))
    weekly: dict[int, list[Weekly]] = {}
    for row in await tx.db.execute(_weekly(ids)):
        weekly.setdefault(row[0], []).append(Weekly(*row[1:]))
    exceptions: dict[int, dict[date, tuple[tuple[int, int], ...]]] = {}
    for coach_id, day, intervals in await tx.db.execute(_exceptions(ids, tx.now)):
        found = tuple((start, end) for start, end in intervals)
        exceptions.setdefault(coach_id, {})[day] = found
    return {
        coach_id: Hours(zone, tuple(weekly.get(coach_id, ())), exceptions.get(coach_id, {}))
        for coach_id, zone in zones
        if coach_id is not None
    }


def _weekly(ids: list[int]):  # noqa: ANN202 - a long generic of column types
    hour = WeeklyHour
    return select(
        col(hour.coach_id),
        col(hour.weekday),
        col(hour.start_minute),
        col(hour.end_minute),
        col(hour.every_weeks),
        col(hour.anchor),
        col(hour.valid_from),
        col(hour.valid_to),
    ).where(col(hour.coach_id).in_(ids))


def _exceptions(ids: list[int], now: datetime):  # noqa: ANN202 - as above
    # two days back, because today is yesterday somewhere
    return select(
        col(DateException.coach_id), col(DateException.day), col(DateException.intervals)
    ).where(
        col(DateException.coach_id).in_(ids),
        col(DateException.day) >= (now - timedelta(days=2)).date(),
    )


async def busy_of(
    tx: Tx, coach_ids: Collection[int], since: datetime, until: datetime
) -> dict[int, list[Busy]]:
    """Taken ranges in [since, until), with a week around them for the weekly limits."""
    values = {
        "coaches": list(coach_ids),
        "since": since - timedelta(days=7),
        "until": until + timedelta(days=7),
        "now": tx.now,
    }
    found: dict[int, list[Busy]] = {}
    for coach_id, offering_id, starts, begin, end, mine in await tx.db.execute(_BUSY, values):
        found.setdefault(coach_id, []).append(Busy(offering_id, starts, (begin, end), mine))
    return found


async def free_starts(
    tx: Tx, offering: OfferingView, since: datetime, until: datetime
) -> list[datetime]:
    """The bookable starts in [since, until)."""
    hours = await hours_of(tx, [offering.coach_id])
    if offering.coach_id not in hours:
        return []
    busy = await busy_of(tx, [offering.coach_id], since, until)
    found = rules.slots(
        hours[offering.coach_id],
        offer_of(offering),
        taken_for(offering.id, busy.get(offering.coach_id, [])),
        now=ceil(tx.now),
        first=ceil(since),
        last=ceil(until),
    )
    return [datetime.fromtimestamp(start, UTC) for start in found]


async def month_slots(
    tx: Tx, me: Actor, offering_id: int, first_day: date, last_day: date
) -> list[datetime]:
    """The bookable starts on these days (both included) of the viewer's zone. Raises NotFound."""
    offering = await coaches.offering(tx, me, offering_id)
    if offering.archived:
        return []
    since = wall_midnight(first_day, me.zone)
    # two months and their edges are what a page shows; more is a claim from outside
    last_day = min(last_day, first_day + timedelta(days=70))
    until = wall_midnight(last_day + timedelta(days=1), me.zone)
    return await free_starts(tx, offering, since, until)


async def next_free(
    tx: Tx, offering: OfferingView, after: datetime, count: int = 3
) -> list[datetime]:
    """The next bookable starts from an instant on, within two weeks."""
    since = max(after, tx.now)
    return (await free_starts(tx, offering, since, since + timedelta(days=14)))[:count]


def wall_midnight(day: date, zone: str) -> datetime:
    return datetime.fromtimestamp(rules.midnight(zone, day), UTC)


def ceil(instant: datetime) -> int:
    """Whole seconds, never earlier than the instant."""
    whole = int(instant.timestamp())
    return whole + (instant.microsecond > 0)
