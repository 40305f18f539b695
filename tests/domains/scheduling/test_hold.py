from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts.events import VisitorAdopted
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.payments.errors import NotSelling
from loom_app.domains.scheduling import actions, events, queries
from loom_app.domains.scheduling.errors import ClientBusy, HoldGone, SlotClosed, SlotTaken
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound, TooMany
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import begin_booking, make_hold, make_open_coach, slot

VISITOR = Actor(visitor="v" * 64)
OTHER = Actor(visitor="w" * 64)
READER = Actor.system_job("scheduling.test")


async def sees(me: Actor, offering_id: int, when) -> bool:
    async with transaction(me) as tx:
        found = await queries.month_slots(tx, me, offering_id, when.date(), when.date())
    return when in found


async def statuses(table: str = "seats") -> list[str]:
    async with transaction(READER) as tx:
        return list(await tx.db.scalars(text(f"SELECT status FROM {table} ORDER BY id")))


async def test_a_visitor_holds_a_time_and_others_no_longer_see_it(db, told, topics):
    ada, offering_id = await make_open_coach()
    when = slot()
    assert await sees(OTHER, offering_id, when)
    held = await make_hold(VISITOR, offering_id, when)
    assert not await sees(OTHER, offering_id, when)
    assert await sees(VISITOR, offering_id, when), "one's own hold does not hide the time"
    assert held.expires_at - held.starts_at < timedelta(0)
    assert events.SlotHeld(ada.require_person()) in told
    assert f"coach:{ada.person_id}:slots" in topics
    async with transaction(VISITOR) as tx:
        draft = await queries.draft(tx, VISITOR)
    assert draft is not None
    assert draft.hold == held


async def test_nobody_reads_whose_hold_it_is(db):
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    cleo = await make_user(name="Cleo")
    for me in (OTHER, cleo):
        async with transaction(me) as tx:
            for table in ("seats", "coaching_sessions", "booking_drafts"):
                assert await tx.db.scalar(text(f"SELECT count(*) FROM {table}")) == 0
            assert await queries.draft(tx, me) is None


async def test_the_second_gets_the_next_free_times(db):
    _, offering_id = await make_open_coach()
    when = slot()
    await make_hold(VISITOR, offering_id, when)
    with pytest.raises(SlotTaken, match="Next free") as taken:
        await make_hold(OTHER, offering_id, when)
    assert taken.value.next_free[0] == when + timedelta(hours=1)


async def test_choosing_another_time_gives_the_first_back(db):
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    await make_hold(VISITOR, offering_id, slot(hour=12))
    assert await statuses() == ["expired", "held"]
    assert await sees(OTHER, offering_id, slot())


async def test_holding_the_same_time_again_is_the_same_hold(db):
    _, offering_id = await make_open_coach()
    assert await make_hold(VISITOR, offering_id, slot()) == await make_hold(
        VISITOR, offering_id, slot()
    )
    assert await statuses() == ["held"]


@pytest.mark.parametrize("shift", [timedelta(minutes=7), timedelta(days=-30), timedelta(days=400)])
async def test_a_time_that_was_never_offered_is_refused(db, shift):
    _, offering_id = await make_open_coach()
    with pytest.raises(SlotClosed):
        await make_hold(VISITOR, offering_id, slot() + shift)
    assert await statuses() == []


async def test_unknown_archived_and_own_offerings_cannot_be_held(db):
    ada, offering_id = await make_open_coach()
    with pytest.raises(Invalid):
        await make_hold(ada, offering_id, slot())
    with pytest.raises(NotFound):
        await make_hold(VISITOR, 999, slot())
    with pytest.raises(Invalid):
        await make_hold(VISITOR, offering_id, slot().replace(tzinfo=None))
    with pytest.raises(Forbidden):
        await make_hold(Actor(), offering_id, slot())
    async with transaction(ada) as tx:
        await coaches.archive_offering(tx, ada, offering_id)
    with pytest.raises(NotFound):
        await make_hold(VISITOR, offering_id, slot())
    assert await statuses() == []


