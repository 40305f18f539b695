"""Staff call off a session as its people would, and all of somebody's once (OPS-10, COM-13)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.operations import actions as operations
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.domains.scheduling.test_places_saved import somebody_waits
from tests.domains.scheduling.test_policy import choose, given_back
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_open_coach, make_session, slot

NOW = "2026-11-21T12:00Z"
PRICE = OFFERING.price_minor or 0
SCHEDULING = Actor.system_job("scheduling.test")
WHY = {"reason": "Asked by phone"}


async def make_staff(name: str = "Olga") -> Actor:
    return await make_user(name=name, roles=["staff"])


async def suspend(olga: Actor, person: Actor, case_id: int = 1) -> None:
    async with transaction(olga) as tx:
        await accounts.suspend(
            tx, olga, person.require_person(), case_id, reason="Threats", until=None
        )


async def cancel(olga: Actor, session_id: int, **more) -> None:
    async with transaction(olga) as tx:
        await actions.cancel_for(tx, olga, session_id, **{"fault": True, **WHY, **more})


async def plan(olga: Actor, person: Actor) -> queries.CallOffPage:
    async with transaction(olga) as tx:
        return await queries.call_off_page(tx, olga, person.require_person())


async def call_off(olga: Actor, person: Actor, *, seen=None, **more) -> int:
    found = await plan(olga, person)
    ids = [one.session_id for one in found.lines] if seen is None else seen
    async with transaction(olga) as tx:
        return await actions.call_off_all(tx, olga, person.require_person(), ids, **{**WHY, **more})


async def states() -> dict[int, str]:
    async with transaction(SCHEDULING) as tx:
        rows = await tx.db.execute(text("SELECT id, status FROM coaching_sessions"))
        return {row.id: row.status for row in rows}


async def trail(verb: str) -> list[tuple]:
    async with transaction(Actor.system_job("audit.test")) as tx:
        rows = await tx.db.execute(
            text("SELECT actor, subject_id, reason FROM audit_entries WHERE verb = :v"),
            {"v": verb},
        )
        return [tuple(row) for row in rows]


async def mailed(person: Actor) -> int:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalar(
            text(
                "SELECT count(*) FROM deliveries WHERE user_id = :p AND channel = 'mail'"
                " AND event = 'session.cancelled'"
            ),
            {"p": person.person_id},
        )
        return found or 0


@pytest.mark.parametrize(
    ("fault", "words", "back"),
    [(True, "Ben gets €120 back.", [PRICE]), (False, "Ben gets €60 of €120 back.", [PRICE // 2])],
)
async def test_what_staff_read_before_is_what_goes_back(db, at, fault, words, back):
    at(NOW)
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 168, 50)
    ben, olga = await make_user(name="Ben"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(olga) as tx:
        (seat,) = (await queries.look_at_session(tx, olga, booked.session_id)).seats
    assert (seat.whole if fault else seat.policy).startswith(words)
    for _ in range(2):  # a second time changes nothing
        await cancel(olga, booked.session_id, fault=fault, words="The room is flooded.")
    assert await given_back() == back
    await outbox.drain()
    for one in (ada, ben):
        async with transaction(one) as tx:
            page = await queries.session(tx, one, booked.session_id)
        assert (page.status, page.cancelled_by) == ("cancelled", "staff")
        assert page.cancel_reason == "The room is flooded."
        assert "Cancelled by our team" in [line.words for line in page.history]
        assert await mailed(one) == 1
    assert await trail("session.cancel_for") == [(olga.label, booked.session_id, "Asked by phone")]


async def test_who_may_cancel_for_others_says_why_and_proves_who_they_are(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben, olga = await make_user(name="Ben"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    helper = replace(olga, powers=frozenset({"people.moderate", "people.see"}))
    stale = replace(olga, stepped_up_at=None)
    for who, given, problem in (
        (helper, {}, Forbidden),
        (ada, {}, Forbidden),
        (stale, {}, StepUpNeeded),
        (olga, {"reason": " "}, Invalid),
    ):
        with pytest.raises(problem):
            await cancel(who, booked.session_id, **given)
    with pytest.raises(NotFound):
        await cancel(olga, 999)
    with pytest.raises(Forbidden):
        async with transaction(helper) as tx:
            await queries.call_off_page(tx, helper, ben.require_person())
    at((slot(3) + timedelta(minutes=1)).isoformat())
    with pytest.raises(NotPossible):
        await cancel(olga, booked.session_id)
    assert await given_back() == []


async def test_nobody_of_staff_cancels_a_session_of_their_own(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben, olga = await make_user(name="Ben"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    for one in (ada, ben):  # as though they were of the team as well
        own = replace(one, powers=olga.powers, stepped_up_at=olga.stepped_up_at)
        for fault in (True, False):
            with pytest.raises(Forbidden, match="about you"):
                await cancel(own, booked.session_id, fault=fault)
    assert await states() == {booked.session_id: "confirmed"}
    assert await given_back() == []
    await cancel(olga, booked.session_id)
    assert await given_back() == [PRICE]


async def test_a_note_is_for_staff_alone(db, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben, olga = await make_user(name="Ben"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(olga) as tx:
        await actions.note_session(tx, olga, booked.session_id, "Ben rang: he is ill.")
        found = await queries.desk_session(tx, olga, booked.session_id)
    assert [(one.by, one.words) for one in found.notes] == [("Olga", "Ben rang: he is ill.")]
    async with transaction(ben) as tx:
        assert (await tx.db.execute(text("SELECT * FROM session_notes"))).all() == []
    with pytest.raises(Forbidden):
        async with transaction(ben) as tx:
            await actions.note_session(tx, ben, booked.session_id, "Mine")


async def test_of_a_group_staff_take_one_seat_or_all(db, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=replace(OFFERING, capacity=4))
    ben, cleo, olga = await make_user(name="Ben"), await make_user(name="Cleo"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    assert (await make_session(cleo, offering_id, slot(3))).session_id == booked.session_id
    await cancel(olga, booked.session_id, client_id=ben.person_id)
    assert await given_back() == [PRICE]
    assert await states() == {booked.session_id: "confirmed"}
    await cancel(olga, booked.session_id)
    assert await given_back() == [PRICE, PRICE]
    assert await states() == {booked.session_id: "cancelled"}


async def world(at) -> tuple[Actor, Actor, Actor, list[int]]:
    """Ada coaches Ben twice and is Max's client once, tomorrow, when half goes back."""
    at(NOW)
    ada, offering_id = await make_open_coach()
    max_, other_id = await make_open_coach("Max Berg")
    await choose(max_, "max", 168, 50)
    ben, olga = await make_user(name="Ben"), await make_staff()
    made = [
        await make_session(ben, offering_id, slot(3)),
        await make_session(ben, offering_id, slot(5)),
        await make_session(ada, other_id, slot(4)),
    ]
    return ada, ben, olga, [one.session_id for one in made]


