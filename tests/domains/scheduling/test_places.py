"""Rooms of places: taken once at a time, whoever coaches in them; closed doors have no slots."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches import queries as places
from loom_app.domains.coaches.actions import PlaceInUse, RoomEdit
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import Order, Repeat
from loom_app.domains.scheduling.errors import (
    NoRoom,
    OutsideRules,
    PlaceClosed,
    SeriesTaken,
    SlotClosed,
    SlotTaken,
)
from loom_app.domains.scheduling.queries import Filters
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PLACE, make_place, meet_at
from tests.factories.scheduling import (
    begin_booking,
    make_hold,
    make_open_coach,
    make_session,
    pay,
    slot,
)
from tests.sizes import CROWD

NOW = "2026-11-21T12:00Z"
READER = Actor.system_job("scheduling.test")
FREE = replace(OFFERING, price_minor=0)
LINE = "Studio Mitte, Torstraße 1, 10119 Berlin, Germany (Garden room)"


@pytest.fixture
def today(at, db):
    at(NOW)
    return at


def visitor(n: int) -> Actor:
    return Actor(visitor=f"{n:064d}")


async def studio(offering=FREE, place=PLACE, names=("Ada Lindqvist", "Eve Park")):
    """A place of the first coach, and what each of them offers there."""
    found: list[tuple[Actor, int]] = []
    place_id = 0
    for name in names:
        coach, _ = await make_open_coach(name)
        place_id = place_id or await make_place(coach, place)
        found.append((coach, await meet_at(coach, place_id, offering)))
    return place_id, *found


async def free(offering_id: int, when, me: Actor | None = None) -> bool:
    me = me or visitor(99)
    async with transaction(me) as tx:
        return when in await queries.month_slots(tx, me, offering_id, when.date(), when.date())


async def rooms(session_id: int = 0) -> list[str | None]:
    """The room's name of each live session, or of one, by start."""
    async with transaction(READER) as tx:
        found = await tx.db.scalars(
            text(
                "SELECT r.name FROM coaching_sessions c LEFT JOIN rooms r ON r.id = c.room_id"
                " WHERE c.status IN ('held', 'confirmed') AND :id IN (0, c.id)"
                " ORDER BY c.starts_at, c.id"
            ),
            {"id": session_id},
        )
        return list(found)


async def move(me: Actor, session_id: int, when) -> None:
    async with transaction(me) as tx:
        await actions.move(tx, me, session_id, when)


async def change(me: Actor, place_id: int, **changes) -> None:
    async with transaction(me) as tx:
        await coaches.save_place(tx, me, replace(PLACE, **changes), place_id)


async def test_a_room_that_is_taken_hides_the_time_of_every_coach_there(today, topics):
    place_id, (_, hers), (_, eves) = await studio(replace(FREE, buffer_after=30))
    await make_hold(visitor(1), hers, slot())
    assert await rooms() == ["Garden room"]
    assert f"place:{place_id}:slots" in topics
    assert await free(hers, slot(), visitor(1)), "one's own hold does not hide the time"
    assert not await free(eves, slot())
    with pytest.raises(SlotTaken, match="Next free") as refused:
        await make_hold(visitor(2), eves, slot())
    assert refused.value.next_free[0] == slot(3, 12), "at eleven it is tidied up"
    async with transaction(visitor(1)) as tx:
        await actions.release(tx, visitor(1))
    await make_hold(visitor(2), eves, slot())


