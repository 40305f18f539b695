"""Places and their rooms are kept by who made them and by the staff, and chosen by coaches."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.coaches import events
from loom_app.domains.coaches.models import Offering, Place, Room
from loom_app.domains.coaches.place_rules import (
    PlaceEdit,
    RoomEdit,
    check_place,
    persons,
)
from loom_app.domains.coaches.rules import OfferingEdit
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.text import t

KEEPING = "coaches.place"

_LOCK_COACH = text("SELECT pg_advisory_xact_lock(52, CAST(:coach % 2147483647 AS integer))")
_LOCK_PLACES = text(
    "SELECT pg_advisory_xact_lock(53, CAST(place_id % 2147483647 AS integer)) FROM ("
    "SELECT place_id FROM offerings WHERE coach_id = :coach AND needs_room"
    " UNION SELECT CAST(:place AS bigint) ORDER BY place_id) p"
)


class PlaceInUse(Conflict):
    """Something is offered or booked there that would be nowhere."""


async def save_place(tx: Tx, me: Actor, edit: PlaceEdit, place_id: int = 0) -> int:
    """Make a place with its rooms, or change it; returns its id. A room that is left out is
    archived. Sessions that are booked stay, and show the new address.

    Raises Forbidden, NotFound, Invalid by field, PlaceInUse where an offering, or a session that is
    booked, would have no room.
    """
    _check_may(me)
    edit = check_place(edit, tx.now.date())
    async with tx.acting_as_system(KEEPING):
        row = await _mine(tx, me, place_id) if place_id else None
        if row is None:
            row = Place(owner_id=me.require_person(), created_at=tx.now, **_columns(edit))
            tx.db.add(row)
        else:
            for field, value in _columns(edit).items():
                setattr(row, field, value)
        await tx.db.flush()
        await _save_rooms(tx, row.id or 0, edit.rooms)
        await _check_offerings(tx, row)
        await _changed(tx, row, "place.save")
    return row.id or 0


async def archive_place(tx: Tx, me: Actor, place_id: int) -> None:
    """Nobody can choose it any more; idempotent. Raises NotFound, PlaceInUse."""
    _check_may(me)
    async with tx.acting_as_system(KEEPING):
        row = await _mine(tx, me, place_id)
        if row.archived_at is not None:
            return
        offered = await _offered_at(tx, place_id)
        if offered:
            raise PlaceInUse(
                t(
                    "{names}: offered here. Give them another place first, or archive them.",
                    names=_names(offered),
                )
            )
        row.archived_at = tx.now
        await tx.db.flush()
        await _changed(tx, row, "place.archive")


async def restore_place(tx: Tx, me: Actor, place_id: int) -> None:
    """It can be chosen again; idempotent. Raises NotFound."""
    _check_may(me)
    async with tx.acting_as_system(KEEPING):
        row = await _mine(tx, me, place_id)
        if row.archived_at is not None:
            row.archived_at = None
            await tx.db.flush()
            await _changed(tx, row, "place.restore")


async def check_where(tx: Tx, me: Actor, edit: OfferingEdit, before: int | None = None) -> None:
    """Whether an offering can take place where it says; `before` is where it did.

    Raises Invalid by field.
    """
    if edit.place_id is None:
        return
    await lock_coach(tx, me.require_person(), edit.place_id)
    place = await tx.db.get(Place, edit.place_id, populate_existing=True)
    if place is None or (place.archived_at is not None and place.id != before):
        raise Invalid(t("Choose a place from the list."), field="place_id")
    if place.owner_id != me.person_id and not place.shared and place.id != before:
        raise Invalid(t("Choose a place from the list."), field="place_id")
    if not edit.needs_room:
        return
    rooms = {one.id or 0: one for one in await _rooms(tx, edit.place_id)}
    if not set(edit.room_ids) <= set(rooms):
        raise Invalid(t("Choose rooms of this place."), field="rooms")
    asked = [rooms[one] for one in edit.room_ids] or list(rooms.values())
    if not any(one.capacity >= persons(edit.capacity) for one in asked):
        raise Invalid(
            t(
                "None of these rooms holds {n} persons: the clients and you.",
                n=persons(edit.capacity),
            ),
            field="rooms",
        )


async def lock_coach(tx: Tx, coach_id: int, place_id: int | None = None) -> None:
    """Of the coach, then of each place where they need a room, and of `place_id`: in one order, so
    that no two wait for each other. Before any row that others change under these locks."""
    await tx.db.execute(_LOCK_COACH, {"coach": coach_id})
    async with tx.acting_as_system(KEEPING):  # also of what the caller may not see
        await tx.db.execute(_LOCK_PLACES, {"coach": coach_id, "place": place_id})


async def lock_place(tx: Tx, place_id: int) -> None:
    """Nobody takes a room there, or offers something, while it changes; before any of its rows."""
    await tx.db.execute(_LOCK_PLACES, {"coach": None, "place": place_id})


def _check_may(me: Actor) -> None:
    if not me.is_coach and not me.may("places.edit"):
        raise Forbidden(t("This is for coaches."))


async def _mine(tx: Tx, me: Actor, place_id: int) -> Place:
    await lock_place(tx, place_id)
    # sessions there are still written meanwhile: they name the place, and do not change it
    lock = {"key_share": True}
    row = await tx.db.get(Place, place_id, with_for_update=lock, populate_existing=True)
    if row is None or (row.owner_id != me.require_person() and not me.may("places.edit")):
        raise NotFound(t("This place is not here."))
    return row


def _columns(edit: PlaceEdit) -> dict[str, Any]:
    values = asdict(edit)
    values.pop("rooms")
    values["hours"] = [list(one) for one in edit.hours]
    values["days"] = {
        day.isoformat(): [list(one) for one in intervals] for day, intervals in edit.days.items()
    }
    return values


async def _rooms(tx: Tx, place_id: int) -> list[Room]:
    found = await tx.db.scalars(
        select(Room)
        .where(col(Room.place_id) == place_id, col(Room.archived_at).is_(None))
        .order_by(col(Room.id))
    )
    return list(found)


async def _save_rooms(tx: Tx, place_id: int, edits: tuple[RoomEdit, ...]) -> None:
    rooms = {one.id or 0: one for one in await _rooms(tx, place_id)}
    for edit in edits:
        if edit.id and edit.id not in rooms:
            raise NotFound(t("This room is not here."))
        row = rooms.pop(edit.id, None)
        if row is None:
            tx.db.add(Room(place_id=place_id, name=edit.name, capacity=edit.capacity))
        else:
            row.name, row.capacity = edit.name, edit.capacity
    for left_out in rooms.values():
        left_out.archived_at = tx.now
    await tx.db.flush()


async def _offered_at(tx: Tx, place_id: int) -> list[Offering]:
    found = await tx.db.scalars(
        select(Offering)
        .where(col(Offering.place_id) == place_id, col(Offering.archived_at).is_(None))
        .order_by(col(Offering.name))
    )
    return list(found)


async def _check_offerings(tx: Tx, place: Place) -> None:
    """What is offered here, by whomever, still has a room that does."""
    rooms = await _rooms(tx, place.id or 0)
    without = [
        one
        for one in await _offered_at(tx, place.id or 0)
        if one.needs_room
        and not any(
            room.capacity >= persons(one.capacity)
            for room in rooms
            if not one.room_ids or room.id in one.room_ids
        )
    ]
    if without:
        raise PlaceInUse(
            t("{names}: offered here, and no room would be left for it.", names=_names(without)),
            field="rooms",
        )


def _names(offered: list[Offering]) -> str:
    names = list(dict.fromkeys(f"“{one.name}”" for one in offered))
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


async def _changed(tx: Tx, row: Place, verb: str) -> None:
    await audit(tx, verb, "place", row.id or 0)
    await tx.emit(events.PlaceChanged(row.id or 0))
    tx.signal(f"place:{row.id}:slots")
