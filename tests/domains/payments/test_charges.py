"""From asking for money to having it, with everything that may come between."""

import asyncio
from dataclasses import replace

import pytest

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Payable, settle
from loom_app.domains.payments.actions import charge as charge_module
from loom_app.domains.payments.errors import AlreadyPaid, AmountMismatch, CheckoutOver, NotSettled
from loom_app.domains.payments.events import CheckoutExpired, PaymentFailed, PaymentSucceeded
from loom_app.domains.payments.reactions import recognise_what_took_place
from loom_app.domains.scheduling.events import SessionCompleted
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused, PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import balances, check_books, kinds, rows
from tests.sizes import CROWD


async def test_a_paid_charge_is_booked_with_fee_and_told_once(payments, heard):
    charge_id = await payments.pay()
    charge = await payments.charge(charge_id)
    assert (charge["status"], charge["fee"], charge["fee_bps"]) == ("succeeded", 1800, 1500)
    assert heard == [PaymentSucceeded(charge_id, "seat", charge["payable_id"])]
    assert await balances() == {
        ("stripe_platform", "USD"): 12000 - 378,
        ("stripe_fee_expense", "USD"): 378,
        ("deferred", "USD"): -12000,
    }
    await check_books()


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(Money(5000, "JPY"), 750), (Money(12345, "KWD"), 1852), (Money(333, "EUR"), 50)],
)
async def test_currencies_without_and_with_three_decimals(payments, amount, fee):
    charge_id = await payments.pay(amount)
    charge = await payments.charge(charge_id)
    assert (charge["amount"], charge["currency"], charge["fee"]) == (
        amount.minor,
        amount.currency,
        fee,
    )
    await payments.deliver(charge_id)
    await payments.deliver(charge_id)
    found = await balances()
    assert found["coach_pending", amount.currency] == fee - amount.minor
    assert found["platform_fee_income", amount.currency] == -fee
    await check_books()


async def test_nothing_new_is_sold_in_a_currency_that_loom_is_not_paid_in(payments):
    with pytest.raises(NotSettled, match="CAD"):
        await payments.begin(Money(5000, "CAD"))


async def test_two_hundred_settle_at_once_and_it_happens_once(payments, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await asyncio.gather(*(settle(charge_id) for _ in range(CROWD)))
    assert len(heard) == 1
    assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1}
    await check_books()


async def test_a_decline_is_put_in_words_and_the_payer_tries_again(payments, heard):
    charge_id, url = await payments.open()
    answer = await payments.sandbox.pay(url, "4000000000009995")
    assert answer.status_code == 422
    intent = (await client.sdk().v1.payment_intents.list_async()).data[0]
    await settle(charge_id, intent_id=intent.id)
    view = await payments.view(payments.ben, charge_id)
    assert view is not None
    assert view.open
    assert view.decline == "There is not enough money there. Try another way to pay."
    assert heard == []
    await payments.sandbox.pay(url)
    await settle(charge_id)
    view = await payments.view(payments.ben, charge_id)
    assert view is not None
    assert (view.paid, view.decline, view.fee) == (True, "", Money(1800, "USD"))


async def test_only_the_two_of_them_see_a_charge_and_only_its_coach_the_ledger(payments, cleo):
    charge_id = await payments.pay()
    assert await payments.view(payments.ada, charge_id) is not None
    assert await payments.view(cleo, charge_id) is None
    async with transaction(payments.ada) as tx:
        own = await queries.balances(tx, payments.ada)
    assert own == [queries.BalanceView("deferred", Money(12000, "USD"))]
    for stranger in (cleo, payments.ben):
        async with transaction(stranger) as tx:
            assert await queries.balances(tx, stranger) == []
            with pytest.raises(NotFound):
                await charge_module.locked(tx, charge_id)


async def test_the_same_thing_is_taken_up_again_and_never_paid_twice(payments):
    payable = Payable("seat", 900_001)
    first = await payments.begin(payable=payable)
    url = await actions.open_checkout(first)
    assert await payments.begin(payable=payable) == first
    assert await actions.open_checkout(first) == url
    second = await payments.begin(Money(9000, "USD"), payable)  # another price: another page
    assert second != first
    await actions.cancel_checkout(first)  # what the queued job does
    assert (await payments.sandbox.open(url)).status_code == 410
    await payments.sandbox.pay(await actions.open_checkout(second))
    await settle(second)
    with pytest.raises(AlreadyPaid):
        await payments.begin(payable=payable)


