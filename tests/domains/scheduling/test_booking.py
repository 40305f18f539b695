from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.engagements import queries as engagements
from loom_app.domains.payments.events import CheckoutExpired
from loom_app.domains.scheduling import actions, events
from loom_app.domains.scheduling.errors import HoldGone, NotPossible
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import (
    PAYMENTS,
    begin_booking,
    make_hold,
    make_open_coach,
    make_session,
    pay,
    slot,
)

READER = Actor.system_job("scheduling.test")


async def column(sql: str) -> list[object]:
    async with transaction(READER) as tx:
        return list(await tx.db.scalars(text(sql)))


async def status() -> list[object]:
    return await column("SELECT status FROM coaching_sessions ORDER BY id")


async def refunds() -> list[object]:
    async with transaction(PAYMENTS) as tx:
        return list(await tx.db.scalars(text("SELECT reason FROM refunds ORDER BY id")))


async def test_paying_books_the_session(db, told, topics):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await begin_booking(ben, offering_id, slot())
    assert booking.charge_id is not None
    assert await status() == ["held"]
    await pay(booking)
    assert await status() == ["confirmed"]
    assert events.SessionBooked(booking.session_id, booking.seat_id) in told
    for who in (ada, ben):
        assert f"person:{who.person_id}:sessions" in topics
    async with transaction(ben) as tx:
        found = await engagements.find_engagement(tx, ada.require_person(), ben.require_person())
    assert found is not None
    assert found.status == "active"


async def test_the_same_payment_told_twice_books_once(db, told):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    await pay(booking)
    assert told.count(events.SessionBooked(booking.session_id, booking.seat_id)) == 1
    assert await refunds() == []


async def test_a_free_session_is_booked_at_once(db, told):
    _, offering_id = await make_open_coach(offering=replace(OFFERING, price_minor=0))
    ben = await make_user()
    booking = await begin_booking(ben, offering_id, slot())
    assert booking.charge_id is None
    assert await status() == ["confirmed"]
    assert told.count(events.SessionBooked(booking.session_id, booking.seat_id)) == 1
    async with transaction(ben) as tx:
        with pytest.raises(HoldGone):
            await actions.book(tx, ben)


async def test_clicking_pay_twice_finds_the_same_charge(db):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    first = await begin_booking(ben, offering_id, slot())
    async with transaction(ben) as tx:
        assert await actions.book(tx, ben) == first