async def test_buffers_keep_neighbours_away(db):
    offering = replace(OFFERING, buffer_before=15, buffer_after=15, slot_interval=30)
    _, offering_id = await make_open_coach(offering=offering)
    when = slot()
    await make_hold(VISITOR, offering_id, when)
    for minutes in (60, -60):
        with pytest.raises(SlotTaken):
            await make_hold(OTHER, offering_id, when + timedelta(minutes=minutes))
    await make_hold(OTHER, offering_id, when + timedelta(minutes=90))


async def test_a_client_is_not_in_two_places(db):
    _, first = await make_open_coach()
    _, second = await make_open_coach("Ida Holm")
    ben = await make_user()
    await make_hold(ben, first, slot())
    async with transaction(READER) as tx:
        await tx.db.execute(text("UPDATE seats SET status = 'confirmed', hold_expires_at = NULL"))
        await tx.db.execute(text("UPDATE coaching_sessions SET status = 'confirmed'"))
    with pytest.raises(ClientBusy):
        await make_hold(ben, second, slot())
    await make_hold(ben, second, slot(hour=11))


async def test_the_constraint_alone_keeps_a_client_from_two_places(db):
    _, offering_id = await make_open_coach()
    _, second = await make_open_coach("Ida Holm")
    ben = await make_user()
    await make_hold(ben, offering_id, slot())
    await make_hold(VISITOR, second, slot())
    with pytest.raises(Exception, match="ex_seats_client"):
        async with transaction(READER) as tx:
            await tx.db.execute(
                text(
                    "UPDATE seats SET client_id = :b, status = 'confirmed', visitor = NULL"
                    " WHERE visitor IS NOT NULL"
                ),
                {"b": ben.person_id},
            )


async def test_daily_limits_count_holds(db):
    offering = replace(OFFERING, per_day=1)
    _, offering_id = await make_open_coach(zone="UTC", offering=offering)
    await make_hold(VISITOR, offering_id, slot(hour=10))
    with pytest.raises(SlotTaken):
        await make_hold(OTHER, offering_id, slot(hour=15))
    await make_hold(OTHER, offering_id, slot(days=4, hour=15))


async def test_a_hold_ends_by_its_job(db, at, told):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    held = await make_hold(VISITOR, offering_id, slot())
    await outbox.drain()
    assert await statuses() == ["held"], "not before its time"
    at("2026-11-21T12:10:01Z")
    await outbox.drain()
    assert await statuses() == ["expired"]
    assert await statuses("coaching_sessions") == ["expired"]
    assert events.HoldExpired(held.session_id) in told
    async with transaction(VISITOR) as tx:
        draft = await queries.draft(tx, VISITOR)
    assert draft is not None
    assert (draft.hold, draft.starts_at) == (None, held.starts_at)


