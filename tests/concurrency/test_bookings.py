"""Many at once: one constraint decides, and everybody else gets a clear answer (SCH-11)."""

import asyncio
from collections import Counter

from sqlalchemy import text

from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.errors import ClientBusy, SlotTaken
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, pay, slot

ATTEMPTS = 200


async def attempt(me: Actor, offering_id: int, when) -> str:
    try:
        await make_hold(me, offering_id, when)
    except SlotTaken as taken:
        return "refused with other times" if taken.next_free else "refused"
    return "won"


async def count(sql: str) -> int:
    async with transaction(Actor.system_job("scheduling.test")) as tx:
        return await tx.db.scalar(text(sql)) or 0


async def test_200_visitors_at_one_time_make_one_hold(db):
    _, offering_id = await make_open_coach()
    when = slot()
    outcomes = Counter(
        await asyncio.gather(
            *(attempt(Actor(visitor=f"{n:064d}"), offering_id, when) for n in range(ATTEMPTS))
        )
    )
    assert outcomes == {"won": 1, "refused with other times": ATTEMPTS - 1}
    assert await count("SELECT count(*) FROM seats WHERE status = 'held'") == 1


async def test_200_people_booking_one_time_make_one_session(db):
    _, offering_id = await make_open_coach()
    when = slot()
    people = [await make_user(name=f"Person {n}") for n in range(ATTEMPTS)]

    async def book(me: Actor) -> str:
        outcome = await attempt(me, offering_id, when)
        if outcome == "won":
            async with transaction(me) as tx:
                booking = await actions.book(tx, me)
            await pay(booking)
        return outcome

    outcomes = Counter(await asyncio.gather(*(book(me) for me in people)))
    assert outcomes == {"won": 1, "refused with other times": ATTEMPTS - 1}
    assert await count("SELECT count(*) FROM coaching_sessions WHERE status = 'confirmed'") == 1


async def test_one_client_booking_many_coaches_at_one_time_gets_one_hold(db):
    coaches = [await make_open_coach(f"Coach {n}") for n in range(10)]
    ben = await make_user()
    when = slot()
    await asyncio.gather(*(attempt(ben, offering_id, when) for _, offering_id in coaches))
    assert await count("SELECT count(*) FROM seats WHERE status = 'held'") == 1


async def test_a_client_in_two_places_is_refused_by_the_constraint(db):
    """Two bookings are confirmed at once behind the back of every check."""
    coaches = [await make_open_coach(f"Coach {n}") for n in range(8)]
    ben = await make_user()
    when = slot()
    bookings = []
    for _, offering_id in coaches[:1]:
        await make_hold(ben, offering_id, when)
        async with transaction(ben) as tx:
            bookings.append(await actions.book(tx, ben))
    await pay(bookings[0])

    async def again(offering_id: int) -> str:
        try:
            await make_hold(ben, offering_id, when)
        except ClientBusy:
            return "busy"
        return "won"

    outcomes = await asyncio.gather(*(again(offering_id) for _, offering_id in coaches[1:]))
    assert set(outcomes) == {"busy"}


async def test_the_constraint_alone_lets_one_of_many_in(db):
    """No lock and no check: raw rows at once, as a bug or a second writer would make them."""
    ada, offering_id = await make_open_coach()
    when = slot()

    async def insert() -> str:
        try:
            async with transaction(Actor.system_job("scheduling.test")) as tx:
                await tx.db.execute(
                    text(
                        "INSERT INTO coaching_sessions (coach_id, offering_id, status, starts_at,"
                        " ends_at, blocked_from, blocked_until, title, place, created_at,"
                        " changed_at) VALUES (:c, :o, 'confirmed', :s, CAST(:s AS timestamptz)"
                        " + interval '1 hour', :s, CAST(:s AS timestamptz) + interval '1 hour',"
                        " 'x', 'video', now(), now())"
                    ),
                    {"c": ada.person_id, "o": offering_id, "s": when},
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            return "refused" if "ex_coaching_sessions_coach" in str(error) else repr(error)
        return "won"

    outcomes = Counter(await asyncio.gather(*(insert() for _ in range(50))))
    assert outcomes == {"won": 1, "refused": 49}