async def test_a_closed_place_has_no_slots_and_says_why(today):
    shut = replace(
        PLACE,
        hours=tuple((day, 540, 1080) for day in range(5)),
        days={slot(4).date(): ()},
        holidays=True,
    )
    _, (ada, offering_id), _ = await studio(place=shut)
    # Monday is the 23rd; Berlin is an hour ahead of UTC
    wanted = {slot(2, 8): True, slot(2, 7): False, slot(2, 16): True, slot(2, 17): False,
              slot(7): False, slot(4): False, slot(34): False}  # fmt: skip
    assert {when: await free(offering_id, when) for when in wanted} == wanted
    with pytest.raises(SlotClosed):
        await make_hold(visitor(1), offering_id, slot(2, 17))
    await make_hold(visitor(1), offering_id, slot(2, 10))
    async with transaction(ada) as tx:
        week = await queries.why_closed(tx, ada, offering_id, slot(2).date())
    kinds = {one.kind for stretch in week.days[0].stretches for one in stretch.reasons}
    assert {"shut", "hold"} <= kinds
    assert "room" not in kinds, "where the coach is taken, so is the room that they sit in"


@pytest.mark.usefixtures("today")
async def test_only_one_of_many_gets_the_last_room():
    """Of different coaches, whose own time is free: no lock of theirs is in the way."""
    many = 4 if CROWD < 200 else 20
    _, *theirs = await studio(names=[f"Coach {n:02d}" for n in range(many)])

    async def attempt(n: int) -> object:
        try:
            return await make_hold(visitor(n), theirs[n % many][1], slot())
        except Exception as refused:  # noqa: BLE001 - what exactly is looked at below
            return refused

    found = await asyncio.gather(*(attempt(n) for n in range(CROWD)))
    refused = [one for one in found if isinstance(one, SlotTaken) and one.next_free]
    assert (len(found) - len(refused), len(refused)) == (1, CROWD - 1)
    assert {one.next_free[0] for one in refused} == {slot(3, 11)}
    assert await rooms() == ["Garden room"]


async def test_the_constraint_alone_keeps_a_room_from_two_sessions(today):
    _, (_, hers), (_, eves) = await studio(
        place=replace(PLACE, rooms=(RoomEdit("Garden room", 4), RoomEdit("Loft", 9)))
    )
    await make_hold(visitor(1), hers, slot())
    await make_hold(visitor(2), eves, slot())
    assert await rooms() == ["Garden room", "Loft"], "the smallest that does, and then the next"
    with pytest.raises(IntegrityError, match="ex_coaching_sessions_room"):
        async with transaction(READER) as tx:
            await tx.db.execute(
                text("UPDATE coaching_sessions SET room_id = (SELECT min(room_id)"
                     " FROM coaching_sessions)")
            )  # fmt: skip


async def test_a_session_takes_a_room_along_or_is_refused(today):
    _, (ada, hers), (eve, eves) = await studio(
        place=replace(PLACE, rooms=(RoomEdit("Garden room", 4), RoomEdit("Loft", 9)))
    )
    ben, cleo = await make_user(), await make_user(name="Cleo")
    mine = await make_session(ben, hers, slot())
    loft = await make_session(cleo, eves, slot())
    assert (await rooms(loft.session_id)) == ["Loft"]
    await move(eve, loft.session_id, slot(4))
    assert (await rooms(loft.session_id)) == ["Loft"], "its own room, as that is free"
    await move(ada, mine.session_id, slot(4))
    assert (await rooms(mine.session_id)) == ["Garden room"]
    third, _ = await make_open_coach("Ida Holm")
    async with transaction(READER) as tx:
        place_id = await tx.db.scalar(text("SELECT min(id) FROM places"))
    last = await meet_at(third, place_id, FREE)
    dora = await make_user(name="Dora")
    other = await make_session(dora, last, slot(5))
    for me, error in ((third, NoRoom), (dora, SlotTaken)):
        with pytest.raises(error, match="Next free") as refused:
            await move(me, other.session_id, slot(4))
        assert refused.value.next_free[0] == slot(4, 11)
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, mine.session_id)
    await move(dora, other.session_id, slot(4))
    assert (await rooms(other.session_id)) == ["Garden room"], "what was cancelled frees it"


