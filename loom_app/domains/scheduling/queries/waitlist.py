"""Who waits for what: one's own wishes with their place in line, and for a coach everybody's."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.scheduling.models import LIVE, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.groups import groups_of
from loom_app.domains.scheduling.waitlist_models import WaitlistEntry, WaitlistOffer
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t

# those ahead who may get what this one waits for
_POSITIONS = text(
    """
    SELECT e.id, 1 + (
      SELECT count(*) FROM waitlist_entries a JOIN offerings p ON p.id = a.offering_id
      WHERE a.coach_id = e.coach_id AND a.status = 'waiting' AND a.place < e.place
        AND (a.offering_id = e.offering_id OR p.capacity = 1 AND o.capacity = 1)
        AND coalesce(a.since < e.until AND e.since < a.until, true)) AS position
    FROM waitlist_entries e JOIN offerings o ON o.id = e.offering_id
    WHERE e.status = 'waiting' AND e.client_id = :person
    """
)


@dataclass(frozen=True)
class OfferView:
    """A time that is kept for who waits, until they answer or `until` has come."""

    id: int
    entry_id: int
    offering_id: int
    offering_name: str
    slug: str
    coach: PersonView
    starts_at: datetime
    ends_at: datetime
    until: datetime


@dataclass(frozen=True)
class WaitView:
    """One's wish: for a start, for a day (both have `since`), or for any time of an offering."""

    id: int
    coach: PersonView
    slug: str
    offering_id: int
    offering_name: str
    since: datetime | None
    one_time: bool
    position: int
    missed: int
    group: bool = False


@dataclass(frozen=True)
class WishView:
    """What somebody waited for, for who tells them of its end."""

    offering_name: str
    group: bool
    coach: PersonView
    slug: str
    since: datetime | None
    one_time: bool


@dataclass(frozen=True)
class WaitingView:
    """Somebody who waits for a coach; `offered_until` while a time is offered to them."""

    id: int
    client: PersonView
    offering_id: int
    offering_name: str
    since: datetime | None
    one_time: bool
    joined_at: datetime
    offered: datetime | None
    offered_until: datetime | None
    group: bool = False


@dataclass(frozen=True)
class Crowded:
    """What of an offering is full, as one looks at a day of it: groups of that day without a seat,
    other times that are taken, whether the whole day is, and whether there is no free time at all.
    """

    groups: list[datetime]
    taken: list[datetime]
    day: bool
    all: bool


async def waits(tx: Tx, me: Actor) -> list[WaitView]:
    """What the caller waits for, in the order of joining."""
    entries = await _entries(tx, col(WaitlistEntry.client_id) == me.require_person())
    async with tx.acting_as_system("scheduling.waits"):
        found = await tx.db.execute(_POSITIONS, {"person": me.require_person()})
        places = {row.id: row.position for row in found}
        people = await accounts.people(tx, {one.coach_id for one in entries})
        offerings = await coaches.offerings_by_id(tx, {one.offering_id for one in entries})
        slugs = {one.coach_id: await coaches.slug_of_coach(tx, one.coach_id) for one in entries}
    missed = await tx.db.scalars(
        select(col(WaitlistOffer.entry_id)).where(
            col(WaitlistOffer.entry_id).in_([one.id for one in entries]),
            col(WaitlistOffer.answer) == "missed",
        )
    )
    misses = list(missed)
    return [
        WaitView(
            id=one.id or 0,
            coach=people[one.coach_id],
            slug=slugs[one.coach_id],
            offering_id=one.offering_id,
            offering_name=offerings[one.offering_id].name,
            since=one.since,
            one_time=one.one_time,
            position=places.get(one.id or 0, 1),
            missed=misses.count(one.id or 0),
            group=offerings[one.offering_id].capacity > 1,
        )
        for one in entries
        if one.coach_id in people and one.offering_id in offerings
    ]


async def offers(tx: Tx, me: Actor) -> list[OfferView]:
    """What is offered to the caller now."""
    return await _offers(tx, col(Seat.client_id) == me.require_person())


async def offer(tx: Tx, offer_id: int) -> OfferView:
    """For whoever tells of it, acting as scheduling. Raises NotFound where it is over."""
    found = await _offers(tx, col(WaitlistOffer.id) == offer_id)
    if not found:
        raise NotFound
    return found[0]


async def wish(tx: Tx, entry_id: int) -> WishView:
    """Of an entry, whatever became of it; acting as scheduling. Raises NotFound."""
    one = await tx.db.get(WaitlistEntry, entry_id)
    if one is None:
        raise NotFound
    offering = (await coaches.offerings_by_id(tx, [one.offering_id]))[one.offering_id]
    return WishView(
        offering_name=offering.name,
        group=offering.capacity > 1,
        coach=await accounts.person(tx, one.coach_id),
        slug=await coaches.slug_of_coach(tx, one.coach_id),
        since=one.since,
        one_time=one.one_time,
    )


