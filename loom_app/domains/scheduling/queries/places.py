"""Where sessions take place: when places are open, which of their rooms are free."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import text

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView, PlaceView
from loom_app.domains.scheduling.models import CoachingSession
from loom_app.domains.scheduling.rules import holidays
from loom_app.domains.scheduling.rules.slots import Hours, Offer, Weekly, shut
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import local, time_range, zone_label
from loom_app.kit.intervals import Interval
from loom_app.kit.text import t

# a definer function hands out ranges of time alone; the caller's own hold is in nobody's way
_ROOMS = text("SELECT * FROM loom_rooms(:places, :since, :until, :now) ORDER BY capacity, room_id")
_PICK = text(
    """
    SELECT r.id FROM rooms r WHERE r.place_id = :place AND r.archived_at IS NULL
      AND r.capacity >= :persons AND (:any OR r.id = ANY(CAST(:rooms AS bigint[])))
      AND NOT EXISTS (SELECT 1 FROM coaching_sessions c WHERE c.room_id = r.id
        AND c.starts_at >= CAST(:since AS timestamptz) - interval '13 hours'
        AND c.starts_at < CAST(:until AS timestamptz) + interval '5 hours'
        AND c.status IN ('held', 'confirmed', 'in_progress', 'completed', 'no_show')
        AND c.blocked_from < :until AND c.blocked_until > :since
        AND NOT c.id = ANY(CAST(:without AS bigint[])))
    ORDER BY r.id = :rather DESC, r.capacity, r.id LIMIT 1
    """
)
_WAITED_FOR = text(
    "SELECT DISTINCT w.coach_id FROM waitlist_entries w JOIN offerings o ON o.id = w.offering_id"
    " WHERE w.status = 'waiting' AND o.place_id = :place ORDER BY w.coach_id"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an offering asks of a place: a room for so many, of these or of all."""

    place_id: int
    persons: int
    room_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomBusy:
    """A room, and what blocks it in epoch seconds."""

    id: int
    place_id: int
    capacity: int
    blocked: tuple[Interval, ...] = ()


@dataclass
class Rooms:
    """The rooms of some places; whoever moves does not stand in their own way."""

    found: list[RoomBusy] = field(default_factory=list)

    def that_do(self, needs: Needs | None) -> tuple[Sequence[Interval], ...] | None:
        """What blocks each room that would do, as the slot rule wants it."""
        if needs is None:
            return None
        return tuple(
            one.blocked
            for one in self.found
            if one.place_id == needs.place_id
            and one.capacity >= needs.persons
            and (not needs.room_ids or one.id in needs.room_ids)
        )

    def without(self, moving: Iterable[CoachingSession]) -> "Rooms":
        own = {
            (one.room_id, int(one.blocked_from.timestamp()), int(one.blocked_until.timestamp()))
            for one in moving
        }
        return Rooms(
            [
                replace(room, blocked=tuple(b for b in room.blocked if (room.id, *b) not in own))
                for room in self.found
            ]
        )


def needs_of(view: OfferingView) -> Needs | None:
    if view.site is None or not view.needs_room:
        return None
    return Needs(view.site.id, coaches.persons(view.capacity), view.room_ids)


async def rooms_at(
    tx: Tx, needs: Iterable[Needs | None], since: datetime, until: datetime
) -> Rooms:
    """The rooms of these places, with what takes them in [since, until)."""
    places = {one.place_id for one in needs if one is not None}
    if not places:
        return Rooms()
    values = {"places": sorted(places), "since": since, "until": until, "now": tx.now}
    return Rooms(
        [
            RoomBusy(
                row.room_id,
                row.place_id,
                row.capacity,
                tuple(zip(row.blocked_from, row.blocked_until, strict=True)),
            )
            for row in await tx.db.execute(_ROOMS, values)
        ]
    )


def open_hours(site: PlaceView | None, year: int) -> Hours | None:
    """When a place is open, by its own clock."""
    if site is None:
        return None
    return _hours(site.zone, site.hours, site.days, site.country if site.holidays else "", year)


