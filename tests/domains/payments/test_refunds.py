"""Money on its way back: never too much, never twice, and exact in the ledger."""

import asyncio

import pytest

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Payable
from loom_app.domains.payments.errors import NothingToRefund, RefundTooHigh
from loom_app.domains.payments.events import PaymentRefunded
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused, PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.kit.realtime import signals
from tests.domains.payments.helpers import balances, check_books, kinds, one, rows


async def test_a_lost_slot_is_refunded_whole_by_the_queue(payments, heard):
    charge_id = await payments.pay()
    await payments.refund(charge_id, reason="slot_lost")
    await outbox.drain()
    charge = await payments.charge(charge_id)
    assert charge["status"] == "refunded"
    said = heard[-1]
    assert said == PaymentRefunded(
        said.refund_id, charge_id, "seat", charge["payable_id"], 12000, "USD", "slot_lost"
    )
    assert said.refund_id > 0
    assert await balances() == {
        ("stripe_platform", "USD"): -378,
        ("stripe_fee_expense", "USD"): 378,
    }
    await check_books()
    with pytest.raises(NothingToRefund):
        await payments.refund(charge_id)


async def test_open_pages_of_both_hear_what_became_of_a_refund(payments):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id)
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await actions.carry_out_refund(refund_id)
    for person in (payments.ben, payments.ada):
        assert f"person:{person.person_id}:payments" in heard
    heard.clear()
    key = (await one("SELECT processor_id FROM refunds"))["processor_id"]
    await control.act("fail_refund", id=key)
    await actions.sync_refund(key)
    stop()
    assert f"person:{payments.ben.person_id}:payments" in heard


async def test_parts_after_delivery_give_back_fee_and_earnings_to_the_cent(payments):
    charge_id = await payments.pay(Money(9999, "USD"))
    await payments.deliver(charge_id)
    for part in (3333, 1, 2665, 4000):
        await actions.carry_out_refund(await payments.refund(charge_id, part))
        await check_books()
    assert await balances() == {
        ("stripe_platform", "USD"): -320,
        ("stripe_fee_expense", "USD"): 320,
    }


async def test_a_refund_asked_before_and_done_after_delivery(payments):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id, 2000)
    await payments.deliver(charge_id)
    await actions.carry_out_refund(refund_id)
    found = await balances()
    assert found["coach_pending", "USD"] == -8500
    assert found["platform_fee_income", "USD"] == -1500
    await check_books()


async def test_fifty_ask_at_once_and_the_sum_stays_within_the_charge(payments):
    charge_id = await payments.pay(Money(1000, "USD"))
    results = await asyncio.gather(
        *(payments.refund(charge_id, 100) for _ in range(50)), return_exceptions=True
    )
    made = [r for r in results if isinstance(r, int)]
    assert len(made) == 10
    assert all(isinstance(r, NothingToRefund) for r in results if not isinstance(r, int))
    told = await asyncio.gather(
        *(actions.carry_out_refund(r) for r in made * 3), return_exceptions=True
    )
    # Stripe may turn a repeat away while the first is under way; the job comes again
    assert all(each is None or isinstance(each, PaymentUnavailable) for each in told)
    for refund_id in made:
        await actions.carry_out_refund(refund_id)
    assert (await payments.charge(charge_id))["status"] == "refunded"
    assert (await kinds(charge_id))["refund"] == 10
    await check_books()


@pytest.mark.parametrize("minor", [0, -1, 12001])
async def test_wrong_amounts_are_refused(payments, minor):
    charge_id = await payments.pay()
    with pytest.raises(RefundTooHigh):
        await payments.refund(charge_id, minor)
    assert await rows("SELECT * FROM refunds") == []


async def test_an_unpaid_charge_has_nothing_to_refund(payments):
    with pytest.raises(NothingToRefund):
        await payments.refund(await payments.begin())


async def test_a_crash_or_an_outage_between_is_healed_with_the_same_key(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id)
    real = client.make_refund

    async def crash(**values):
        await real(**values)
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "make_refund", crash)
    with pytest.raises(KeyboardInterrupt):
        await actions.carry_out_refund(refund_id)
    monkeypatch.setattr(client, "make_refund", real)
    await control.switch(outage={"mode": "500", "calls": 3})
    with pytest.raises(PaymentUnavailable):
        await actions.carry_out_refund(refund_id)
    at("2026-11-21T12:05Z")
    await actions.sweep()
    assert (await payments.charge(charge_id))["status"] == "refunded"
    assert len((await client.sdk().v1.refunds.list_async()).data) == 1
    await check_books()


