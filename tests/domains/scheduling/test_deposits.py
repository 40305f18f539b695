"""From an offering's deposit to its last cent: what booking, cancelling and missing do to it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches import queries as coach_queries
from loom_app.domains.coaches import rules as coach_rules
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.errors import CardNeeded
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.integrations.stripe import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.domains.payments.helpers import balances, check_books, one, rows
from tests.domains.scheduling.test_policy import choose
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, slot
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"
THIRD = replace(OFFERING, deposit_bps=3000, rest="before")
AT_THE_DOOR = replace(
    OFFERING,
    place="in_person",
    address="12 Elm Street",
    deposit_minor=4000,
    rest="in_person",
    no_show_fee_minor=5000,
)
FREE_WITH_FEE = replace(OFFERING, price_minor=0, no_show_fee_minor=2500)


async def card(me, kind: str = "pm_card_visa") -> int:
    customer = await payments.ensure_customer(me)
    made = await client.attach_card(kind, customer, key=f"loom:attach:{me.person_id}:{kind}")
    await payments.sync_methods(me.require_person())
    found = await one("SELECT id FROM payment_methods WHERE processor_id = :id", id=made.id)
    return found["id"]


async def book(me, offering_id: int, way: Way, days: int = 10):
    await make_hold(me, offering_id, slot(days))
    async with transaction(me) as tx:
        booking = await actions.book(tx, me, way)
    if booking.charge_id:
        await payments.pay(booking.charge_id)
    await outbox.drain()
    return booking


async def page(me, booking):
    async with transaction(me) as tx:
        return await queries.session(tx, me, booking.session_id)


async def run() -> None:
    await payments.announce_dues()
    await payments.collect_dues()
    await outbox.drain()
    await check_books()


async def mails(event: str) -> list[int]:
    asked = f"SELECT user_id FROM deliveries WHERE channel = 'mail' AND event = '{event}'"
    return sorted(await rows_as("notifications.test", asked))


async def rows_as(system: str, sql: str) -> list:
    async with transaction(Actor.system_job(system)) as tx:
        return list(await tx.db.scalars(text(sql)))


@given(st.integers(100, 10**8), st.integers(1, 9999), st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
def test_deposit_and_rest_are_the_price_and_both_fit_a_card(price, bps, currency):
    price = price * 10 if currency == "KWD" else price
    deposit = coach_rules.deposit_of(price, currency, bps, None)
    assert deposit == 0 or min(deposit, price - deposit) >= coach_rules.least(currency)
    if currency == "KWD":
        assert deposit % 10 == (price - deposit) % 10 == 0


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (replace(OFFERING, deposit_bps=3000), "deposit"),
        (replace(OFFERING, rest="before"), "deposit"),
        (replace(OFFERING, rest="later", deposit_bps=3000), "rest"),
        (replace(OFFERING, rest="before", deposit_bps=3000, deposit_minor=100), "deposit"),
        (replace(OFFERING, rest="before", deposit_bps=10_000), "deposit"),
        (replace(OFFERING, rest="before", deposit_minor=12_000), "deposit"),
        (replace(OFFERING, rest="before", deposit_minor=49), "deposit"),
        (replace(OFFERING, rest="before", deposit_minor=11_951), "deposit"),
        (replace(OFFERING, rest="in_person", deposit_bps=3000), "rest"),
        (replace(OFFERING, price_minor=0, rest="before", deposit_bps=3000), "deposit"),
        (replace(OFFERING, no_show_fee_minor=2000), "no_show_fee_minor"),
        (replace(THIRD, no_show_fee_minor=2000), "no_show_fee_minor"),
        (replace(AT_THE_DOOR, no_show_fee_minor=8001), "no_show_fee_minor"),
        (replace(FREE_WITH_FEE, no_show_fee_minor=49), "no_show_fee_minor"),
    ],
)
async def test_terms_that_cannot_hold_are_refused_by_field(db, edit, field):
    ada, _ = await make_open_coach()
    with pytest.raises(Invalid) as wrong:
        async with transaction(ada) as tx:
            await coaches.create_offering(tx, ada, edit)
    assert wrong.value.field == field


async def test_an_offering_says_its_terms(db):
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    async with transaction(ada) as tx:
        view = await coach_queries.offering(tx, ada, offering_id)
    assert view.terms_text == "€40 when booking, the rest in person · €50 if you do not come"
    assert view.deposit_kind == "amount"


async def test_a_deposit_books_and_the_rest_is_charged_before(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    assert (await page(ben, booking)).status == "confirmed"
    async with transaction(ben) as tx:
        (rest,) = await payment_queries.upcoming(tx, ben)
    assert (rest.amount.minor, rest.card, rest.at) == (
        8400,
        "Visa ···· 4242",
        slot(10) - timedelta(hours=48),
    )
    seen = await page(ben, booking)
    assert seen.payment_text == "€36 of €120 paid"
    back = "You get €36 back the way you paid. The rest is not asked for any more."
    assert seen.refund_text == back
    at("2026-11-28T11:00Z")
    await run()
    assert await mails("due.soon") == [ben.person_id]
    at("2026-11-29T10:00Z")
    await run()
    seen = await page(ada, booking)
    assert (seen.payment_text, seen.fee_text, seen.earned_text) == ("Paid", "€18", "€102")
    assert [one.part for one in seen.receipts] == ["deposit", "rest"]
    at("2026-12-01T11:00Z")
    async with transaction(ada) as tx:
        await actions.advance(tx, booking.session_id)
    await check_books()
    earned = await balances()
    assert earned["coach_pending", "EUR"] == -10200
    assert earned["platform_fee_income", "EUR"] == -1800
    assert ("deferred", "EUR") not in earned


async def test_what_begins_too_soon_is_paid_at_once(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    held = await make_hold(ben, offering_id, slot(3, hour=11))
    assert (held.now.minor, held.rest) == (12_000, "")
    held = await make_hold(ben, offering_id, slot(3, hour=13))
    assert (held.now.minor, held.rest, held.keeps_card) == (3600, "before", True)


async def test_a_page_keeps_the_card_for_the_rest(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    await make_hold(ben, offering_id, slot(10))
    with pytest.raises(CardNeeded):
        async with transaction(ben) as tx:
            await actions.book(tx, ben)
    await payments.ensure_customer(ben)
    async with transaction(ben) as tx:
        booking = await actions.book(tx, ben)
    url = (await payments.pay(booking.charge_id or 0)).url
    await sandbox.pay(url)
    await payments.check_charge(booking.charge_id or 0)
    await outbox.drain()
    at("2026-11-29T10:00Z")
    await run()
    assert (await page(ben, booking)).payment_text == "Paid"


async def test_cancelling_in_time_gives_both_parts_back_and_late_neither(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    method = Way(await card(ben))
    early, late = await book(ben, offering_id, method), await book(ben, offering_id, method, 11)
    at("2026-11-30T10:30Z")
    await run()
    for booking in (early, late):
        assert (await page(ben, booking)).payment_text == "Paid"
    at("2026-11-30T10:00Z")
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, early.session_id)
    at("2026-12-01T10:01Z")
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, late.session_id)
    await outbox.drain()
    await check_books()
    refunded = await rows("SELECT payable_id, part, refunded FROM charges ORDER BY id")
    assert [(r["part"], r["refunded"]) for r in refunded if r["payable_id"] == early.seat_id] == [
        ("deposit", 3600),
        ("rest", 8400),
    ]
    assert not any(r["refunded"] for r in refunded if r["payable_id"] == late.seat_id)
    left = await balances()
    assert left["coach_pending", "EUR"] == -10200, "what is kept is the coach's, less the fee"
    assert ("deferred", "EUR") not in left


async def test_of_what_is_kept_the_coach_and_the_platform_have_their_parts(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 48, 50)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-11-30T10:30Z")
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    await run()
    left = await balances()
    assert left["coach_pending", "EUR"] == -5100
    assert left["platform_fee_income", "EUR"] == -900
    assert ("deferred", "EUR") not in left


async def test_a_rest_that_failed_leaves_it_booked_and_the_coach_decides(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    method = await card(ben)
    booking = await book(ben, offering_id, Way(method))
    await payments.remove_method(ben, method)
    with pytest.raises(NotPossible):
        async with transaction(ada) as tx:
            await actions.cancel(tx, ada, booking.session_id, unpaid=True)
    at("2026-11-29T10:00Z")
    await run()
    assert await mails("due.failed") == [ben.person_id]
    assert await mails("due.failed_coach") == [ada.person_id]
    seen = await page(ada, booking)
    assert seen.status == "confirmed"
    assert seen.unpaid_text == "Your client gets €36 back. The rest is not asked for any more."
    assert (await page(ben, booking)).unpaid_text == ""
    at("2026-11-30T10:01Z")
    await run()
    seen = await page(ada, booking)
    assert seen.unpaid_text.startswith("It is too late for a refund: the €36")
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booking.session_id, unpaid=True)
    await run()
    charges = await rows("SELECT refunded FROM charges WHERE paid_at IS NOT NULL")
    assert [charge["refunded"] for charge in charges] == [0]
    assert (await page(ben, booking)).dues[0].status == "cancelled"


async def test_a_rest_paid_after_the_session_is_earned_at_once(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    method = await card(ben)
    booking = await book(ben, offering_id, Way(method))
    await payments.remove_method(ben, method)
    at("2026-12-01T11:00Z")
    await run()
    async with transaction(ada) as tx:
        await actions.advance(tx, booking.session_id)
    other = await card(ben, "pm_card_mastercard")
    (due,) = (await page(ben, booking)).dues
    async with transaction(ben) as tx:
        charge_id = await payments.pay_due(tx, ben, due.id, Way(other))
    await payments.pay(charge_id)
    await check_books()
    assert (await balances())["coach_pending", "EUR"] == -10200


async def test_a_rest_can_be_paid_on_the_page_once_the_session_has_begun(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    method = await card(ben)
    booking = await book(ben, offering_id, Way(method))
    await payments.remove_method(ben, method)
    at("2026-12-01T10:30Z")
    await run()
    (due,) = (await page(ben, booking)).dues
    async with transaction(ben) as tx:
        charge_id = await payments.pay_due(tx, ben, due.id)
    await sandbox.pay((await payments.pay(charge_id)).url)
    await payments.check_charge(charge_id)
    await run()
    assert (await page(ada, booking)).dues[0].status == "paid"


async def test_who_does_not_come_pays_the_fee_that_was_held(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-11-30T10:00Z")
    await run()
    rest, fee = (await page(ben, booking)).dues
    assert (rest.status, rest.how, fee.status) == ("planned", "in_person", "held")
    with pytest.raises(NotPossible):
        async with transaction(ada) as tx:
            await actions.miss(tx, ada, booking.session_id)
    at("2026-12-01T10:15Z")
    with pytest.raises(NotFound):
        async with transaction(ben) as tx:
            await actions.miss(tx, ben, booking.session_id)
    assert (await page(ada, booking)).can_miss
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.miss(tx, ada, booking.session_id)
    await run()
    seen = await page(ben, booking)
    assert (seen.status, seen.can_cancel) == ("no_show", False)
    assert [due.status for due in seen.dues] == ["cancelled", "paid"]
    assert await mails("session.missed") == [ben.person_id]
    assert (await balances())["coach_pending", "EUR"] == -(3400 + 4250)
    kinds = [(m.kind, m.part) for m in seen.money]
    assert ("held", "no_show") in kinds
    assert ("paid", "no_show") in kinds
    assert seen.payment_text == "Paid. No-show fee of €50 taken"
    assert await _with_the_fee_given_back(ada, booking) == "Paid. The no-show fee went back"


async def _with_the_fee_given_back(ada, booking) -> str:
    """What the coach reads then, who has not earned it."""
    fee = await rows_as("payments.test", "SELECT id FROM charges WHERE part = 'no_show'")
    async with transaction(Actor.system_job("payments.test")) as tx:
        await payments.refund(tx, fee[0], reason="requested")
    seen = await page(ada, booking)
    assert seen.earned_text == ""
    return seen.payment_text


async def test_who_comes_pays_nothing_and_the_hold_ends(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE_WITH_FEE)
    ben = await make_user()
    for way in (Way(), Way(999)):  # a card that nobody has is none
        with pytest.raises(CardNeeded):
            await book(ben, offering_id, way)
    await card(ben)
    async with transaction(ben) as tx:
        booking = await actions.book(tx, ben)
    assert booking.charge_id is None
    at("2026-11-30T10:00Z")
    await run()
    assert (await page(ben, booking)).dues[0].status == "held"
    at("2026-12-01T11:00Z")
    async with transaction(ada) as tx:
        await actions.advance(tx, booking.session_id)
    await run()
    assert (await page(ben, booking)).dues[0].status == "held"  # the coach may still say it
    at("2026-12-02T11:00:01Z")
    await run()
    seen = await page(ben, booking)
    assert (seen.dues[0].status, seen.payment_text) == ("released", "Free")
    assert [m.kind for m in seen.money] == ["held", "let_go"]
    assert await balances() == {}
    with pytest.raises(NotPossible):
        async with transaction(ada) as tx:
            await actions.miss(tx, ada, booking.session_id)


async def test_the_coach_notes_what_was_paid_in_person(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    rest = (await page(ada, booking)).dues[0]
    async with transaction(ada) as tx:
        await payments.pay_in_person(tx, ada, rest.id)
    seen = await page(ada, booking)
    assert (seen.payment_text, seen.dues[0].status) == ("Paid", "in_person")


async def test_a_coach_who_cannot_be_paid_holds_no_fee(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE_WITH_FEE)
    await rows_as(
        "payments.test",
        f"UPDATE payout_accounts SET status = 'closed' WHERE user_id = {ada.person_id} RETURNING 1",
    )
    ben = await make_user()
    held = await make_hold(ben, offering_id, slot(10))
    assert held.no_show_fee.minor == 0


async def test_a_session_that_moves_takes_its_rest_along(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    at("2026-11-29T09:30Z")
    await payments.announce_dues()
    async with transaction(ada) as tx:
        await actions.move(tx, ada, booking.session_id, slot(12))
    at("2026-11-29T10:00Z")
    await run()
    seen = await page(ben, booking)
    assert (seen.dues[0].status, seen.dues[0].at) == (
        "planned",
        seen.starts_at - timedelta(hours=48),
    )
    at("2026-12-08T10:00Z")
    await run()
    at("2026-12-09T10:00Z")
    await run()
    assert (await page(ben, booking)).dues[0].status == "paid"
    assert len(await mails("due.soon")) == 2


async def test_a_hold_for_a_session_that_moves_is_let_go_and_held_again(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE_WITH_FEE)
    ben = await make_user()
    await card(ben)
    booking = await book(ben, offering_id, Way())
    at("2026-11-30T10:00Z")
    await run()
    assert (await page(ben, booking)).dues[0].status == "held"
    async with transaction(ada) as tx:
        await actions.move(tx, ada, booking.session_id, slot(10))
    await run()
    assert (await page(ben, booking)).dues[0].status == "planned"
    at("2026-12-09T10:00Z")
    await run()
    assert (await page(ben, booking)).dues[0].status == "held"
    charges = await rows("SELECT status FROM charges ORDER BY id")
    assert [charge["status"] for charge in charges] == ["released", "held"]
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    await run()
    assert (await page(ben, booking)).dues[0].status == "released"