async def test_not_even_the_coach_moves_a_session_before_a_closed_door(today):
    _, (ada, offering_id), _ = await studio(
        place=replace(PLACE, hours=tuple((day, 540, 1080) for day in range(7)))
    )
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot())
    with pytest.raises(PlaceClosed, match="Studio Mitte is closed"):
        await move(ada, booked.session_id, slot(4, 20))
    async with transaction(READER) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM session_moves")) == 0


async def test_whoever_books_for_a_client_overrides_hours_and_never_a_room(today):
    _, (ada, hers), (_, eves) = await studio(
        place=replace(PLACE, hours=tuple((day, 540, 1080) for day in range(7)))
    )
    ben = await make_user()
    async with transaction(ben) as tx:
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "active")

    async def book(when, reason: str = ""):
        async with transaction(ada) as tx:
            order = Order(ben.require_person(), hers, when, pay="free", reason=reason)
            return await actions.book_for(tx, ada, order)

    with pytest.raises(OutsideRules, match="Studio Mitte is closed then") as asked:
        await book(slot(3, 20))
    assert len(asked.value.broken) == 1
    await book(slot(3, 20), "I have the key.")
    assert await rooms() == ["Garden room"]
    await make_hold(visitor(1), eves, slot(4))
    with pytest.raises(NoRoom):
        await book(slot(4), "It is urgent.")


async def test_a_series_needs_the_room_each_time_and_moves_with_it(today):
    _, (ada, hers), (_, eves) = await studio()
    ben = await make_user()
    week = timedelta(weeks=1)
    await make_hold(visitor(1), eves, slot() + week)
    starts = (slot() + week, slot() + 2 * week)
    async with transaction(ben) as tx:
        plan = await queries.series_plan(tx, ben, hers, slot(), 1, 3)
    assert [one.problem for one in plan] == ["No room is free then.", ""]
    assert plan[0].others
    with pytest.raises(SeriesTaken, match="No room is free"):
        async with transaction(ben) as tx:
            await actions.hold(
                tx, ben, offering_id=hers, starts_at=slot(), repeat=Repeat(1, starts)
            )
    async with transaction(ben) as tx:
        chosen = Repeat(1, (plan[0].others[0], starts[1]))
        await actions.hold(tx, ben, offering_id=hers, starts_at=slot(), repeat=chosen)
        booked = await actions.book(tx, ben)
    assert await rooms() == ["Garden room"] * 4
    async with transaction(ada) as tx:
        plan = await queries.move_plan(tx, ada, booked.session_id, slot() + week)
        assert plan[0].problem == "No room is free then."
        later = {one.session_id: one.old + timedelta(hours=3) for one in plan if one.old}
        await actions.move_following(tx, ada, booked.session_id, later)
    assert await rooms() == ["Garden room"] * 4


async def test_a_group_sits_in_one_room_that_holds_them_all(today):
    circle = replace(FREE, name="Circle", capacity=3)
    _, (_, hers), (_, eves) = await studio(
        circle, replace(PLACE, rooms=(RoomEdit("Cell", 2), RoomEdit("Garden room", 4)))
    )
    await make_hold(visitor(1), hers, slot())
    await make_hold(visitor(2), hers, slot())
    assert await rooms() == ["Garden room"]
    assert not await free(eves, slot())
    assert await free(hers, slot()), "a seat is left"


async def test_a_late_payment_gets_another_room_where_its_own_is_taken(today, at):
    _, (_, hers), (_, eves) = await studio(
        OFFERING, replace(PLACE, rooms=(RoomEdit("Garden room", 4), RoomEdit("Loft", 9)))
    )
    ben, cleo = await make_user(), await make_user(name="Cleo")
    begun = await begin_booking(ben, hers, slot())
    at("2026-11-21T13:00Z")
    await make_session(cleo, eves, slot())
    assert await rooms() == ["Garden room"], "whose hold was over gave its room back"
    await pay(begun)
    assert sorted(await rooms()) == ["Garden room", "Loft"]