async def test_paid_on_two_pages_the_second_is_refunded(payments, heard):
    payable = Payable("seat", 900_002)
    first = await payments.begin(payable=payable)
    url = await actions.open_checkout(first)
    second = await payments.begin(Money(9000, "USD"), payable)
    await payments.sandbox.pay(await actions.open_checkout(second))
    await payments.sandbox.pay(url)
    await settle(second)
    await settle(first)
    refunds = await rows("SELECT * FROM refunds")
    assert [(r["charge_id"], r["reason"], r["amount"]) for r in refunds] == [
        (first, "duplicate", 12000)
    ]
    await actions.carry_out_refund(refunds[0]["id"])
    await check_books()
    assert [e for e in heard if isinstance(e, PaymentSucceeded)] == [
        PaymentSucceeded(second, "seat", payable.id)
    ]


async def test_giving_up_closes_the_page(payments, heard):
    charge_id, url = await payments.open()
    await actions.cancel_checkout(charge_id)
    await actions.cancel_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "expired"
    assert (await payments.sandbox.open(url)).status_code == 410
    assert len(heard) == 1
    assert isinstance(heard[0], CheckoutExpired)
    with pytest.raises(CheckoutOver):
        await actions.open_checkout(charge_id)


async def test_giving_up_before_the_page_was_opened(payments, heard):
    charge_id = await payments.begin()
    await actions.cancel_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "cancelled"
    assert isinstance(heard[0], CheckoutExpired)


async def test_giving_up_comes_too_late_when_paying_was_faster(payments, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await actions.cancel_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert isinstance(heard[0], PaymentSucceeded)


async def test_an_expired_page_frees_and_a_late_payment_still_counts(payments, heard, at):
    at("2026-11-21T12:00Z")
    charge_id, url = await payments.open()
    at("2026-11-21T12:40Z")
    assert (await payments.sandbox.pay(url)).status_code == 410
    await settle(charge_id)
    assert (await payments.charge(charge_id))["status"] == "expired"
    assert len(heard) == 1


async def test_a_crash_after_the_call_is_healed_by_the_sweeper(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.begin()
    real = client.open_checkout

    async def crash(order):
        await real(order)
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "open_checkout", crash)
    with pytest.raises(KeyboardInterrupt):
        await actions.open_checkout(charge_id)
    monkeypatch.setattr(client, "open_checkout", real)
    at("2026-11-21T12:03Z")
    assert await actions.sweep() == 1
    charge = await payments.charge(charge_id)
    assert charge["checkout_id"]
    sessions = await client.sdk().v1.checkout.sessions.list_async()
    assert [s.id for s in sessions.data] == [charge["checkout_id"]]
    await payments.sandbox.pay(charge["checkout_url"])
    at("2026-11-21T12:06Z")
    await actions.sweep()  # no webhook, no return page: the sweeper finds the payment
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    at("2026-11-21T12:09Z")
    assert await actions.sweep() == 0


async def test_giving_up_after_a_crash_learns_which_page_to_close(payments, monkeypatch):
    charge_id = await payments.begin()
    real = client.open_checkout

    async def crash(order):
        await real(order)
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "open_checkout", crash)
    with pytest.raises(KeyboardInterrupt):
        await actions.open_checkout(charge_id)
    monkeypatch.setattr(client, "open_checkout", real)
    await actions.cancel_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "expired"