async def test_going_to_checkout_keeps_the_time_for_half_an_hour(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    await begin_booking(ben, offering_id, slot())
    at("2026-11-21T12:29Z")
    await outbox.drain()
    assert await status() == ["held"]
    at("2026-11-21T12:31:01Z")
    await outbox.drain()
    assert await status() == ["expired"]


async def test_leaving_checkout_frees_the_time(db):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await begin_booking(ben, offering_id, slot())
    async with transaction(PAYMENTS) as tx:
        await tx.emit(CheckoutExpired(booking.charge_id or 0, "seat", booking.seat_id))
    assert await status() == ["expired"]


async def test_visitors_and_the_unverified_cannot_book(db):
    _, offering_id = await make_open_coach()
    visitor, new = Actor(visitor="v" * 64), await make_user(verified=False)
    for me in (visitor, new):
        await make_hold(me, offering_id, slot(hour=10 if me is new else 12))
        async with transaction(me) as tx:
            with pytest.raises(Forbidden):
                await actions.book(tx, me)
    assert await status() == ["held", "held"]


async def test_an_expired_hold_cannot_be_booked(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    await make_hold(ben, offering_id, slot())
    at("2026-11-21T12:10:01Z")
    async with transaction(ben) as tx:
        with pytest.raises(HoldGone):
            await actions.book(tx, ben)


async def test_required_questions_must_be_answered_before_booking(db):
    questions = ({"label": "What brings you?", "required": True},)
    _, offering_id = await make_open_coach(offering=replace(OFFERING, questions=questions))
    ben = await make_user()
    await make_hold(ben, offering_id, slot())
    async with transaction(ben) as tx:
        with pytest.raises(Invalid) as wrong:
            await actions.book(tx, ben)
        assert wrong.value.field == "q1"
        await actions.save_details(tx, ben, "Agenda", {"q1": "A new job"})
        await actions.book(tx, ben)
    assert await column("SELECT answers FROM seats") == [
        [{"question": "What brings you?", "answer": "A new job"}]
    ]


async def test_a_late_payment_still_gets_a_free_time(db, at, told):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await begin_booking(ben, offering_id, slot())
    at("2026-11-21T12:40Z")
    async with transaction(READER) as tx:
        await actions.expire_hold(tx, booking.seat_id)
    assert await status() == ["expired"]
    await pay(booking)
    assert await status() == ["confirmed"]
    assert await refunds() == []


async def test_a_lost_time_is_refunded_by_itself(db, at, told):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booking = await begin_booking(ben, offering_id, slot())
    at("2026-11-21T12:40Z")
    async with transaction(READER) as tx:
        await actions.expire_hold(tx, booking.seat_id)
    await make_hold(cleo, offering_id, slot())
    await pay(booking)
    assert await status() == ["expired", "held"]
    assert await refunds() == ["slot_lost"]
    assert events.SlotLost(booking.session_id, booking.seat_id, ben.require_person()) in told


async def test_the_coach_cancels_and_all_money_goes_back(db, told):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot(days=1, hour=0) + timedelta(hours=2))
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.cancel(tx, ada, booking.session_id, "I am ill, sorry")
    assert await status() == ["cancelled"]
    assert await refunds() == ["coach_cancelled"]
    assert told.count(events.SessionCancelled(booking.session_id, "coach", (booking.seat_id,))) == 1
    assert await column("SELECT sequence FROM coaching_sessions") == [1]
    # the time is free again
    await make_hold(await make_user(name="Cleo"), offering_id, slot(days=1).replace(hour=2))


@pytest.mark.parametrize(("hours", "expected"), [(24, ["client_cancelled"]), (23, [])])
async def test_the_client_gets_money_back_until_a_day_before(db, at, hours, expected):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot(days=5))
    start = slot(days=5)
    at((start - timedelta(hours=hours)).isoformat())
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    assert await status() == ["cancelled"]
    assert await refunds() == expected


async def test_strangers_cannot_cancel(db):
    _, offering_id = await make_open_coach()
    booking = await make_session(await make_user(), offering_id, slot())
    cleo = await make_user(name="Cleo")
    for session_id in (booking.session_id, 999):
        async with transaction(cleo) as tx:
            with pytest.raises(NotFound):
                await actions.cancel(tx, cleo, session_id)
    assert await status() == ["confirmed"]


async def test_a_session_runs_its_course(db, at, told):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    async with transaction(ben) as tx:
        with pytest.raises(NotPossible):
            await actions.complete(tx, booking.session_id)
    at("2026-11-24T10:00Z")
    await outbox.drain()
    assert await status() == ["in_progress"]
    async with transaction(ada) as tx:
        with pytest.raises(NotPossible, match="begun"):
            await actions.cancel(tx, ada, booking.session_id)
    at("2026-11-24T11:00Z")
    await outbox.drain()
    assert await status() == ["completed"]
    async with transaction(READER) as tx:
        await actions.complete(tx, booking.session_id)
    assert told.count(events.SessionCompleted(booking.session_id, (booking.seat_id,))) == 1
    async with transaction(ben) as tx:
        with pytest.raises(NotPossible, match="over"):
            await actions.cancel(tx, ben, booking.session_id)


async def test_the_sweep_finds_what_the_jobs_missed(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    await make_session(await make_user(), offering_id, slot())
    async with transaction(Actor.system_job("worker")) as tx:
        await tx.db.execute(text("DELETE FROM outbox_jobs"))
    at("2026-11-25T12:00Z")
    await outbox.registered()["scheduling.sweep"]({})
    assert await status() == ["completed"]


async def test_every_transition_is_in_the_audit_trail(db):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    async with transaction(Actor.system_job("audit.test")) as tx:
        found = await tx.db.scalars(
            text("SELECT verb FROM audit_entries WHERE subject = 'session' ORDER BY id")
        )
    assert list(found) == ["session.hold", "session.confirm", "session.cancel"]