async def test_who_waits_for_another_coach_is_offered_the_room(today):
    """The one hour at which the place is open."""
    hour = tuple((day, 660, 720) for day in range(7))
    _, (_, hers), (_, eves) = await studio(place=replace(PLACE, hours=hour))
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booked = await make_session(ben, hers, slot())
    async with transaction(cleo) as tx:
        await actions.join(tx, cleo, eves, day=slot().date())
    await outbox.drain()
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booked.session_id)
    await outbox.drain()
    async with transaction(cleo) as tx:
        (offer,) = await queries.offers(tx, cleo)
    assert offer.starts_at == slot()
    assert await rooms() == ["Garden room"]


async def test_the_directory_knows_of_places(today):
    monday = replace(PLACE, hours=((0, 600, 660),))
    _, (ada, hers), (eve, eves) = await studio(place=monday)
    for coach, kept in ((ada, hers), (eve, eves)):
        async with transaction(coach) as tx:
            await tx.db.execute(
                text("UPDATE offerings SET archived_at = now() WHERE coach_id = :me AND id <> :id"),
                {"me": coach.person_id, "id": kept},
            )
    await make_hold(visitor(1), hers, slot(2, 9))
    async with transaction(visitor(2)) as tx:
        page = await queries.directory(tx, visitor(2), Filters(sort="soonest"))
    assert {one.next_free for one in page.cards} == {slot(9, 9)}, "the one hour of the week is gone"


async def test_everybody_reads_where_it_is_and_how_to_get_there(today):
    _, (_, offering_id), _ = await studio()
    ben = await make_user(name="Ben", zone="America/New_York")
    booked = await make_session(ben, offering_id, slot())
    await outbox.drain()
    async with transaction(ben) as tx:
        page = await queries.session(tx, ben, booked.session_id)
        (card,) = (await queries.sessions(tx, ben, queries.SessionFilters())).cards
    assert (page.address, page.site.directions) == (LINE, "Second yard, ring twice.")
    assert card.place_text == "Studio Mitte, Garden room"
    said = [
        one.message.get_body(("plain",)).get_content()
        for one in await mailbox.newest()
        if one.subject.startswith("Booked")
    ]
    assert all(LINE in words and "Second yard, ring twice." in words for words in said)
    there = ["On the clock there" in words for words in said]
    assert sorted(there) == [False, True], "who reads another clock than the place's is told both"


async def test_a_new_address_reaches_who_is_booked_and_none_is_left_without_a_room(today):
    place_id, (ada, offering_id), (eve, eves) = await studio()
    ben = await make_user(name="Ben")
    booked = await make_session(ben, offering_id, slot())
    await make_hold(visitor(1), eves, slot(4))
    async with transaction(ada) as tx:
        (room,) = await places.place_rooms(tx, ada, place_id)
    with pytest.raises(PlaceInUse, match="offered here"):
        await change(ada, place_id, rooms=())
    words = "Clarity session, Tue 24 November, 11:00, and 1 more"
    with pytest.raises(PlaceInUse, match=words) as kept:
        await change(ada, place_id, rooms=(RoomEdit("New room", 9),))
    assert kept.value.field == "rooms"
    for coach, sold in ((ada, offering_id), (eve, eves)):
        async with transaction(coach) as tx:
            await coaches.archive_offering(tx, coach, sold)
    with pytest.raises(PlaceInUse, match=words):
        async with transaction(ada) as tx:
            await coaches.archive_place(tx, ada, place_id)
    same = (RoomEdit(room.name, room.capacity, room.id),)
    await change(ada, place_id, street="Torstraße 9", rooms=same)
    await outbox.drain()
    async with transaction(ben) as tx:
        file = Calendar.from_ical(await queries.calendar_file(tx, booked.session_id, ben.person_id))
    event = file.walk("VEVENT")[0]
    assert (event["location"], event["sequence"]) == (LINE.replace("ße 1", "ße 9"), 1)
    assert "ring twice" in str(event["description"])
    told = [one for one in await mailbox.newest() if one.subject.startswith("New address")]
    assert len(told) == 2
