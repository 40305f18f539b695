"""Booking for a client: by their coach or the staff, paid, unpaid or by a link (SCH-16)."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, Order
from loom_app.domains.scheduling.errors import (
    ClientElsewhere,
    CoachBusy,
    OutsideRules,
    SlotTaken,
)
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.integrations.mail import mailbox
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.domains.payments.helpers import check_books
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, pay, slot
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"
AUDITOR = Actor.system_job("audit.test")


async def couple(**changes) -> tuple[Actor, int, Actor]:
    """Ada, her offering, and Ben, who is her client."""
    ada, offering_id = await make_open_coach(offering=replace(OFFERING, **changes))
    ben = await make_user(name="Ben")
    async with transaction(ben) as tx:
        pair = (ada.require_person(), ben.require_person())
        await engagements.ensure(tx, *pair, "inquiry")
    return ada, offering_id, ben


async def book(me: Actor, client: Actor, offering_id: int, when: datetime, **more):
    order = Order(client.require_person(), offering_id, when, **more)
    async with transaction(me) as tx:
        made = await actions.book_for(tx, me, order)
    await outbox.drain()
    return made


async def page(me: Actor, session_id: int):
    async with transaction(me) as tx:
        return await queries.session(tx, me, session_id)


async def listed(me: Actor) -> list[tuple[int, str]]:
    async with transaction(me) as tx:
        found = await queries.sessions(tx, me, SessionFilters())
    return [(one.id, one.status) for one in found.cards]


async def mails(name: str) -> list[str]:
    """Subject and first sentence of the mails to this person, oldest first."""
    return [
        f"{one.subject} | {one.message.get_body(('plain',)).get_content()}"
        for one in reversed(await mailbox.newest())
        if name in str(one.message["To"])
    ]


async def audits() -> list[tuple[str, dict]]:
    async with transaction(AUDITOR) as tx:
        found = await tx.db.execute(
            text("SELECT actor, after FROM audit_entries WHERE verb = 'session.book_for'")
        )
        return [tuple(row) for row in found.all()]


async def test_what_is_free_of_charge_is_booked_at_once_and_says_by_whom(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    await make_hold(ben, (await make_open_coach("Otto Berg"))[1], slot(days=5))
    made = await book(ada, ben, offering_id, slot(), pay="free", agenda="Your next step")
    seen = await page(ben, made.session_id)
    assert (made.kept, seen.status, seen.payment_text) == (False, "confirmed", "Free")
    assert seen.agenda == "Your next step"
    assert "Booked by the coach for the client" in [line.words for line in seen.history]
    (mail,) = await mails("Ben")
    assert mail.startswith("Booked: Clarity session")
    assert "Ada Lindqvist has booked a session for you." in mail
    (own,) = await mails("Ada")
    assert "you have booked a session for Ben." in own
    async with transaction(ben) as tx:
        assert (await queries.draft(tx, ben)).hold is not None, "his own hold stays"
        await actions.cancel(tx, ben, made.session_id)
    assert (await page(ada, made.session_id)).status == "cancelled"


async def test_what_is_paid_in_person_is_booked_and_noted_when_it_is_there(sandbox, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    made = await book(ada, ben, offering_id, slot(), pay="in_person")
    seen = await page(ada, made.session_id)
    assert (seen.status, seen.payment_text) == ("confirmed", "To be paid in person")
    (due,) = seen.dues
    assert (due.how, due.amount.minor, due.payable) == ("in_person", 12_000, False)
    async with transaction(ada) as tx:
        await payments.pay_in_person(tx, ada, due.id)
    assert (await page(ben, made.session_id)).payment_text == "Paid in person"
    assert "€120 is paid in person" in (await mails("Ben"))[0]
    await check_books()


async def test_a_link_keeps_the_time_until_the_client_has_paid(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    made = await book(ada, ben, offering_id, slot(), keep_hours=24)
    assert made.kept
    assert await listed(ada) == await listed(ben) == [(made.session_id, "held")]
    assert (await page(ben, made.session_id)).kept_until.isoformat() == "2026-11-22T12:00:00+00:00"
    (mail,) = await mails("Ben")
    assert mail.startswith("Kept for you: Clarity session")
    cleo = await make_user(name="Cleo")
    with pytest.raises(SlotTaken):
        await make_hold(cleo, offering_id, slot())
    at("2026-11-21T20:00Z")
    await make_hold(ben, offering_id, slot())
    await make_hold(ben, offering_id, slot(days=4))
    assert (await page(ben, made.session_id)).kept_until, "another choice does not lose it"
    await make_hold(ben, offering_id, slot())
    async with transaction(ben) as tx:
        booking = await actions.book(tx, ben)
    await pay(booking)
    await outbox.drain()
    seen = await page(ben, made.session_id)
    assert (seen.status, booking.session_id) == ("confirmed", made.session_id)
    assert "Ada Lindqvist has booked a session for you." in (await mails("Ben"))[-1]


async def test_what_is_not_paid_or_not_wanted_is_free_again_and_said(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    late = await book(ada, ben, offering_id, slot(), keep_hours=2)
    unwanted = await book(ada, ben, offering_id, slot(days=4))
    back = await book(ada, ben, offering_id, slot(days=5))
    for me, made in ((ben, unwanted), (ada, back)):
        async with transaction(me) as tx:
            await actions.drop_kept(tx, me, made.session_id)
            await actions.drop_kept(tx, me, made.session_id)
    at("2026-11-21T14:01Z")
    await outbox.drain()
    assert await listed(ben) == []
    assert (await page(ben, late.session_id)).kept_until is None
    told = [mail for mail in await mails("Ada") if mail.startswith("Free again")]
    assert len(told) == 2, "of what ran out and what was declined, not of what she took back"
    cleo = await make_user(name="Cleo")
    with pytest.raises(NotFound):
        async with transaction(cleo) as tx:
            await actions.drop_kept(tx, cleo, late.session_id)


async def test_rules_can_be_overridden_with_a_reason_and_a_double_booking_never(db, at):
    at(NOW)
    ada, offering_id, ben = await couple(notice_minutes=60 * 24 * 7, price_minor=0)
    async with transaction(ada) as tx:
        await actions.save_week(tx, ada, [HourEdit(0, 540, 600)])
    with pytest.raises(OutsideRules) as refused:
        await book(ada, ben, offering_id, slot())
    assert refused.value.field == "reason"
    assert await listed(ada) == [], "nothing is left of the attempt"
    made = await book(ada, ben, offering_id, slot(), reason="He flies tomorrow")
    ((actor, entry),) = await audits()
    assert actor == f"person:{ada.person_id}"
    assert (entry["reason"], entry["client"]) == ("He flies tomorrow", ben.person_id)
    assert entry["overridden"] == ["This is outside the hours or the limits of the offering."]
    cleo = await make_user(name="Cleo")
    async with transaction(cleo) as tx:
        await engagements.ensure(tx, ada.require_person(), cleo.require_person(), "inquiry")
    half = slot() + timedelta(minutes=30)
    with pytest.raises(CoachBusy):
        await book(ada, cleo, offering_id, half, reason="Please")
    _, other = await make_open_coach("Otto Berg")
    await make_session(cleo, other, slot(days=4))
    with pytest.raises(ClientElsewhere):
        await book(ada, cleo, offering_id, slot(days=4), reason="Please")
    assert (await page(ben, made.session_id)).status == "confirmed"


async def test_who_may_book_for_whom(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    cleo = await make_user(name="Cleo")
    otto, _ = await make_open_coach("Otto Berg")
    for me, client in ((ada, cleo), (otto, ben), (ben, cleo), (cleo, ben), (ada, ada)):
        with pytest.raises(NotFound):
            await book(me, client, offering_id, slot(), pay="free")
    staff = replace(await make_user(name="Sam"), powers=permissions.names())
    made = await book(staff, cleo, offering_id, slot(), pay="free")
    assert (await page(cleo, made.session_id)).status == "confirmed"
    assert "our team has booked your session with Ada Lindqvist." in (await mails("Cleo"))[0]
    assert "Booked by our team for the client" in [
        line.words for line in (await page(ada, made.session_id)).history
    ]
    with pytest.raises(Invalid):
        await book(ada, ben, offering_id, slot(days=-1), pay="free")
    with pytest.raises(Invalid):
        await book(ada, ben, offering_id, slot(), keep_hours=5)


async def test_a_seat_in_a_group_and_never_one_too_many(db, at):
    at(NOW)
    ada, offering_id, ben = await couple(capacity=2, price_minor=0)
    people = [ben, *[await make_user(name=f"Guest {n}") for n in range(3)]]
    for one in people:
        async with transaction(one) as tx:
            await engagements.ensure(tx, ada.require_person(), one.require_person(), "inquiry")

    async def attempt(client: Actor) -> int:
        try:
            return (await book(ada, client, offering_id, slot())).session_id
        except DomainError:
            return 0

    found = await asyncio.gather(*map(attempt, people))
    assert sorted(map(bool, found)) == [False, False, True, True]
    assert len(set(found) - {0}) == 1, "both are in one group"
    assert len((await page(ada, max(found))).attendees) == 2


async def test_one_kept_seat_of_a_group_is_taken_back_and_the_others_stay(db, at):
    at(NOW)
    ada, offering_id, ben = await couple(capacity=4)
    cleo = await make_user(name="Cleo")
    async with transaction(ada) as tx:
        await engagements.ensure(tx, ada.require_person(), cleo.require_person(), "inquiry")
    first = await book(ada, ben, offering_id, slot())
    second = await book(ada, cleo, offering_id, slot())
    session_id = first.session_id
    kept = (await page(ada, session_id)).kept
    assert {one.person.name: one.seat_id for one in kept} == {
        ben.name: first.seat_id,
        "Cleo": second.seat_id,
    }
    stranger, _, _ = await couple()
    for who, seat_id in ((stranger, first.seat_id), (cleo, first.seat_id), (ada, 999)):
        with pytest.raises(NotFound):
            async with transaction(who) as tx:
                await actions.drop_kept(tx, who, session_id, seat_id)
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.drop_kept(tx, ada, session_id, first.seat_id)
    await outbox.drain()
    assert [one.person.name for one in (await page(ada, session_id)).kept] == ["Cleo"]
    assert (await page(cleo, session_id)).kept == [], "only the coach reads of others"