async def waiting(tx: Tx, me: Actor) -> list[WaitingView]:
    """Everybody who waits for the caller, first in line first."""
    entries = await _entries(tx, col(WaitlistEntry.coach_id) == me.require_coach())
    people = await accounts.people(tx, {one.client_id for one in entries})
    names = await coaches.offerings_by_id(tx, {one.offering_id for one in entries})
    held = await tx.db.execute(
        select(WaitlistOffer)
        .join(Seat, col(Seat.id) == col(WaitlistOffer.seat_id))
        .where(
            col(WaitlistOffer.entry_id).in_([one.id for one in entries]),
            col(Seat.status) == "held",
            col(Seat.hold_expires_at) > tx.now,
        )
    )
    offered = {one.entry_id: one for one in held.scalars()}
    return [
        WaitingView(
            id=one.id or 0,
            client=people[one.client_id],
            offering_id=one.offering_id,
            offering_name=names[one.offering_id].name,
            since=one.since,
            one_time=one.one_time,
            joined_at=one.joined_at,
            offered=offered[one.id].starts_at if one.id in offered else None,
            offered_until=offered[one.id].until if one.id in offered else None,
            group=names[one.offering_id].capacity > 1,
        )
        for one in entries
        if one.client_id in people and one.offering_id in names
    ]


async def waiting_for(tx: Tx, me: Actor, offering_id: int, start: datetime) -> list[PersonView]:
    """Who would take a seat of one's group that begins then, first in line first."""
    line = await _entries(
        tx,
        (col(WaitlistEntry.coach_id) == me.require_coach())
        & (col(WaitlistEntry.offering_id) == offering_id),
    )
    people = await accounts.people(tx, {one.client_id for one in line})
    wanted = [one.client_id for one in line if one.wants(start)]
    return [people[one] for one in dict.fromkeys(wanted) if one in people]


async def crowded(tx: Tx, me: Actor, offering_id: int, day: date | None) -> Crowded:
    """What one can wait for; the day is one of the viewer's zone. Raises NotFound."""
    offering = await coaches.offering(tx, me, offering_id)
    end = tx.now + timedelta(days=offering.window_days + 2)
    nothing = not await availability.free_starts(tx, offering, tx.now, end)
    if day is None:
        return Crowded([], [], day=False, all=nothing)
    since, until = (
        availability.wall_midnight(one, me.zone) for one in (day, day + timedelta(days=1))
    )
    soonest = tx.now + timedelta(minutes=max(offering.notice_minutes, 30))
    groups = await groups_of(tx, offering, since, until)
    full = [
        one.starts_at
        for one in groups
        if not one.left and not one.mine and one.starts_at >= soonest
    ]
    free = await availability.free_starts(tx, offering, since, until)
    taken = await availability.full_starts(tx, offering, since, until)
    length = timedelta(minutes=offering.duration_minutes)
    mine = await own_times(tx, me, since, until + length)
    others = {one.starts_at for one in groups}
    return Crowded(
        sorted(full),
        [
            at
            for at in taken
            if at >= soonest
            and at not in others
            and not any(begin < at + length and at < end for begin, end in mine)
        ],
        day=bool(taken) and not free,
        all=nothing,
    )


async def own_times(
    tx: Tx, me: Actor, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """When the caller has a session, or keeps a time, between these."""
    if me.person_id is None:
        return []
    found = await tx.db.execute(
        select(col(Seat.starts_at), col(Seat.ends_at)).where(
            col(Seat.client_id) == me.person_id,
            col(Seat.status).in_(LIVE),
            col(Seat.starts_at) < until,
            col(Seat.ends_at) > since,
        )
    )
    return [(begin, end) for begin, end in found]


async def full_days(
    tx: Tx, me: Actor, offering_id: int, first_day: date, last_day: date
) -> list[datetime]:
    """The starts on these days (both included) of the viewer's zone that are taken."""
    offering = await coaches.offering(tx, me, offering_id)
    since = availability.wall_midnight(first_day, me.zone)
    last_day = min(last_day, first_day + timedelta(days=70))
    until = availability.wall_midnight(last_day + timedelta(days=1), me.zone)
    return await availability.full_starts(tx, offering, since, until)


def wish_text(since: datetime | None, zone: str, *, one_time: bool, group: bool) -> str:
    """What is waited for, in the reader's zone."""
    if since is None:
        return t("Any time")
    if one_time and group:
        return t("A seat on {when}", when=times.when(since, zone))
    if one_time:
        return times.when(since, zone)
    return t("Any time on {day}", day=times.day(times.local(since, zone).date()))


async def _entries(tx: Tx, which: object) -> list[WaitlistEntry]:
    found = select(WaitlistEntry).where(which, col(WaitlistEntry.status) == "waiting")  # type: ignore[arg-type]
    return list(await tx.db.scalars(found.order_by(col(WaitlistEntry.place))))


async def _offers(tx: Tx, which: object) -> list[OfferView]:
    rows = (
        await tx.db.execute(
            select(WaitlistOffer, WaitlistEntry, col(Seat.ends_at))
            .join(WaitlistEntry, col(WaitlistEntry.id) == col(WaitlistOffer.entry_id))
            .join(Seat, col(Seat.id) == col(WaitlistOffer.seat_id))
            .where(
                which,  # type: ignore[arg-type]
                col(Seat.status) == "held",
                col(Seat.offered),
                col(Seat.hold_expires_at) > tx.now,
            )
            .order_by(col(WaitlistOffer.id))
        )
    ).all()
    views: list[OfferView] = []
    async with tx.acting_as_system("scheduling.waits"):
        for one, entry, ends_at in rows:
            offering = (await coaches.offerings_by_id(tx, [entry.offering_id]))[entry.offering_id]
            views.append(
                OfferView(
                    id=one.id or 0,
                    entry_id=entry.id or 0,
                    offering_id=offering.id,
                    offering_name=offering.name,
                    slug=await coaches.slug_of_coach(tx, entry.coach_id),
                    coach=await accounts.person(tx, entry.coach_id),
                    starts_at=one.starts_at,
                    ends_at=ends_at,
                    until=one.until,
                )
            )
    return views
