"""When a coach is away, as they see it themselves: with reasons, and who is booked meanwhile."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.scheduling.models import (
    BOOKED,
    CoachingSession,
    HolidayCalendar,
    Seat,
    TimeOff,
)
from loom_app.domains.scheduling.rules import holidays
from loom_app.domains.scheduling.rules.slots import instant
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True)
class BookedView:
    """A session inside time off: to be moved, cancelled or kept."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    clients: list[str]


@dataclass(frozen=True)
class TimeOffView:
    """Days and minutes are the coach's; 1440 is midnight at the last day's end."""

    id: int
    first_day: date
    start_minute: int
    last_day: date
    end_minute: int
    reason: str
    booked: list[BookedView] = field(default_factory=list)


@dataclass(frozen=True)
class HolidayView:
    name: str
    day: date  # the next one
    working: bool


@dataclass(frozen=True)
class HolidaysView:
    """`country` and `region` are codes, "" where none is chosen; regions are (code, name)."""

    country: str = ""
    region: str = ""
    regions: list[tuple[str, str]] = field(default_factory=list)
    days: list[HolidayView] = field(default_factory=list)


async def time_off(tx: Tx, me: Actor) -> list[TimeOffView]:
    """The caller's, from yesterday on, with the sessions inside each."""
    rows = list(
        await tx.db.scalars(
            select(TimeOff)
            .where(
                col(TimeOff.coach_id) == me.require_person(),
                col(TimeOff.last_day) >= (tx.now - timedelta(days=1)).date(),
            )
            .order_by(col(TimeOff.first_day), col(TimeOff.start_minute), col(TimeOff.id))
        )
    )
    ranges = {row.id: _range(row, me.zone) for row in rows}
    booked = await _booked(tx, me, list(ranges.values()))
    return [
        TimeOffView(
            row.id or 0,
            row.first_day,
            row.start_minute,
            row.last_day,
            row.end_minute,
            row.reason,
            [
                one
                for one in booked
                if one.starts_at < ranges[row.id][1] and one.ends_at > ranges[row.id][0]
            ],
        )
        for row in rows
    ]


async def holiday_calendar(
    tx: Tx, me: Actor, country: str | None = None, region: str = ""
) -> HolidaysView:
    """The caller's holidays, or those of a country they are looking at."""
    row = await tx.db.get(HolidayCalendar, me.require_person())
    if country is None:
        country, region = (row.country, row.region) if row else ("", "")
    if country not in holidays.countries():
        return HolidaysView()
    parts = holidays.regions(country)
    region = region if region in parts else ""
    working = row.working if row and row.country == country else []
    today = tx.now.date()
    found: dict[str, date] = {}
    for day, names in holidays.in_years(country, region, today.year, today.year + 1).items():
        for name in names:
            if day >= today:
                found.setdefault(name, day)
    return HolidaysView(
        country,
        region,
        list(parts.items()),
        [HolidayView(name, day, name in working) for name, day in found.items()],
    )


def holiday_countries() -> list[tuple[str, str]]:
    """Codes and names of the countries whose holidays are known."""
    return list(holidays.countries().items())


def _range(row: TimeOff, zone: str) -> tuple[datetime, datetime]:
    return (
        datetime.fromtimestamp(instant(zone, row.first_day, row.start_minute), UTC),
        datetime.fromtimestamp(instant(zone, row.last_day, row.end_minute), UTC),
    )


async def _booked(tx: Tx, me: Actor, ranges: list[tuple[datetime, datetime]]) -> list[BookedView]:
    """The caller's sessions to come that touch any of these stretches."""
    if not ranges:
        return []
    session = CoachingSession
    inside = or_(
        *(
            and_(col(session.starts_at) < until, col(session.ends_at) > since)
            for since, until in ranges
        )
    )
    rows = (
        await tx.db.execute(
            select(session, col(Seat.client_id))
            .join(Seat, col(Seat.session_id) == col(session.id))
            .where(
                col(session.coach_id) == me.require_person(),
                col(session.status).in_(BOOKED),
                col(session.ends_at) > tx.now,
                col(Seat.status).in_(BOOKED),
                inside,
            )
            .order_by(col(session.starts_at), col(Seat.id))
            .limit(500)
        )
    ).all()
    people = await accounts.people(tx, {client for _, client in rows if client is not None})
    found: dict[int, BookedView] = {}
    for one, client in rows:
        assert one.id is not None  # noqa: S101 - a loaded row has its id
        view = found.setdefault(
            one.id, BookedView(one.id, one.title, one.starts_at, one.ends_at, [])
        )
        if client in people:
            view.clients.append(people[client].name)
    return list(found.values())
