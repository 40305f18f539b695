from datetime import UTC, timedelta

import pytest
from icalendar import Calendar

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.scheduling import begin_booking, make_open_coach, make_session, slot


async def listed(me: Actor, **filters) -> list[int]:
    async with transaction(me) as tx:
        found = await queries.sessions(tx, me, SessionFilters(**filters))
    return [card.id for card in found.cards]


async def test_both_sides_list_their_sessions_and_nobody_elses(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(name="Ben Okafor"), await make_user(name="Cleo Marchetti")
    first = (await make_session(ben, offering_id, slot(days=5))).session_id
    second = (await make_session(ben, offering_id, slot(days=3))).session_id
    third = (await make_session(cleo, offering_id, slot(days=4))).session_id
    await begin_booking(cleo, offering_id, slot(days=6))
    assert await listed(ben) == [second, first]
    assert await listed(cleo) == [third], "a hold is no session"
    assert await listed(ada) == [second, third, first]
    assert await listed(ada, person="marc") == [third]
    assert await listed(ada, person="nobody") == []
    day = slot(days=4).date()
    assert await listed(ada, first_day=day, last_day=day) == [third]
    assert await listed(ada, page=2, page_size=2) == [first]
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, first)
    assert (await listed(ben), await listed(ben, view="cancelled")) == ([second], [first])
    at("2026-12-01T12:00Z")
    assert await listed(ada, view="past") == [third, second], "by the clock, before any job"
    await outbox.drain()
    assert await listed(ada, view="past") == [third, second]


async def test_the_page_shows_each_side_its_part(db):
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booking = await make_session(ben, offering_id, slot())
    async with transaction(ben) as tx:
        page = await queries.session(tx, ben, booking.session_id)
    assert (page.coach.name, page.client.name, page.coaching) == (
        "Ada Lindqvist", "Ben Okafor", False,
    )  # fmt: skip
    assert (page.payment_text, page.fee_text, page.earned_text) == ("Paid", "", "")
    assert page.refund_text == "You get €120 back the way you paid."
    assert [line.words for line in page.history] == ["Time chosen", "Booked"]
    async with transaction(ada) as tx:
        page = await queries.session(tx, ada, booking.session_id)
    assert (page.fee_text, page.earned_text) == ("€18", "€102")
    assert page.refund_text == "Your client gets €120 back."
    for me, session_id in ((cleo, booking.session_id), (ben, 999)):
        async with transaction(me) as tx:
            with pytest.raises(NotFound):
                await queries.session(tx, me, session_id)


async def test_a_late_cancellation_is_announced_before_the_click(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    at((slot() - timedelta(hours=2)).isoformat())
    async with transaction(ben) as tx:
        page = await queries.session(tx, ben, booking.session_id)
    assert page.can_cancel
    assert page.refund_text.startswith("It is too late for a refund")


async def test_the_calendar_file_says_the_same_instant(db):
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booking = await make_session(ben, offering_id, slot())
    uids = set()
    for me, other in ((ada, "Ben Okafor"), (ben, "Ada Lindqvist")):
        async with transaction(me) as tx:
            content = await queries.calendar_file(tx, booking.session_id, me.require_person())
        calendar = Calendar.from_ical(content)
        event = calendar.walk("VEVENT")[0]
        assert calendar["method"] == "PUBLISH"
        assert event.decoded("dtstart").astimezone(UTC) == slot()
        assert other in str(event["summary"])
        assert int(str(event["sequence"])) == 0
        uids.add(str(event["uid"]))
    assert len(uids) == 1
    async with transaction(cleo) as tx:
        with pytest.raises(NotFound):
            await queries.calendar_file(tx, booking.session_id, cleo.require_person())
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    async with transaction(ben) as tx:
        content = await queries.calendar_file(tx, booking.session_id, ben.require_person())
    calendar = Calendar.from_ical(content)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["method"], str(event["status"]), int(str(event["sequence"]))) == (
        "CANCEL", "CANCELLED", 1,
    )  # fmt: skip
    assert {str(event["uid"])} == uids


async def test_mail_jobs_read_the_facts(db):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    async with transaction(Actor.system_job("notifications.mail")) as tx:
        facts = await queries.session_facts(tx, booking.session_id)
    assert (facts.client_id, facts.offering_name, facts.where) == (
        ben.person_id, "Clarity session", f"http://localhost:8000/sessions/{booking.session_id}/room",
    )  # fmt: skip
