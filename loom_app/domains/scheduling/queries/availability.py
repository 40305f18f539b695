"""What the slot rule needs of one coach or of many: what is taken, read each time, and when they
are open, read again only when the coach's version is another (decision 0034)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling.queries.groups import groups_of, joinable
from loom_app.domains.scheduling.queries.places import needs_of, open_hours, rooms_at
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules.holidays import closed
from loom_app.domains.scheduling.rules.slots import Hours, Offer, Taken, Weekly, instant
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.intervals import Interval
from loom_app.kit.versioned import Versioned

# a definer function hands out ranges of time alone: a stranger's reads need no wider actor
# arrays, since a thousand rows are read faster than fifty thousand; the caller's own hold does not
# stand in their own way
_BUSY = text(
    """
    SELECT c.id, p.version, b.offerings, b.starts, b.blocked_from, b.blocked_until
    FROM unnest(CAST(:coaches AS bigint[])) c (id)
    LEFT JOIN coach_profiles p ON p.user_id = c.id
    LEFT JOIN (
      SELECT coach_id, array_agg(offering_id) offerings, array_agg(starts) starts,
        array_agg(blocked_from) blocked_from, array_agg(blocked_until) blocked_until
      FROM loom_busy(:coaches, :since, :until, :now) WHERE NOT mine GROUP BY coach_id
    ) b ON b.coach_id = c.id
    """
)
_VERSIONS = text("SELECT user_id, version FROM coach_profiles WHERE user_id = ANY(:coaches)")
# of more coaches than a directory sorted by the soonest time looks at; about 3 KB each
_open: Versioned[Hours] = Versioned(5_000)

# all that says when coaches are open, in one journey to the database
_HOURS = text(
    """
    SELECT u.id, u.zone, w.weekly, e.days, e.hours, a.away, h.country, h.region, h.working
    FROM users u
    LEFT JOIN (
      SELECT coach_id, ARRAY[array_agg(weekday), array_agg(start_minute), array_agg(end_minute),
        array_agg(every_weeks), array_agg(anchor - date '0001-01-01'),
        array_agg(valid_from - date '0001-01-01'), array_agg(valid_to - date '0001-01-01')] weekly
      FROM weekly_hours WHERE coach_id = ANY(:coaches) GROUP BY coach_id
    ) w ON w.coach_id = u.id
    LEFT JOIN (
      SELECT coach_id, array_agg(day) days, array_agg(intervals) hours FROM date_exceptions
      WHERE coach_id = ANY(:coaches) AND day >= :since GROUP BY coach_id
    ) e ON e.coach_id = u.id
    LEFT JOIN (
      SELECT coach_id, json_agg(ARRAY[first_day - date '0001-01-01', start_minute,
        last_day - date '0001-01-01', end_minute]) away
      FROM loom_away(:coaches, :since) GROUP BY coach_id
    ) a ON a.coach_id = u.id
    LEFT JOIN holiday_calendars h ON h.coach_id = u.id
    WHERE u.id = ANY(:coaches)
    """
)


@dataclass(frozen=True, slots=True)
class Busy:
    """The taken ranges of one coach, and which offering's they are; `version` says for which hours,
    None where the caller does not see the coach."""

    offerings: list[int]
    starts: list[int]
    blocked: tuple[tuple[int, int], ...]
    version: UUID | None = None


FREE = Busy([], [], ())
starts = rules.slots


def offer_of(view: OfferingView) -> Offer:
    """What the slot rule places, with the hours of where it is."""
    return Offer(
        duration=view.duration_minutes,
        interval=view.slot_interval,
        buffer_before=view.buffer_before,
        buffer_after=view.buffer_after,
        notice=first_notice(view.notice_minutes, view.min_seats, view.decide_hours),
        window_days=view.window_days,
        per_day=view.per_day,
        per_week=view.per_week,
        at=open_hours(view.site, clock.now().year),
    )


def first_notice(notice_minutes: int, min_seats: int, decide_hours: int) -> int:
    """Minutes ahead that a session is first booked: a group with a minimum, before it is decided
    whether it takes place."""
    return max(notice_minutes, decide_hours * 60 if min_seats > 1 else 0)


def taken_for(
    offering_id: int, offer: Offer, busy: Busy, rooms: tuple[Sequence[Interval], ...] | None = None
) -> Taken:
    """Limits count the sessions of the offering alone."""
    if offer.per_day is None and offer.per_week is None:
        return Taken(busy.blocked, rooms=rooms)
    pairs = zip(busy.offerings, busy.starts, strict=True)
    return Taken(busy.blocked, tuple(start for one, start in pairs if one == offering_id), rooms)


async def taken_of(tx: Tx, view: OfferingView, since: datetime, until: datetime) -> Taken:
    """All that is taken in [since, until) of what an offering needs: its coach, and a room."""
    busy = await busy_of(tx, [view.coach_id], since, until)
    return await _taken(tx, view, busy[view.coach_id], since, until)


async def _taken(tx: Tx, view: OfferingView, busy: Busy, since: datetime, until: datetime) -> Taken:
    needs = needs_of(view)
    rooms = (await rooms_at(tx, [needs], since, until)).that_do(needs)
    return taken_for(view.id, offer_of(view), busy, rooms)


async def hours_of(tx: Tx, coach_ids: Collection[int]) -> dict[int, Hours]:
    """When these coaches are open, each in their zone."""
    rows = await tx.db.execute(_VERSIONS, {"coaches": list(coach_ids)})
    known = {row.user_id: row.version for row in rows}
    return await hours_at(tx, {coach_id: known.get(coach_id) for coach_id in coach_ids})


async def hours_at(tx: Tx, versions: Mapping[int, UUID | None]) -> dict[int, Hours]:
    """The same where this transaction has read the coaches' versions before.

    Whoever sees a version sees all that it stands for, so what one caller read is true for all;
    a coach without a version that the caller may see is read each time and held for nobody.
    """
    # two days back, because today is yesterday somewhere
    since = (tx.now - timedelta(days=2)).date()
    held = {
        coach_id: hours
        for coach_id, version in versions.items()
        if version and (hours := _open.get(coach_id, (version, since))) is not None
    }
    missing = [coach_id for coach_id in versions if coach_id not in held]
    if missing:
        rows: Any = (await tx.db.execute(_HOURS, {"coaches": missing, "since": since})).all()
        for row in rows:
            held[row.id] = _hours(row, tx.now.year)
            if version := versions[row.id]:
                _open.keep(row.id, (version, since), held[row.id])
    return held


def _hours(row: Any, year: int) -> Hours:
    weekly: Any = row.weekly
    return Hours(
        row.zone,
        _week(tuple(tuple(column) for column in weekly)) if weekly else (),
        {day: tuple(map(tuple, hours)) for day, hours in zip(row.days or (), row.hours or ())},  # noqa: B905 - of one row
        # a window ends within a year, in another zone maybe
        closed(row.country, row.region, tuple(row.working), year - 1, year + 2)
        if row.country
        else {},
        tuple(
            (instant(row.zone, _day(first), start), instant(row.zone, _day(last), end))
            for first, start, last, end in row.away or ()
        ),
    )


@lru_cache(maxsize=4096)
def _week(columns: tuple[tuple[Any, ...], ...]) -> tuple[Weekly, ...]:
    """Many coaches keep the same week: equal rows are read once. The key is the rows themselves."""
    return tuple(
        Weekly(weekday, start, end, every, _day(anchor), _day(valid_from), _day(valid_to))
        for weekday, start, end, every, anchor, valid_from, valid_to in zip(*columns, strict=True)
    )


def _day(days: Any) -> Any:
    """A date as the statement sends it: days since the first of year one."""
    return None if days is None else date.fromordinal(days + 1)


async def busy_of(
    tx: Tx, coach_ids: Collection[int], since: datetime, until: datetime, *, limits: bool = True
) -> dict[int, Busy]:
    """Taken ranges in [since, until), with a week around them where limits have to be counted."""
    around = timedelta(days=7 if limits else 0)
    values = {
        "coaches": list(coach_ids),
        "since": since - around,
        "until": until + around,
        "now": tx.now,
    }
    return {
        coach_id: Busy(offerings, starts, tuple(zip(begin, end, strict=True)), version)
        if offerings
        else Busy([], [], (), version)
        for coach_id, version, offerings, starts, begin, end in await tx.db.execute(_BUSY, values)
    }


async def free_starts(
    tx: Tx, offering: OfferingView, since: datetime, until: datetime
) -> list[datetime]:
    """The bookable starts in [since, until)."""
    coach_id = offering.coach_id
    busy = (await busy_of(tx, [coach_id], since, until))[coach_id]
    hours = (await hours_at(tx, {coach_id: busy.version})).get(coach_id)
    if hours is None:
        return []
    found = starts(
        hours,
        offer_of(offering),
        await _taken(tx, offering, busy, since, until),
        now=ceil(tx.now),
        first=ceil(since),
        last=ceil(until),
    )
    free = {datetime.fromtimestamp(start, UTC) for start in found}
    # a group's own time is taken for everything but its seats
    groups = await groups_of(tx, offering, since, until)
    free -= {one.starts_at for one in groups}
    return sorted(free.union(joinable(tx, offering, groups)))


async def full_starts(
    tx: Tx, offering: OfferingView, since: datetime, until: datetime
) -> list[datetime]:
    """The starts in [since, until) that could be booked if nothing were taken, and cannot."""
    hours = await hours_of(tx, [offering.coach_id])
    if offering.coach_id not in hours:
        return []
    found = rules.slots(
        hours[offering.coach_id],
        offer_of(offering),
        now=ceil(tx.now),
        first=ceil(since),
        last=ceil(until),
    )
    starts_then = {datetime.fromtimestamp(start, UTC) for start in found}
    return sorted(starts_then.difference(await free_starts(tx, offering, since, until)))


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