@lru_cache(maxsize=512)
def _hours(
    zone: str,
    week: tuple[tuple[int, int, int], ...],
    days: tuple[tuple[date, tuple[Interval, ...]], ...],
    country: str,
    year: int,
) -> Hours:
    off = holidays.closed(country, "", (), year - 1, year + 2) if country else {}
    return Hours(zone, tuple(Weekly(*one) for one in week), dict(days), off)


def is_open(hours: Hours | None, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the place is open all the while; so it is where there is none."""
    start, end = int(starts_at.timestamp()), int(ends_at.timestamp())
    offer = Offer(duration=(end - start) // 60, interval=1, at=hours)
    return not any(a <= start < b for a, b in shut(offer, start, start + 1))


def closed_words(site: PlaceView) -> str:
    return t("{place} is closed then.", place=site.name)


async def pick_room(
    tx: Tx,
    needs: Needs,
    since: datetime,
    until: datetime,
    *,
    without: Collection[int] = (),
    rather: int | None = None,
) -> int | None:
    """The smallest room that does and is free for all of it, or `rather` this one; acting as
    scheduling. `without`: sessions that leave."""
    values = {
        "place": needs.place_id,
        "persons": needs.persons,
        "any": not needs.room_ids,
        "rooms": list(needs.room_ids),
        "since": since,
        "until": until,
        "without": list(without),
        "rather": rather or 0,
    }
    return await tx.db.scalar(_PICK, values)


@dataclass(frozen=True, slots=True)
class Where:
    """What is told of the place of a session, as it is today."""

    place_id: int = 0
    place_zone: str = ""
    place_name: str = ""
    room: str = ""
    directions: str = ""

    @property
    def label(self) -> str:
        """The place and the room, for a line in a list."""
        return ", ".join(part for part in (self.place_name, self.room) if part)


NOWHERE = Where()


async def wheres(tx: Tx, sessions: Collection[CoachingSession]) -> dict[int, Where]:
    """By session, of those that are at a place."""
    there = [one for one in sessions if one.place_id is not None]
    sites = await coaches.places_by_id(tx, {one.place_id or 0 for one in there})
    names = await coaches.room_names(tx, {one.room_id for one in there if one.room_id})
    return {
        one.id or 0: Where(
            one.place_id or 0,
            site.zone,
            site.name,
            names.get(one.room_id or 0, ""),
            site.directions,
        )
        for one in there
        if (site := sites.get(one.place_id or 0)) is not None
    }


def in_room(address: str, room: str) -> str:
    """An address with the room in it."""
    return t("{address} ({room})", address=address, room=room) if room else address


def time_there(starts_at: datetime, ends_at: datetime, zone: str, reader: str) -> str:
    """ "10:00–11:00 in Berlin (GMT+1)" where clocks there show something else than the reader's, or
    empty."""
    if not zone or local(starts_at, zone).utcoffset() == local(starts_at, reader).utcoffset():
        return ""
    return t(
        "{range}, {zone}",
        range=time_range(starts_at, ends_at, zone),
        zone=zone_label(zone, starts_at),
    )


async def waited_for_at(tx: Tx, place_id: int) -> list[int]:
    """The coaches whom somebody waits for with something that is offered at a place."""
    return list(await tx.db.scalars(_WAITED_FOR, {"place": place_id}))


async def as_agreed(tx: Tx, offering: OfferingView, session: CoachingSession) -> OfferingView:
    """The offering at the place that a session was booked for, and for as many."""
    here = offering.site.id if offering.site else None
    if session.place_id == here and session.capacity == offering.capacity:
        return replace(offering, needs_room=session.room_id is not None)
    sites = await coaches.places_by_id(tx, [session.place_id] if session.place_id else [])
    return replace(
        offering,
        site=sites.get(session.place_id or 0),
        capacity=session.capacity,
        needs_room=session.room_id is not None,
        room_ids=offering.room_ids if session.place_id == here else (),
    )