async def test_all_of_somebodys_sessions_end_with_the_money_that_was_shown(db, at):
    ada, ben, olga, ids = await world(at)
    with pytest.raises(Conflict):
        await call_off(olga, ada)  # who is not suspended keeps them
    await suspend(olga, ada)
    found = await plan(olga, ada)
    assert [(one.session_id, one.coaching) for one in found.lines] == [
        (ids[0], True),
        (ids[2], False),
        (ids[1], True),
    ]
    assert [one.back.minor for one in found.lines] == [PRICE, PRICE // 2, PRICE]
    first = await call_off(olga, ada, words="Your coach cannot come.")
    assert await call_off(olga, ada, seen=ids) == first  # twice is once
    await outbox.drain()
    assert set((await states()).values()) == {"cancelled"}
    last = (await plan(olga, ada)).last
    assert last is not None
    assert (last.by, last.reason, last.done) == ("Olga", "Asked by phone", True)
    assert {one.session_id: one.back.minor for one in last.parts if one.back} == {
        ids[0]: PRICE,
        ids[1]: PRICE,
        ids[2]: PRICE // 2,
    }
    assert sorted(await given_back()) == [PRICE // 2, PRICE, PRICE]
    assert await mailed(ben) == 2
    with pytest.raises(Conflict):  # nothing is left
        await call_off(olga, ada, seen=ids)
    async with transaction(Actor.system_job("payments.test")) as tx:
        sums = await tx.db.scalars(
            text("SELECT sum(amount) FROM ledger_entries GROUP BY transaction_id, currency")
        )
        assert {int(one) for one in sums} <= {0}


async def test_what_was_not_in_the_list_stays(db, at):
    ada, _, olga, ids = await world(at)
    await suspend(olga, ada)
    await call_off(olga, ada, seen=[ids[0], 999])
    await outbox.drain()
    assert await states() == {ids[0]: "cancelled", ids[1]: "confirmed", ids[2]: "confirmed"}


async def test_a_client_who_is_suspended_loses_their_seat_and_the_group_meets(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(OFFERING, capacity=4))
    await choose(ada, "ada", 168, 25)
    ben, cleo, olga = await make_user(name="Ben"), await make_user(name="Cleo"), await make_staff()
    booked = await make_session(ben, offering_id, slot(3))
    await make_session(cleo, offering_id, slot(3))
    await suspend(olga, ben)
    (line,) = (await plan(olga, ben)).lines
    assert (line.coaching, line.back.minor) == (False, PRICE // 4)
    await call_off(olga, ben)
    await outbox.drain()
    assert await states() == {booked.session_id: "confirmed"}
    assert await given_back() == [PRICE // 4]
    async with transaction(cleo) as tx:
        assert (await queries.session(tx, cleo, booked.session_id)).status == "confirmed"


async def test_a_job_that_dies_in_the_middle_goes_on_where_it_was(db, at):
    """The process goes away while the second of three is being paid back."""
    ada, _, olga, ids = await world(at)
    await suspend(olga, ada)
    number = await call_off(olga, ada)
    async with transaction(SCHEDULING) as holding:
        await holding.db.execute(
            text("SELECT 1 FROM coaching_sessions WHERE id = :id FOR UPDATE"), {"id": ids[1]}
        )
        job = asyncio.create_task(actions.call_off_parts(number))
        await somebody_waits(job)
        job.cancel()  # it waits for the row: nothing of the second part is kept
        with pytest.raises(asyncio.CancelledError):
            await job
    assert (await states())[ids[1]] == "confirmed"
    assert (await states())[ids[0]] == "cancelled"
    await outbox.drain()  # its lease is over, and another process takes it
    assert set((await states()).values()) == {"cancelled"}
    assert sorted(await given_back()) == [PRICE // 2, PRICE, PRICE]
    last = (await plan(olga, ada)).last
    assert last is not None
    assert [one.result for one in last.parts] == ["cancelled"] * 3


async def test_after_its_job_was_dropped_confirming_again_goes_on(db, at):
    ada, _, olga, _ = await world(at)
    await suspend(olga, ada)
    number = await call_off(olga, ada)
    async with transaction(Actor.system_job("worker")) as tx:  # it failed as often as work may
        job_id = await tx.db.scalar(
            text(
                "UPDATE outbox_jobs SET failed_at = :now WHERE name = 'scheduling.call_off'"
                " RETURNING id"
            ),
            {"now": tx.now},
        )
    async with transaction(olga) as tx:
        await operations.drop_job(tx, olga, job_id or 0, "It was in the way")
    await outbox.drain()
    assert set((await states()).values()) == {"confirmed"}
    assert await call_off(olga, ada) == number
    await outbox.drain()
    assert set((await states()).values()) == {"cancelled"}
    last = (await plan(olga, ada)).last
    assert last is not None
    assert last.done


async def test_clients_who_cancel_meanwhile_and_two_jobs_pay_back_once(db, at):
    ada, ben, olga, ids = await world(at)
    await suspend(olga, ada)
    number = await call_off(olga, ada)

    async def as_ben(session_id: int) -> None:
        async with transaction(ben) as tx:
            await actions.cancel(tx, ben, session_id)

    await asyncio.gather(
        as_ben(ids[0]),
        actions.call_off_parts(number),
        as_ben(ids[1]),
        actions.call_off_parts(number),
    )
    await outbox.drain()
    assert set((await states()).values()) == {"cancelled"}
    assert sorted(await given_back()) == [PRICE // 2, PRICE, PRICE]
    last = (await plan(olga, ada)).last
    assert last is not None
    assert last.done
    assert {one.result for one in last.parts} <= {"cancelled", "before"}
    by_us = [one for one in last.parts if one.result == "cancelled"]
    assert await mailed(ben) == 2
    assert len(by_us) >= 1  # Max's, which nobody else cancels


async def test_a_part_that_cannot_be_cancelled_says_so_and_holds_up_no_other(db, at):
    ada, _, olga, ids = await world(at)
    await suspend(olga, ada)
    number = await call_off(olga, ada)
    at((slot(3) + timedelta(minutes=1)).isoformat())  # the first has begun before the job came
    await actions.call_off_parts(number)
    last = (await plan(olga, ada)).last
    assert last is not None
    told = {one.session_id: (one.result, one.problem) for one in last.parts}
    assert told[ids[0]] == ("refused", "This session has begun.")
    assert [told[one][0] for one in ids[1:]] == ["cancelled", "cancelled"]
