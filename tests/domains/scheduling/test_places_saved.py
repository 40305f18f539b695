"""A place that changes while somebody books there, or before they have paid."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches.actions import RoomEdit
from loom_app.domains.scheduling import actions, queries
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from tests.domains.scheduling.test_booking import refunds
from tests.domains.scheduling.test_places import (
    FREE,
    READER,
    change,
    rooms,
    studio,
    today,
    visitor,
)
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PLACE, make_place, meet_at
from tests.factories.scheduling import begin_booking, make_hold, make_open_coach, pay, slot

__all__ = ["today"]

TWO = replace(PLACE, rooms=(RoomEdit("Attic", 2), RoomEdit("Garden room", 4)))


async def kept(place_id: int, *names: str) -> tuple[RoomEdit, ...]:
    """Those rooms of a place as its editor sends them."""
    async with transaction(READER) as tx:
        found = await tx.db.execute(
            text("SELECT name, capacity, id FROM rooms WHERE place_id = :place ORDER BY id"),
            {"place": place_id},
        )
        return tuple(RoomEdit(*one) for one in found if one[0] in names)


async def somebody_waits(task: asyncio.Task[None]) -> None:
    """Until the database keeps a call waiting for another, or it is through."""
    waiting = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not task.done():
            async with transaction(READER) as tx:
                if await tx.db.scalar(waiting):
                    return


async def test_nobody_gets_a_room_that_is_being_taken_out_of_use(today):
    place_id, (owner, hers), _ = await studio(FREE, TWO)
    left = replace(TWO, rooms=await kept(place_id, "Garden room"))

    async def book() -> None:
        await make_hold(visitor(1), hers, slot())

    async with transaction(owner) as tx:
        await coaches.save_place(tx, owner, left, place_id)
        other = asyncio.create_task(book())
        await somebody_waits(other)
    await other
    assert await rooms() == ["Garden room"]


async def test_nothing_is_offered_at_a_place_that_is_being_archived(today):
    owner, _ = await make_open_coach()
    place_id = await make_place(owner, PLACE)

    async def offer() -> None:
        await meet_at(owner, place_id)

    async with transaction(owner) as tx:
        await coaches.archive_place(tx, owner, place_id)
        other = asyncio.create_task(offer())
        await somebody_waits(other)
    with pytest.raises(Invalid, match="Choose a place"):
        await other


async def test_who_waits_while_the_address_is_saved_books_at_the_new_one(today):
    place_id, (owner, hers), _ = await studio(FREE, TWO)
    moved = replace(TWO, street="Neue Str. 2", rooms=await kept(place_id, "Attic", "Garden room"))

    async def book() -> None:
        await make_hold(visitor(1), hers, slot())

    async with transaction(owner) as tx:
        await coaches.save_place(tx, owner, moved, place_id)
        other = asyncio.create_task(book())
        await somebody_waits(other)
    await other
    async with transaction(READER) as tx:
        assert "Neue Str. 2" in (await tx.db.scalar(text("SELECT address FROM coaching_sessions")))


async def test_who_waits_while_the_price_is_saved_is_asked_for_the_new_one(today):
    coach, offering_id = await make_open_coach()

    async def book() -> None:
        await make_hold(visitor(1), offering_id, slot())

    async with transaction(coach) as tx:
        dearer = replace(OFFERING, price_minor=13_000)
        await coaches.save_offering(tx, coach, offering_id, dearer)
        other = asyncio.create_task(book())
        await somebody_waits(other)
    await other
    async with transaction(READER) as tx:
        assert await tx.db.scalar(text("SELECT price_minor FROM seats")) == 13_000


@pytest.mark.parametrize("needs_room", [True, False])
async def test_who_changes_their_time_and_who_saves_the_place_do_not_wait_for_each_other(
    today, needs_room
):
    place_id, (owner, hers), _ = await studio(FREE, TWO)
    same = await kept(place_id, "Attic", "Garden room")
    if not needs_room:
        there = replace(FREE, place="in_person", place_id=place_id)
        async with transaction(owner) as tx:
            await coaches.save_offering(tx, owner, hers, there)
    me = visitor(1)
    await make_hold(me, hers, slot())

    async def save() -> None:
        await change(owner, place_id, street="Gartenstr. 1", rooms=same)

    async with transaction(me) as tx:
        if needs_room:  # what every verb takes first
            await coaches.lock_coach(tx, owner.require_person())
        await actions.release(tx, me)
        other = asyncio.create_task(save())
        await somebody_waits(other)
        await actions.hold(tx, me, offering_id=hers, starts_at=slot(3, 12))
    await other
    assert len(await rooms()) == 1


async def test_who_signs_in_with_a_held_time_takes_it_along_while_the_place_is_saved(today):
    place_id, (owner, hers), _ = await studio(FREE, TWO)
    same = await kept(place_id, "Attic", "Garden room")
    many = 4
    people = [await make_user(name=f"Client {n}") for n in range(many)]
    for n in range(many):
        await make_hold(visitor(n), hers, slot(3, 8 + n))

    async def adopt(n: int) -> None:
        me = people[n]
        async with transaction(me) as tx:
            await actions.adopt(tx, visitor(n).visitor or "", me.require_person())

    async def save(n: int) -> None:
        await change(owner, place_id, street=f"Gartenstr. {n}", rooms=same)

    await asyncio.gather(*(verb(n) for n in range(many) for verb in (adopt, save)))
    assert len(await rooms()) == many


async def _over(at) -> None:
    """An hour later the hold of whoever has not paid has ended."""
    at("2026-11-21T13:00Z")
    async with transaction(READER) as tx:
        await actions.expire_overdue_holds(tx)


@pytest.mark.parametrize("needs_room", [True, False])
async def test_who_pays_late_reads_the_new_address(today, at, needs_room):
    place_id, (owner, hers), _ = await studio(OFFERING)
    if not needs_room:
        there = replace(OFFERING, place="in_person", place_id=place_id)
        async with transaction(owner) as tx:
            await coaches.save_offering(tx, owner, hers, there)
    ben = await make_user()
    begun = await begin_booking(ben, hers, slot())
    await _over(at)
    same = await kept(place_id, "Garden room")
    await change(owner, place_id, street="Neue Str. 2", rooms=same)
    await pay(begun)
    async with transaction(ben) as tx:
        found = await queries.session(tx, ben, begun.session_id)
    assert found.status == "confirmed"
    assert "Neue Str. 2" in found.address
    assert ("Garden room" in found.address) is needs_room


@pytest.mark.parametrize("gone", ["place", "room"])
async def test_who_pays_late_for_a_place_that_is_gone_gets_the_money_back(today, at, gone):
    place_id, (owner, hers), (eve, eves) = await studio(OFFERING, TWO)
    ben = await make_user()
    begun = await begin_booking(ben, hers, slot())
    await _over(at)
    assert await rooms() == []
    if gone == "place":
        for coach, sold in ((owner, hers), (eve, eves)):
            async with transaction(coach) as tx:
                await coaches.archive_offering(tx, coach, sold)
        async with transaction(owner) as tx:
            await coaches.archive_place(tx, owner, place_id)
    else:  # the one room that is left is somebody else's then
        await change(owner, place_id, rooms=await kept(place_id, "Garden room"))
        await make_hold(visitor(1), eves, slot())
    await pay(begun)
    async with transaction(READER) as tx:
        status = await tx.db.scalar(
            text("SELECT status FROM coaching_sessions WHERE id = :id"), {"id": begun.session_id}
        )
    assert (status, await refunds()) == ("expired", ["slot_lost"])
