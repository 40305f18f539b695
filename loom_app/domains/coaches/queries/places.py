"""Reads of places. Row-level security shows one's own, those that are shared, and those of
offerings and sessions that one may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlmodel import col

from loom_app.domains.coaches.models import Place, Room
from loom_app.domains.coaches.place_actions import KEEPING
from loom_app.domains.coaches.place_rules import address_line
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.intervals import Interval
from loom_app.kit.text import t


@dataclass(frozen=True)
class RoomView:
    """`capacity` are the persons in it, the coach among them."""

    id: int
    place_id: int
    name: str
    capacity: int


@dataclass(frozen=True)
class PlaceView:
    """A place; `line` is its address in a line. Hours are weekday, first and last minute; `days`
    are dates with hours of their own."""

    id: int
    owner_id: int
    name: str
    street: str
    city: str
    postal_code: str
    country: str
    zone: str
    directions: str
    hours: tuple[tuple[int, int, int], ...]
    days: tuple[tuple[date, tuple[Interval, ...]], ...]
    holidays: bool
    shared: bool
    archived: bool
    line: str


def place_view(row: Place) -> PlaceView:
    return PlaceView(
        id=row.id or 0,
        owner_id=row.owner_id,
        name=row.name,
        street=row.street,
        city=row.city,
        postal_code=row.postal_code,
        country=row.country,
        zone=row.zone,
        directions=row.directions,
        hours=tuple((weekday, start, end) for weekday, start, end in row.hours),
        days=tuple(
            (date.fromisoformat(day), tuple((start, end) for start, end in intervals))
            for day, intervals in sorted(row.days.items())
        ),
        holidays=row.holidays,
        shared=row.shared,
        archived=row.archived_at is not None,
        line=address_line(row.name, row.street, row.postal_code, row.city, row.country),
    )


async def places(tx: Tx, me: Actor, *, archived: bool = False) -> list[PlaceView]:
    """The caller's own by name, and for the staff everybody's."""
    person_id, staff = me.require_person(), me.may("places.edit")
    shelf = col(Place.archived_at)
    found = select(Place).where(shelf.is_not(None) if archived else shelf.is_(None))
    if not staff:
        found = found.where(col(Place.owner_id) == person_id)
    return await _read(tx, found, staff=staff)


async def places_to_choose(tx: Tx, me: Actor, also: int | None = None) -> list[PlaceView]:
    """Where a coach may meet: their own places, those of others that are shared, and `also` the one
    where an offering is already."""
    own = or_(col(Place.owner_id) == me.require_person(), col(Place.shared))
    open_ones = own & col(Place.archived_at).is_(None)
    return await _read(tx, select(Place).where(or_(open_ones, col(Place.id) == also)))


async def place(tx: Tx, me: Actor, place_id: int) -> PlaceView:
    """One's own, or any for the staff. Raises NotFound."""
    found = await _read(
        tx, select(Place).where(col(Place.id) == place_id), staff=me.may("places.edit")
    )
    if not found or not may_keep(me, found[0]):
        raise NotFound(t("This place is not here."))
    return found[0]


def may_keep(me: Actor, seen: PlaceView) -> bool:
    """Who changes a place: whoever made it, and the staff."""
    return seen.owner_id == me.require_person() or me.may("places.edit")


async def place_rooms(tx: Tx, me: Actor, place_id: int) -> list[RoomView]:
    """The rooms of a place that the caller keeps. Raises NotFound."""
    return await rooms_kept(tx, me, [await place(tx, me, place_id)])


async def rooms_kept(tx: Tx, me: Actor, kept: Collection[PlaceView]) -> list[RoomView]:
    """The rooms of those of these places that the caller keeps."""
    own = [one.id for one in kept if may_keep(me, one)]
    async with tx.acting_as_system(KEEPING):
        return await rooms(tx, own)


async def places_by_id(tx: Tx, ids: Collection[int]) -> dict[int, PlaceView]:
    """Those of the ids that the caller may see."""
    if not ids:
        return {}
    found = await _read(tx, select(Place).where(col(Place.id).in_(set(ids))))
    return {one.id: one for one in found}


async def rooms(tx: Tx, place_ids: Collection[int]) -> list[RoomView]:
    """The rooms in use of these places, by name."""
    found = await tx.db.scalars(
        select(Room)
        .where(col(Room.place_id).in_(set(place_ids)), col(Room.archived_at).is_(None))
        .order_by(col(Room.name), col(Room.id)),
        execution_options={"populate_existing": True},
    )
    return [RoomView(one.id or 0, one.place_id, one.name, one.capacity) for one in found]


async def room_names(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    """What rooms are called, also those that were archived meanwhile."""
    if not ids:
        return {}
    found = await tx.db.execute(
        select(col(Room.id), col(Room.name)).where(col(Room.id).in_(set(ids)))
    )
    return {row[0] or 0: row[1] for row in found}


async def _read(tx: Tx, found: Select[Place], *, staff: bool = False) -> list[PlaceView]:
    ordered = found.order_by(col(Place.name), col(Place.id))
    fresh = {"populate_existing": True}
    if not staff:
        return [place_view(row) for row in await tx.db.scalars(ordered, execution_options=fresh)]
    async with tx.acting_as_system(KEEPING):
        rows = list(await tx.db.scalars(ordered, execution_options=fresh))
    return [place_view(row) for row in rows]