async def test_an_attempt_never_opened_is_swept_away(payments, heard, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.begin()
    at("2026-11-21T12:10Z")
    await actions.sweep()
    assert (await payments.charge(charge_id))["status"] == "created"
    at("2026-11-21T12:40Z")
    await actions.sweep()
    assert (await payments.charge(charge_id))["status"] == "cancelled"


async def test_an_outage_loses_nothing(payments, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.begin()
    await control.switch(outage={"mode": "500", "calls": 20})
    with pytest.raises(PaymentUnavailable):
        await actions.open_checkout(charge_id)
    at("2026-11-21T12:03Z")
    await actions.sweep()  # fails quietly and will try again
    await control.switch(outage=None)
    assert "sandbox/stripe/pay" in await actions.open_checkout(charge_id)


async def test_what_stripe_refuses_ends_the_attempt(payments, heard, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.begin()
    at("2026-11-21T12:06Z")  # too late for the shortest page that Stripe allows
    with pytest.raises(PaymentRefused):
        await actions.open_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "failed"
    assert isinstance(heard[0], PaymentFailed)
    await actions.cancel_checkout(charge_id)


async def test_a_page_answered_from_before_and_closed_meanwhile_is_over(payments, monkeypatch):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    page = await client.checkout((await payments.charge(charge_id))["checkout_id"])

    async def closed(_order):
        return page

    async with transaction(charge_module.CHECKOUT) as tx:
        (await charge_module.locked(tx, charge_id)).checkout_url = None
        await tx.db.flush()
    monkeypatch.setattr(client, "open_checkout", closed)
    with pytest.raises(CheckoutOver):
        await actions.open_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "succeeded"


async def test_another_amount_than_asked_is_not_booked(payments, monkeypatch, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    real = client.payment

    async def less(intent_id):
        return replace(await real(intent_id), received=Money(1, "USD"))

    monkeypatch.setattr(client, "payment", less)
    with pytest.raises(AmountMismatch):
        await settle(charge_id)
    assert heard == []
    assert await kinds(charge_id) == {}


async def test_an_intent_that_is_not_ours_settles_nothing(payments):
    paid = await payments.pay()
    other = await payments.begin()
    intent = (await payments.charge(paid))["intent_id"]
    await settle(other, intent_id=intent)
    assert (await payments.charge(other))["status"] == "created"


async def test_a_cancelled_intent_fails_the_charge(payments, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url, "4000000000000002")
    intent = (await client.sdk().v1.payment_intents.list_async()).data[0]
    await client.sdk().v1.payment_intents.cancel_async(intent.id)
    await settle(charge_id, intent_id=intent.id)
    assert isinstance(heard[0], PaymentFailed)


async def test_the_processing_cost_may_come_later(payments, monkeypatch):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    real = client.payment

    async def not_yet(intent_id):
        return replace(await real(intent_id), processing_fee=None)

    monkeypatch.setattr(client, "payment", not_yet)
    await settle(charge_id)
    assert await kinds(charge_id) == {"charge": 1}
    monkeypatch.setattr(client, "payment", real)
    await settle(charge_id)
    assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1}
    await check_books()


async def test_processing_that_costs_nothing_is_no_movement(payments, monkeypatch):
    real = client.payment

    async def free(intent_id):
        return replace(await real(intent_id), processing_fee=Money(0, "USD"))

    monkeypatch.setattr(client, "payment", free)
    assert await kinds(await payments.pay()) == {"charge": 1}


async def test_closing_pages_and_sweeping_come_from_the_queue_as_well(payments, heard):
    payable = Payable("seat", 900_003)
    first = await payments.begin(payable=payable)
    url = await actions.open_checkout(first)
    await payments.begin(Money(9000, "USD"), payable)
    await outbox.drain()
    assert (await payments.sandbox.open(url)).status_code == 410
    await outbox.registered()["payments.sweep"]({})


async def test_one_that_cannot_be_swept_does_not_stop_the_others(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    broken, _ = await payments.open()
    fine, url = await payments.open()
    await payments.sandbox.pay(url)
    intent = (await client.sdk().v1.payment_intents.list_async()).data[0].id
    real = client.checkout
    wrong = (await payments.charge(broken))["checkout_id"]

    async def odd(session_id):
        if session_id == wrong:
            raise LookupError("something nobody thought of")
        return await real(session_id)

    monkeypatch.setattr(client, "checkout", odd)
    at("2026-11-21T12:03Z")
    assert await actions.sweep() == 2
    assert (await payments.charge(fine))["intent_id"] == intent
    assert (await payments.charge(broken))["status"] == "pending"


async def test_giving_up_after_a_crash_that_reached_nobody(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.begin()

    async def crash(_order):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(client, "open_checkout", crash)
        with pytest.raises(KeyboardInterrupt):
            await actions.open_checkout(charge_id)
    at("2026-11-21T12:20Z")  # Stripe refuses to open a page for so short a time: there is none
    await actions.cancel_checkout(charge_id)
    assert (await payments.charge(charge_id))["status"] == "failed"


async def test_a_session_that_took_place_makes_the_money_the_coachs(payments):
    charge_id = await payments.pay()
    seat = (await payments.charge(charge_id))["payable_id"]
    async with transaction(Actor.system_job("scheduling.complete")) as tx:
        await recognise_what_took_place(tx, SessionCompleted(1, (seat, 999_999)))
    assert (await balances())["coach_pending", "USD"] == -10200


async def test_nothing_to_pay_is_no_charge(payments):
    with pytest.raises(Invalid):
        await payments.begin(Money(0, "USD"))
    async with transaction(payments.ada) as tx:
        assert await queries.fee_for(tx, Money(12000, "USD"), 1) == Money(1800, "USD")


async def test_the_sdk_is_closed_at_shutdown(payments):
    await payments.begin()
    client.sdk()
    await client.close()
    await client.close()
