"""A coach who did not come: said once, everything goes back, and it is no client's (SCH-19, 23)."""

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import text

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.errors import NotPossible, NotTheFirst
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.domains.packages.helpers import book as book_of_package
from tests.domains.packages.helpers import bought, check, credit
from tests.domains.payments.helpers import balances, rows
from tests.domains.scheduling.test_deposits import (
    AT_THE_DOOR,
    THIRD,
    book,
    card,
    mails,
    page,
    rows_as,
    run,
)
from tests.domains.scheduling.test_desk import make_staff, trail
from tests.domains.scheduling.test_disputed import decide, dispute
from tests.domains.scheduling.test_no_show import FREE, letters
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.sizes import CROWD

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"
GROUP = replace(OFFERING, name="Circle", capacity=3)

LEFT = (
    "SELECT event || ' ' || status FROM deliveries WHERE channel = 'mail' AND status <> 'sent'"
    " AND event LIKE 'session.missed%' ORDER BY event"
)


async def miss(me: Actor, session_id: int, seat_id: int = 0) -> None:
    async with transaction(me) as tx:
        await actions.miss(tx, me, session_id, seat_id)


async def absent(me: Actor, session_id: int) -> None:
    async with transaction(me) as tx:
        await actions.coach_missed(tx, me, session_id)


async def absent_for(me: Actor, session_id: int, reason: str = "Both wrote to us") -> None:
    async with transaction(me) as tx:
        await actions.coach_missed_for(tx, me, session_id, reason=reason)


async def refunds() -> list[tuple[int, str, str]]:
    found = await rows("SELECT amount, reason, status FROM refunds ORDER BY id")
    return [(row["amount"], row["reason"], row["status"]) for row in found]


async def free_session(at, days: int = 3):
    """Ada, Ben, and a free session that has begun."""
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben = await make_user(name="Ben")
    when = slot(days)
    booking = await make_session(ben, offering_id, when)
    at((when + timedelta(minutes=30)).isoformat())
    return ada, ben, booking, when