async def test_a_refund_that_the_bank_sends_back_is_reversed(payments):
    charge_id = await payments.pay(number="4000000000005126")
    refund_id = await payments.refund(charge_id)
    await actions.carry_out_refund(refund_id)
    assert (await payments.charge(charge_id))["status"] == "refunded"
    await outbox.drain()  # the bank says no, and the webhook tells
    assert (await one("SELECT status FROM refunds"))["status"] == "failed"
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert (await balances())["deferred", "USD"] == -12000
    await check_books()


async def test_what_comes_back_after_delivery_is_the_coachs_again(payments):
    charge_id = await payments.pay(number="4000000000005126")
    await actions.carry_out_refund(await payments.refund(charge_id, 5000))
    await payments.deliver(charge_id)
    await outbox.drain()
    found = await balances()
    assert (found["coach_pending", "USD"], found["platform_fee_income", "USD"]) == (-10200, -1800)
    assert ("deferred", "USD") not in found
    await check_books()


async def test_what_stripe_refuses_is_a_failed_refund_and_may_be_asked_again(payments, monkeypatch):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id)

    async def refuse(**_values):
        raise PaymentRefused("no", code="insufficient_funds")

    with monkeypatch.context() as patch:
        patch.setattr(client, "make_refund", refuse)
        await actions.carry_out_refund(refund_id)
    row = await one("SELECT * FROM refunds")
    assert (row["status"], row["problem"]) == ("failed", "insufficient_funds")
    await actions.carry_out_refund(refund_id)
    assert (await payments.charge(charge_id))["refunded"] == 0
    await actions.carry_out_refund(await payments.refund(charge_id))
    await check_books()


async def test_a_pending_refund_is_asked_again_by_its_own_id(payments, monkeypatch):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id)
    real = client.make_refund

    async def pending(**values):
        done = await real(**values)
        return client.Refunded(done.id, "requires_action", done.amount, done.refund_ref)

    monkeypatch.setattr(client, "make_refund", pending)
    await actions.carry_out_refund(refund_id)
    assert (await one("SELECT status FROM refunds"))["status"] == "pending"
    await actions.carry_out_refund(refund_id)
    assert (await one("SELECT status FROM refunds"))["status"] == "succeeded"
    with pytest.raises(NotFound):
        await actions.carry_out_refund(999)


async def test_a_refund_made_elsewhere_is_none_of_ours(payments):
    charge_id = await payments.pay()
    intent = (await payments.charge(charge_id))["intent_id"]
    v1 = client.sdk().v1
    plain = await v1.refunds.create_async({"payment_intent": intent, "amount": 100})
    assert not await actions.sync_refund(plain.id)
    forged = await v1.refunds.create_async(
        {"payment_intent": intent, "amount": 100, "metadata": {"loom_refund": "77"}}
    )
    assert not await actions.sync_refund(forged.id)


async def test_what_was_paid_twice_and_cannot_go_back_is_never_the_coachs(payments):
    """Two pages for one thing, both paid; the bank does not take the second one's refund."""
    payable = Payable("seat", 900_002)
    first = await payments.begin(payable=payable)
    url = await actions.open_checkout(first)
    second = await payments.begin(Money(9000, "USD"), payable)
    await payments.sandbox.pay(await actions.open_checkout(second))
    await payments.sandbox.pay(url, "4000000000005126")
    for charge_id in (second, first):
        await actions.check_charge(charge_id)
    await outbox.drain()
    await payments.deliver(second)
    found = await balances()
    assert (found["coach_pending", "USD"], found["deferred", "USD"]) == (-7650, -12000)
    async with transaction(payments.ben) as tx:
        view = await queries.charge_of(tx, payments.ben, payable)
        assert view is not None
        assert view.id == second
        assert await actions.give_back(tx, payable, reason="test") == Money(9000, "USD")
    (failed,) = await rows("SELECT id FROM refunds WHERE status = 'failed'")
    async with transaction(payments.ben) as tx:
        await actions.take_as_credit(tx, payments.ben, failed["id"])
    await outbox.drain()
    assert (await balances())["client_credit", "USD"] == -12000
    await check_books()