async def test_nobody_waits_for_the_job_of_an_expired_hold(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    at("2026-11-21T12:10:01Z")
    assert await sees(OTHER, offering_id, slot())
    await make_hold(OTHER, offering_id, slot())
    assert await statuses() == ["expired", "held"]


async def test_release_is_idempotent(db):
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    for _ in range(2):
        async with transaction(VISITOR) as tx:
            await actions.release(tx, VISITOR)
    assert await statuses() == ["expired"]


async def test_details_are_kept_with_the_draft(db):
    questions = (
        {"label": "What brings you?", "kind": "long", "required": True},
        {"label": "Camera?", "kind": "choice", "choices": ["On", "Off"]},
    )
    _, offering_id = await make_open_coach(offering=replace(OFFERING, questions=questions))
    async with transaction(VISITOR) as tx:
        with pytest.raises(HoldGone):
            await actions.save_details(tx, VISITOR, "", {})
    await make_hold(VISITOR, offering_id, slot())
    for answers, field in (({}, "q1"), ({"q1": "A", "q2": "Maybe"}, "q2")):
        async with transaction(VISITOR) as tx:
            with pytest.raises(Invalid) as wrong:
                await actions.save_details(tx, VISITOR, "", answers)
            assert wrong.value.field == field
    async with transaction(VISITOR) as tx:
        await actions.save_details(tx, VISITOR, " My agenda ", {"q1": "A new job", "zz": "x"})
    await make_hold(VISITOR, offering_id, slot(hour=12))
    async with transaction(VISITOR) as tx:
        draft = await queries.draft(tx, VISITOR)
    assert draft is not None
    assert (draft.agenda, draft.answers) == ("My agenda", {"q1": "A new job"})


async def adopt(user_id: int) -> None:
    async with transaction(VISITOR) as tx:
        await tx.emit(VisitorAdopted("v" * 64, user_id))


async def test_signing_in_adopts_draft_and_hold(db):
    _, offering_id = await make_open_coach()
    when = slot()
    await make_hold(VISITOR, offering_id, when)
    ben = await make_user()
    for _ in range(2):
        await adopt(ben.require_person())
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
    assert draft is not None
    assert draft.hold is not None
    assert draft.hold.starts_at == when
    async with transaction(VISITOR) as tx:
        assert await queries.draft(tx, VISITOR) is None


async def test_an_expired_hold_is_held_again_when_free(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    at("2026-11-21T13:00Z")
    await outbox.drain()
    ben = await make_user()
    await adopt(ben.require_person())
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
    assert draft is not None
    assert draft.hold is not None


async def test_a_lost_time_leaves_the_draft(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    await make_hold(VISITOR, offering_id, slot())
    at("2026-11-21T13:00Z")
    await make_hold(OTHER, offering_id, slot())
    ben = await make_user()
    await adopt(ben.require_person())
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
    assert draft is not None
    assert draft.hold is None
    assert await statuses() == ["expired", "held"]


async def test_a_network_keeps_few_times_without_signing_in(db):
    _, offering_id = await make_open_coach()
    ben = await make_user()

    def visitor(n: int, address: str = "a" * 43) -> Actor:
        return Actor(visitor=f"{n:064d}", address=address)

    for n in range(10):
        await make_hold(visitor(n), offering_id, slot(hour=8 + n))
    with pytest.raises(TooMany):
        await make_hold(visitor(10), offering_id, slot(hour=20))
    await make_hold(visitor(10, "b" * 43), offering_id, slot(hour=20))
    await make_hold(visitor(4), offering_id, slot(hour=21))  # moving one's own is no new one
    await make_hold(ben, offering_id, slot(hour=22))
    assert (await statuses()).count("held") == 12


async def test_drafts_of_visitors_are_forgotten(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    await make_hold(VISITOR, offering_id, slot())
    await make_hold(ben, offering_id, slot(hour=12))
    at("2026-11-29T12:00Z")
    await outbox.registered()["scheduling.sweep"]({})
    async with transaction(READER) as tx:
        left = list(await tx.db.scalars(text("SELECT client_id FROM booking_drafts")))
    assert left == [ben.person_id]


async def test_no_one_writes_sessions_by_hand(db):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    held = await make_hold(ben, offering_id, slot())
    for me in (ada, ben):
        async with transaction(me) as tx:
            changed = await tx.db.execute(
                text("UPDATE seats SET status = 'confirmed' WHERE id = :id"), {"id": held.seat_id}
            )
        assert changed.rowcount == 0  # pyright: ignore[reportAttributeAccessIssue]


async def test_a_coach_who_cannot_be_paid_sells_nothing_and_gives_freely(db):
    coach, paid = await make_open_coach()
    async with transaction(coach) as tx:
        free = await coaches.create_offering(tx, coach, replace(OFFERING, price_minor=0))
        edit = replace(OFFERING, price_minor=0, no_show_fee_minor=2000)
        with_fee = await coaches.create_offering(tx, coach, edit)
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booking = await begin_booking(ben, paid, slot(days=2))
    await make_hold(cleo, with_fee, slot(days=4))
    await set_account(coach, "restricted")
    with pytest.raises(NotSelling):  # a fee would be held for nobody
        async with transaction(cleo) as tx:
            await actions.book(tx, cleo)
    with pytest.raises(NotSelling):
        await make_hold(ben, paid, slot())
    with pytest.raises(NotSelling):  # held before it ended
        async with transaction(ben) as tx:
            await actions.book(tx, ben)
    assert booking.charge_id
    assert (await make_hold(ben, free, slot())).offering_id == free
    await set_account(coach, "active")
    assert (await make_hold(ben, paid, slot())).offering_id == paid


async def set_account(coach, status):
    async with transaction(Actor.system_job("payments.test")) as tx:
        values = {"status": status, "id": coach.person_id}
        found = text("UPDATE payout_accounts SET status = :status WHERE user_id = :id")
        await tx.db.execute(found, values)