async def test_only_its_coach_says_so_once_it_has_begun_and_for_a_day(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    other, _ = await make_open_coach("Olga")
    ben = await make_user(name="Ben")
    when = slot()
    booking = await make_session(ben, offering_id, when)
    with pytest.raises(NotPossible, match="not begun"):
        await absent(ada, booking.session_id)
    assert (await page(ada, booking)).absent_text == []
    at((when + timedelta(minutes=5)).isoformat())
    for stranger in (ben, other, await make_user(name="Eve")):
        with pytest.raises(NotFound):
            await absent(stranger, booking.session_id)
    assert (await page(ben, booking)).absent_text == []
    at((when + timedelta(hours=25)).isoformat())
    with pytest.raises(NotPossible, match="until a day"):
        await absent(ada, booking.session_id)
    assert (await page(ada, booking)).absent_text == []
    at((when + timedelta(hours=24, minutes=59)).isoformat())
    assert (await page(ada, booking)).absent_text == ["Ben has paid nothing, so nothing goes back."]
    await absent(ada, booking.session_id)
    assert (await page(ben, booking)).missed_by == "coach"


async def test_everybody_reads_who_did_not_come(db, at):
    ada, ben, booking, _ = await free_session(at)
    olga = await make_staff()
    await absent(ada, booking.session_id)
    read = {}
    for who in (ada, ben):
        seen = await page(who, booking)
        async with transaction(who) as tx:
            (row,) = (await queries.sessions(tx, who, SessionFilters(view="past"))).cards
            file = await queries.calendar_file(tx, booking.session_id, who.require_person())
            feed = await queries.calendar_feed(tx, who)
        assert (seen.status, seen.missed_by, seen.status_text) == (
            "no_show",
            "coach",
            row.status_text,
        )
        assert seen.history[-1].words == "The coach did not come"
        texts = [
            str(Calendar.from_ical(one).walk("VEVENT")[0]["description"]) for one in (file, feed)
        ]
        assert texts[0] == texts[1]
        read[who.label] = (seen.status_text, texts[0].split("\n")[0])
    assert read[ada.label] == ("You did not come", "You did not come.")
    assert read[ben.label] == ("Your coach did not come", "Your coach did not come.")
    async with transaction(olga) as tx:
        desk = await queries.desk_session(tx, olga, booking.session_id)
    assert (desk.status_text, desk.seats[0].status_text) == ("Coach did not come",) * 2
    await outbox.drain()
    (mail,) = [one for one in await letters("Ben") if "did not come" in str(one["Subject"])]
    assert str(mail["Subject"]) == f"Your coach did not come: {FREE.name}"
    assert "/time?offering=" in mail.get_body(("plain",)).get_content()


async def number_of_the_file(me: Actor, session_id: int) -> int:
    """By which calendars know that a file is newer (RFC 5545, 3.8.7.4)."""
    async with transaction(me) as tx:
        file = await queries.calendar_file(tx, session_id, me.require_person())
    return int(Calendar.from_ical(file).walk("VEVENT")[0]["sequence"])


async def test_a_client_who_did_not_come_is_read_as_such(db, at):
    ada, ben, booking, _ = await free_session(at)
    assert await number_of_the_file(ben, booking.session_id) == 0
    await miss(ada, booking.session_id)
    assert await number_of_the_file(ben, booking.session_id) == 1
    assert (await page(ada, booking)).status_text == "Client did not come"
    seen = await page(ben, booking)
    assert (seen.status_text, seen.missed_by) == ("You did not come", "client")
    assert seen.history[-1].words == "The client did not come"


async def test_the_clients_becomes_the_coachs_but_never_the_reverse(db, at):
    ada, ben, booking, _ = await free_session(at)
    await miss(ada, booking.session_id)
    await absent(ada, booking.session_id)
    await absent(ada, booking.session_id)  # once more changes nothing
    with pytest.raises(NotPossible, match="coach did not come, and that stays"):
        await miss(ada, booking.session_id)
    assert (await page(ben, booking)).missed_by == "coach"
    assert len(await trail("session.coach_missed")) == 1
    assert await mails("session.coach_missed") == [ben.person_id]


async def test_mails_that_are_not_so_any_more_do_not_leave(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    await make_staff("Sam Staff")
    ben = await make_user(name="Ben")
    first, second = [await make_session(ben, offering_id, slot(3 + n)) for n in range(2)]
    at(slot(3).replace(minute=30).isoformat())
    await miss(ada, first.session_id)
    await letters("Ben")
    at(slot(1).replace(minute=30).isoformat())
    await miss(ada, second.session_id)
    told = await rows_as("notifications.test", LEFT)
    assert told == ["session.missed queued", "session.missed_running queued"]
    await absent(ada, second.session_id)  # before they left, as in somebody's night
    subjects = [str(one["Subject"]) for one in await letters("Ben")]
    about = [one for one in subjects if "missed" in one or "did not come" in one]
    assert sorted(about) == [
        f"You were missed: {FREE.name}",
        f"Your coach did not come: {FREE.name}",
    ]
    assert await letters("Sam Staff") == []
    told = await rows_as("notifications.test", LEFT)
    assert told == ["session.missed dropped", "session.missed_running dropped"]


async def test_nobody_is_asked_how_it_was_of_what_did_not_take_place(db, at):
    ada, _, booking, when = await free_session(at)
    at((when + timedelta(hours=2)).isoformat())
    async with transaction(ada) as tx:
        await actions.advance(tx, booking.session_id)
    await absent(ada, booking.session_id)
    subjects = [str(one["Subject"]) for one in await letters("Ben")]
    assert [one for one in subjects if one.startswith("How was")] == []
    assert f"Your coach did not come: {FREE.name}" in subjects


@pytest.mark.parametrize("whose", ["client", "coach"])
async def test_a_client_rates_what_their_coach_missed_but_not_what_they_missed(db, at, whose):
    ada, ben, booking, _ = await free_session(at)
    await (absent if whose == "coach" else miss)(ada, booking.session_id)
    assert (await page(ben, booking)).rating.open == (whose == "coach")
    with nullcontext() if whose == "coach" else pytest.raises(Forbidden):
        async with transaction(ben) as tx:
            await actions.rate(tx, ben, booking.session_id, 1, "Nobody was there")
    assert (await page(ada, booking)).rating.stars == (1 if whose == "coach" else 0)


async def test_a_rating_stands_and_can_be_changed_as_any_other(db, at):
    ada, ben, booking, when = await free_session(at)
    at((when + timedelta(hours=2)).isoformat())
    await outbox.drain()
    async with transaction(ada) as tx:
        await actions.advance(tx, booking.session_id)
    async with transaction(ben) as tx:
        await actions.rate(tx, ben, booking.session_id, 1, "Nobody was there")
    assert (await page(ben, booking)).rating.open
    await absent(ada, booking.session_id)
    seen = (await page(ben, booking)).rating
    assert (seen.stars, seen.open) == (1, True)


async def test_staff_decide_for_the_client_within_two_weeks(db, at):
    ada, ben, booking, when = await free_session(at)
    olga = await make_staff()
    await miss(ada, booking.session_id)
    at((when + timedelta(days=13)).isoformat())
    helper = replace(olga, powers=frozenset({"people.see"}))
    stale = replace(olga, stepped_up_at=None)
    for who, reason, problem in (
        (helper, "Why", Forbidden),
        (stale, "Why", StepUpNeeded),
        (olga, " ", Invalid),
        (ada, "Mine", Forbidden),
    ):
        with pytest.raises(problem):
            await absent_for(who, booking.session_id, reason)
    with pytest.raises(NotFound):
        await absent_for(olga, 999)
    async with transaction(olga) as tx:
        desk = await queries.desk_session(tx, olga, booking.session_id)
    assert desk.may_be_absent
    assert desk.seats[0].absent == "Ben has paid nothing, so nothing goes back."
    for _ in range(2):
        await absent_for(olga, booking.session_id)
    assert await trail("session.coach_missed_for") == [
        (olga.label, booking.session_id, "Both wrote to us")
    ]
    await outbox.drain()
    assert await mails("session.coach_missed") == sorted([ada.person_id, ben.person_id])
    (mail,) = [one for one in await letters("Ada") if "You did not come" in str(one["Subject"])]
    assert "Our team has noted" in mail.get_body(("plain",)).get_content()


async def test_after_two_weeks_it_stays_and_nobody_decides_about_themselves(db, at):
    _, _, booking, when = await free_session(at)
    olga = await make_staff()
    at((when + timedelta(days=14, hours=1)).isoformat())
    with pytest.raises(NotPossible, match="14 days"):
        await absent_for(olga, booking.session_id)
    async with transaction(olga) as tx:
        assert not (await queries.desk_session(tx, olga, booking.session_id)).may_be_absent
    at(NOW)
    cleo, offering_id = await make_open_coach("Cleo", offering=FREE)
    own = await make_session(olga, offering_id, slot())
    at(slot().replace(minute=30).isoformat())
    with pytest.raises(Forbidden, match="about you"):
        await absent_for(olga, own.session_id)
    del cleo


@pytest.mark.parametrize("recognised", [False, True])
async def test_what_was_paid_by_card_goes_back_delivered_or_not(sandbox, at, recognised):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben")
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-12-01T11:30Z" if recognised else "2026-12-01T10:15Z")
    if recognised:
        async with transaction(ada) as tx:
            await actions.advance(tx, booking.session_id)
        await run()
        assert ("coach_pending", "EUR") in await balances()
    assert (await page(ada, booking)).absent_text == ["Ben gets €120 back."]
    await absent(ada, booking.session_id)
    await run()
    assert await refunds() == [(12_000, "coach_missed", "succeeded")]
    left = await balances()
    assert {one for one in left if one[0] not in ("stripe_platform", "stripe_fee_expense")} == set()
    assert (await page(ben, booking)).payment_text == "Refunded in full"
    (mail,) = [one for one in await letters("Ben") if "did not come" in str(one["Subject"])]
    assert "Everything you paid goes back: €120." in mail.get_body(("plain",)).get_content()


async def test_deposit_and_rest_go_back_and_what_is_open_is_not_asked_for(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    paid = await book(ben, offering_id, Way(await card(ben)))
    await make_user(name="Dan")
    at("2026-11-29T10:00Z")
    await run()
    at("2026-12-01T11:00Z")
    async with transaction(ada) as tx:
        await actions.advance(tx, paid.session_id)
    await run()
    await absent(ada, paid.session_id)
    await run()
    assert sorted(await refunds()) == [
        (3_600, "coach_missed", "succeeded"),
        (8_400, "coach_missed", "succeeded"),
    ]
    method = await card(cleo)
    at("2026-12-02T12:00Z")
    open_rest = await book(cleo, offering_id, Way(method))
    await payments.remove_method(cleo, method)
    at("2026-12-12T10:10Z")
    await run()
    (text_,) = (await page(ada, open_rest)).absent_text
    assert text_ == "Cleo gets €36 back. What is not paid yet is not asked for any more."
    await absent(ada, open_rest.session_id)
    await run()
    assert [due.status for due in (await page(cleo, open_rest)).dues] == ["cancelled"]
    assert (await refunds())[-1][0] == 3_600


async def test_a_rest_that_is_paid_this_moment_comes_back(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user(name="Ben")
    method = await card(ben)
    booking = await book(ben, offering_id, Way(method))
    await payments.remove_method(ben, method)
    at("2026-12-01T10:15Z")
    await run()
    (due,) = (await page(ben, booking)).dues
    other = await card(ben, "pm_card_mastercard")
    async with transaction(ben) as tx:
        charge_id = await payments.pay_due(tx, ben, due.id, Way(other))
    await absent(ada, booking.session_id)
    await payments.pay(charge_id)  # the card was being asked, and says yes
    await run()
    assert sorted(await refunds()) == [
        (3_600, "coach_missed", "succeeded"),
        (8_400, "not_due", "succeeded"),
    ]
    assert not {one for one in await balances() if one[0].startswith("coach")}


async def missed_with_a_fee(at):
    """Ben was marked as missing: the deposit is Ada's, and the fee that was held is being taken."""
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    ben = await make_user(name="Ben")
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-11-30T10:00Z")
    await run()
    at("2026-12-01T10:15Z")
    return ada, ben, booking


async def test_a_fee_that_is_held_is_let_go(sandbox, at):
    ada, ben, booking = await missed_with_a_fee(at)
    (told,) = (await page(ada, booking)).absent_text
    assert told == (
        "Ben gets €40 back. What is not paid yet is not asked for any more."
        " The no-show fee is not taken."
    )
    assert (await page(ada, booking)).missed_text == (
        "They are told. The €40 that was paid stays yours. What is not paid yet is not asked for"
        " any more. The fee of €50 that is held on their card is taken."
    )
    await absent(ada, booking.session_id)
    await run()
    assert [due.status for due in (await page(ben, booking)).dues] == ["cancelled", "released"]
    assert await refunds() == [(4_000, "coach_missed", "succeeded")]


async def test_a_fee_that_was_taken_goes_back_as_well(sandbox, at):
    ada, ben, booking = await missed_with_a_fee(at)
    await miss(ada, booking.session_id)
    await run()
    assert (await page(ben, booking)).dues[1].status == "paid"
    (told,) = (await page(ada, booking)).absent_text
    assert told == "Ben gets €40 back. The no-show fee of €50 goes back."
    for _ in range(2):
        await absent(ada, booking.session_id)
    await run()
    assert sorted(await refunds()) == [
        (4_000, "coach_missed", "succeeded"),
        (5_000, "coach_missed", "succeeded"),
    ]
    assert not {one for one in await balances() if one[0].startswith("coach")}
    seen = await page(ben, booking)
    assert seen.payment_text == "Refunded in full. The no-show fee went back"


@pytest.mark.parametrize("taken_first", [False, True])
async def test_a_fee_that_is_being_taken_this_moment_is_let_go_or_comes_back(
    sandbox, at, monkeypatch, taken_first
):
    ada, ben, booking = await missed_with_a_fee(at)
    await miss(ada, booking.session_id)
    due = (await page(ben, booking)).dues[1]
    assert due.status == "taking"
    if taken_first:  # the card was asked, and its answer is not written down yet
        capture = payments.settle.__globals__["stripe"].capture
        (row,) = await rows("SELECT intent_id FROM charges WHERE part = 'no_show'")
        await capture(row["intent_id"], key="loom:capture:by-hand")
    await absent(ada, booking.session_id)
    await run()
    fee = (await page(ben, booking)).dues[1]
    assert fee.status == ("cancelled" if taken_first else "released")
    found = await refunds()
    assert (4_000, "coach_missed", "succeeded") in found
    assert ((5_000, "not_due", "succeeded") in found) == taken_first
    assert not {one for one in await balances() if one[0].startswith("coach")}


@pytest.mark.parametrize("won", [True, False])
@pytest.mark.parametrize("part", ["deposit", "no_show"])
async def test_while_a_bank_asks_about_a_part_that_waits_for_its_word(sandbox, at, part, won):
    ada, _, booking = await missed_with_a_fee(at)
    await miss(ada, booking.session_id)
    await run()
    (row,) = await rows("SELECT id, amount FROM charges WHERE part = :part", part=part)
    found = await dispute(replace(booking, charge_id=row["id"]))
    (told,) = (await page(ada, booking)).absent_text
    assert told.endswith("A bank is deciding about a payment of Ben: that waits for its word.")
    for _ in range(2):
        await absent(ada, booking.session_id)
    await run()
    other = 9_000 - row["amount"]
    assert await refunds() == [(other, "coach_missed", "succeeded")]
    (mail,) = [one for one in await letters("Ben") if "coach did not" in str(one["Subject"])]
    assert "Your bank is deciding" in mail.get_body(("plain",)).get_content()
    await decide(found, won=won)
    back = sorted(one[0] for one in await refunds())
    assert back == ([4_000, 5_000] if won else [other])
    assert not {one for one in await balances() if one[0].startswith("coach")}


async def test_two_hundred_say_it_at_once_and_it_happens_once(sandbox, at):
    ada, ben, booking = await missed_with_a_fee(at)
    await miss(ada, booking.session_id)
    await run()
    olga = await make_staff()
    ways = [absent(ada, booking.session_id), absent_for(olga, booking.session_id)] * (CROWD // 2)
    marks = [miss(ada, booking.session_id) for _ in range(4)]
    done = await asyncio.gather(*ways, *marks, return_exceptions=True)
    assert {type(one) for one in done} <= {type(None), NotPossible}
    await run()
    assert sorted(one[0] for one in await refunds()) == [4_000, 5_000]
    assert len(await trail("session.coach_missed")) == 1
    assert (await page(ben, booking)).missed_by == "coach"


@pytest.mark.parametrize("earned", [False, True])
async def test_a_session_of_a_package_is_back_in_it(db, at, earned):
    at(NOW)
    world = await bought(months=1)
    booking = await book_of_package(world, slot(29))
    at(slot(29).replace(minute=30).isoformat())
    if earned:
        await miss(world.ada, booking.session_id)
        assert (await check(world.package_id)).used == 1
    assert (await page(world.ada, booking)).absent_text == [
        "The session of Ben goes back into the package."
    ]
    await absent(world.ada, booking.session_id)
    found = await check(world.package_id)
    assert (found.left, found.used) == (5, 0)
    assert found.expires_at.date().isoformat() == "2027-01-19", "time to use it again"
    await outbox.drain()
    (mail,) = [one for one in await letters("Ben") if "did not come" in str(one["Subject"])]
    said = mail.get_body(("plain",)).get_content()
    assert "Your session is back in your package. You can use it until 19 January 2027." in said
    assert (await page(world.ben, booking)).missed_back == ["Your session is back in your package."]
    assert (await credit(world.ben)).minor == 0


async def test_what_was_paid_in_person_is_given_back_in_person_and_both_read_how_much(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    olga = await make_staff()
    ben = await make_user(name="Ben")
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-12-01T10:15Z")
    await run()
    rest = next(one for one in (await page(ada, booking)).dues if one.of_the_price)
    async with transaction(ada) as tx:
        await payments.pay_in_person(tx, ada, rest.id)
    assert "Give back in person: €80 to Ben." in (await page(ada, booking)).absent_text[0]
    await absent_for(olga, booking.session_id)
    await run()
    by_hand = "What you paid in person, €80, Ada Lindqvist gives back to you."
    assert (await page(ben, booking)).missed_back == [by_hand]
    assert (await page(ada, booking)).missed_back == ["Give back in person: €80 to Ben."]
    for name, line in (("Ben", by_hand), ("Ada", "Give back in person: €80 to Ben.")):
        (mail,) = [one for one in await letters(name) if "did not come" in str(one["Subject"])]
        text_ = " ".join(mail.get_body(("plain",)).get_content().split())
        assert line in text_
        assert ("What you paid by card goes back: €40." in text_) == (name == "Ben")


async def test_what_a_client_had_asked_for_is_answered_by_what_goes_back(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben")
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-12-01T11:30Z")
    (charge,) = await rows("SELECT id FROM charges")
    async with transaction(ben) as tx:
        await payments.ask_refund(tx, ben, charge["id"], reason="Nobody was there")
    await absent(ada, booking.session_id)
    await run()
    (asked,) = await rows(
        "SELECT r.status, f.reason FROM refund_requests r JOIN refunds f ON f.id = r.refund_id"
    )
    assert (asked["status"], asked["reason"]) == ("approved", "coach_missed")
    assert await refunds() == [(12_000, "coach_missed", "succeeded")]


async def test_in_a_group_it_is_so_for_every_seat(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(GROUP, price_minor=0))
    ben, cleo, dan = [await make_user(name=one) for one in ("Ben", "Cleo", "Dan")]
    when = slot()
    first, second, third = [await make_session(one, offering_id, when) for one in (ben, cleo, dan)]
    async with transaction(dan) as tx:
        await actions.cancel(tx, dan, third.session_id)
    at((when + timedelta(minutes=30)).isoformat())
    await miss(ada, first.session_id, second.seat_id)
    assert len((await page(ada, first)).absent_text) == 2
    who = (ada, ben, cleo)
    assert [await number_of_the_file(one, first.session_id) for one in who] == [0, 0, 1]
    await absent(ada, first.session_id)
    newer = [await number_of_the_file(one, first.session_id) for one in who]
    assert min(newer) > 1, "all of them are told"
    for one in (ben, cleo):
        seen = await page(one, first)
        assert (seen.missed_by, seen.status_text) == ("coach", "Your coach did not come")
    assert (await page(dan, first)).status == "cancelled"
    with pytest.raises(NotPossible, match="that stays"):
        await miss(ada, first.session_id, first.seat_id)
    await outbox.drain()
    assert await mails("session.coach_missed") == sorted([ben.person_id, cleo.person_id])


async def test_in_a_group_each_gets_their_own_money_back(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo = [await make_user(name=one) for one in ("Ben", "Cleo")]
    first, second = [await book(one, offering_id, Way(await card(one))) for one in (ben, cleo)]
    at("2026-12-01T10:30Z")
    await miss(ada, first.session_id, second.seat_id)
    await run()
    assert (await page(ada, first)).absent_text == ["Ben gets €120 back.", "Cleo gets €120 back."]
    await absent(ada, first.session_id)
    await run()
    assert await refunds() == [(12_000, "coach_missed", "succeeded")] * 2
    assert not {one for one in await balances() if one[0].startswith("coach")}
    for one in (ben, cleo):
        assert (await page(one, first)).payment_text == "Refunded in full"


async def test_it_is_not_counted_against_the_client_and_staff_hear_of_a_coachs_second(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    olga = await make_staff("Sam Staff")
    ben = await make_user(name="Ben")
    booked = [await make_session(ben, offering_id, slot(3 + n)) for n in range(5)]
    # missed by Ben, by Ada, by Ben; they met; by Ada
    whose = ("client", "coach", "client", "", "coach")
    told = []
    for n, (one, who) in enumerate(zip(booked, whose, strict=True)):
        at(slot(3 if n == 0 else 1).replace(minute=30).isoformat())
        if who:
            await (miss if who == "client" else absent)(ada, one.session_id)
        told.append([str(mail["Subject"]) for mail in await letters("Sam Staff")])
    assert told[1] == [], "the coach's first"
    assert told[2] == ["Ben missed 2 sessions in a row"], "what lies between is not the client's"
    assert told[4] == told[2]
    again = await make_session(ben, offering_id, slot(2))
    at(slot(2).replace(minute=30).isoformat())
    await absent(ada, again.session_id)
    subjects = [str(mail["Subject"]) for mail in await letters("Sam Staff")]
    assert subjects[-1] == "Ada Lindqvist did not come to 2 sessions in a row"
    async with transaction(olga) as tx, tx.acting_as_system("notifications.test"):
        assert await queries.missed_in_a_row(tx, ben.require_person()) == 0


async def test_the_database_knows_no_third_one_and_no_missing_at_what_took_place(db, at):
    _, _, booking, _ = await free_session(at)
    for wrong in ("status = 'no_show', missed_by = 'staff'", "missed_by = 'coach'"):
        with pytest.raises(Exception, match="ck_coaching_sessions_missed_by"):
            async with transaction(Actor.system_job("scheduling.test")) as tx:
                await tx.db.execute(
                    text(f"UPDATE coaching_sessions SET {wrong} WHERE id = :id"),
                    {"id": booking.session_id},
                )


@pytest.mark.parametrize("whose", ["client", "coach"])
async def test_an_introduction_to_which_the_coach_did_not_come_can_be_booked_again(db, at, whose):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(FREE, intro=True))
    ben = await make_user(name="Ben")
    booking = await make_session(ben, offering_id, slot())
    at(slot().replace(minute=30).isoformat())
    await (miss if whose == "client" else absent)(ada, booking.session_id)
    with nullcontext() if whose == "coach" else pytest.raises(NotTheFirst):
        await make_hold(ben, offering_id, slot(2))
