"""Places and rooms: who keeps them, who chooses them, what is refused (SCH-4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.actions import PlaceInUse, RoomEdit
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PLACE, make_coach, make_place, meet_at

AUDITOR = Actor.system_job("audit.test")
TODAY = clock.now().date()


async def save(me: Actor, place_id: int = 0, **changes) -> int:
    async with transaction(me) as tx:
        return await actions.save_place(tx, me, replace(PLACE, **changes), place_id)


async def rooms_of(me: Actor, place_id: int) -> list[tuple[int, str, int]]:
    async with transaction(me) as tx:
        found = await queries.place_rooms(tx, me, place_id)
    return [(one.id, one.name, one.capacity) for one in found]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"street": ""}, "street"),
        ({"city": ""}, "city"),
        ({"country": "ZZ"}, "country"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"directions": "x" * 1001}, "directions"),
        ({"hours": ()}, "hours"),
        ({"hours": ((7, 0, 60),)}, "day0"),
        ({"hours": ((2, 600, 540),)}, "day2"),
        ({"hours": ((2, 600, 1500),)}, "day2"),
        ({"hours": tuple((1, 60 * n, 60 * n + 30) for n in range(13))}, "day1"),
        ({"days": {TODAY + timedelta(days=800): ()}}, "day"),
        ({"days": {TODAY + timedelta(days=n): () for n in range(201)}}, "day"),
        ({"days": {TODAY: ((60, 30),)}}, "day"),
        ({"rooms": (RoomEdit("", 4),)}, "room0"),
        ({"rooms": (RoomEdit("A", 4), RoomEdit("a", 4))}, "room1"),
        ({"rooms": (RoomEdit("A", 4), RoomEdit("B", 0))}, "capacity1"),
        ({"rooms": (RoomEdit("A", 1001),)}, "capacity0"),
        ({"rooms": tuple(RoomEdit(str(n), 2) for n in range(51))}, "rooms"),
    ],
)
async def test_a_place_says_what_is_wrong_beside_the_field(db, change, field):
    ada, _ = await make_coach()
    with pytest.raises(Invalid) as wrong:
        await save(ada, **change)
    assert wrong.value.field == field


async def test_a_place_is_kept_by_who_made_it_and_by_the_staff(db):
    ada, _ = await make_coach()
    eve, _ = await make_coach("Eve Park")
    ben, staff = await make_user(), await make_user(name="Sol", roles=["staff"])
    with pytest.raises(Forbidden):
        await save(ben)
    place_id = await save(
        ada,
        hours=((0, 540, 720), (0, 660, 1020)),
        days={TODAY - timedelta(days=9): (), TODAY: ((600, 660),)},
        shared=False,
    )
    async with transaction(ada) as tx:
        (mine,) = await queries.places(tx, ada)
    assert mine.hours == ((0, 540, 1020),), "what overlaps is merged"
    assert mine.days == ((TODAY, ((600, 660),)),), "a date that is over says nothing more"
    assert mine.line == "Studio Mitte, Torstraße 1, 10119 Berlin, Germany"
    for stranger in (eve, ben):
        async with transaction(stranger) as tx:
            assert await queries.places_by_id(tx, [place_id]) == {}, "nobody else knows of it yet"
            assert await queries.rooms(tx, [place_id]) == []
            assert await queries.places_to_choose(tx, stranger) == []
        with pytest.raises(NotFound if stranger is eve else Forbidden):
            await save(stranger, place_id, name="Mine now")
        with pytest.raises(NotFound):
            await rooms_of(stranger, place_id)
    await save(staff, place_id, name="Studio Ost", shared=True)
    assert (await rooms_of(staff, place_id)) == (await rooms_of(ada, place_id))
    async with transaction(staff) as tx:
        assert [one.name for one in await queries.places(tx, staff)] == ["Studio Ost"]
    async with transaction(eve) as tx:
        assert [one.name for one in await queries.places_to_choose(tx, eve)] == ["Studio Ost"]
        assert await queries.places(tx, eve) == [], "she meets there, and keeps it not"
    async with transaction(AUDITOR) as tx:
        actors = await tx.db.scalars(
            text("SELECT actor FROM audit_entries WHERE verb = 'place.save' ORDER BY id")
        )
        assert list(actors) == [f"person:{ada.person_id}", f"person:{staff.person_id}"]


async def test_an_offering_takes_place_where_there_is_a_room_for_all(db):
    ada, offering_id = await make_coach()
    eve, _ = await make_coach("Eve Park")
    hers = await make_place(eve, replace(PLACE, shared=False))
    other = await make_place(ada, replace(PLACE, name="Studio Ost", shared=False))
    place_id = await make_place(ada)
    ((room_id, *_),) = await rooms_of(ada, place_id)
    ((elsewhere, *_),) = await rooms_of(ada, other)
    there = replace(OFFERING, place="in_person", place_id=place_id, needs_room=True)
    for change, field in (
        ({"place_id": 999}, "place_id"),
        ({"place_id": hers}, "place_id"),
        ({"capacity": 4}, "rooms"),  # and the coach is the fifth
        ({"room_ids": (elsewhere,)}, "rooms"),
    ):
        async with transaction(ada) as tx:
            with pytest.raises(Invalid) as wrong:
                await actions.save_offering(tx, ada, offering_id, replace(there, **change))
        assert wrong.value.field == field
    async with transaction(ada) as tx:
        chosen = replace(there, capacity=3, room_ids=(room_id,), address="somewhere else")
        await actions.save_offering(tx, ada, offering_id, chosen)
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        seen = await queries.offering(tx, visitor, offering_id)
    assert (seen.address, seen.room_ids) == (
        "Studio Mitte, Torstraße 1, 10119 Berlin, Germany", (room_id,),
    )  # fmt: skip
    assert seen.site is not None
    assert seen.site.directions == "Second yard, ring twice."
    async with transaction(ada) as tx:  # by video there is no place
        await actions.save_offering(tx, ada, offering_id, replace(chosen, place="video"))
        seen = await queries.offering(tx, ada, offering_id)
    assert (seen.site, seen.needs_room, seen.room_ids) == (None, False, ())


async def test_what_is_offered_there_keeps_place_and_room(db):
    ada, _ = await make_coach()
    eve, _ = await make_coach("Eve Park")
    place_id = await make_place(ada)
    circle = replace(OFFERING, name="Circle", capacity=3)
    offering_id = await meet_at(eve, place_id, circle)
    for rooms in ((), (RoomEdit("Small", 2),)):
        with pytest.raises(PlaceInUse, match="“Circle”") as kept:
            await save(ada, place_id, rooms=rooms)
        assert kept.value.field == "rooms"
    async with transaction(ada) as tx:
        with pytest.raises(PlaceInUse, match="“Circle”"):
            await actions.archive_place(tx, ada, place_id)
    await save(ada, place_id, shared=False)  # she stays, others come no more
    there = replace(circle, place="in_person", place_id=place_id, needs_room=True, price_minor=900)
    async with transaction(eve) as tx:
        await actions.save_offering(tx, eve, offering_id, there)
        await actions.archive_offering(tx, eve, offering_id)
    with pytest.raises(NotFound):
        await save(ada, place_id, rooms=(RoomEdit("Garden room", 4, id=999),))
    async with transaction(ada) as tx:
        for _ in range(2):
            await actions.archive_place(tx, ada, place_id)
        assert await queries.places(tx, ada) == []
        assert [one.id for one in await queries.places(tx, ada, archived=True)] == [place_id]
    async with transaction(eve) as tx:
        with pytest.raises(Invalid):
            await actions.restore_offering(tx, eve, offering_id)
    async with transaction(ada) as tx:
        for _ in range(2):
            await actions.restore_place(tx, ada, place_id)
        assert [one.id for one in await queries.places_to_choose(tx, ada)] == [place_id]


async def test_a_stranger_writes_no_place_even_past_the_actions(db):
    ada, _ = await make_coach()
    eve, _ = await make_coach("Eve Park")
    place_id = await make_place(ada)
    async with transaction(eve) as tx:
        for table, which in (("places", "id"), ("rooms", "place_id")):
            changed = await tx.db.execute(
                text(f"UPDATE {table} SET name = 'Mine' WHERE {which} = :id"), {"id": place_id}
            )
            assert changed.rowcount == 0
