"""The ledger against Stripe: what agrees is silent, a planted difference of each kind is found."""

from datetime import timedelta
from importlib import import_module

from sqlalchemy import text

from loom_app.cli import reconcile as cli
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.ledger.post import Leg, post
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control, money
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.coaches import BYPASS, active_account, ask, earn, payout
from tests.domains.payments.helpers import balances, check_books, one, rows
from tests.domains.payments.test_disputes import opened
from tests.integrations.stripe import world

JOB = Actor.system_job("payments.test")


async def kinds_found() -> list[str]:
    return sorted(one.kind for one in await actions.reconcile())


async def findings(**which: bool) -> list[queries.FindingView]:
    async with transaction(JOB) as tx:
        return await queries.findings(tx, **which)


async def plant(ref: str, legs: list[Leg], hours: float = 2) -> None:
    async with transaction(JOB) as tx:
        tx.now = clock.now() - timedelta(hours=hours)
        await post(tx, "planted", ref, legs)


async def test_what_comes_in_several_pages_is_read_to_its_end(payments, monkeypatch):
    module = import_module("loom_app.domains.payments.actions.reconcile")
    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(3):
        await payments.pay()
    assert await kinds_found() == []
    assert len(await rows("SELECT 1 FROM processor_movements")) == 3


async def test_what_agrees_is_silent_in_every_currency(payments):
    account_id = await active_account(payments.ada)
    await payments.pay(Money(90000, "USD"), BYPASS)  # enough to pay out of
    for currency in ("USD", "JPY", "KWD"):
        charge_id = await earn(payments, 20000, currency)
        await actions.carry_out_refund(await payments.refund(charge_id, 5000))
    lost, won = await earn(payments), await earn(payments)
    for charge_id, outcome in ((lost, False), (won, True)):
        dispute_id = await opened(payments, charge_id)
        await actions.sync_dispute(dispute_id)
        await control.act("decide_dispute", id=dispute_id, won=outcome)
        await actions.sync_dispute(dispute_id)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    assert await kinds_found() == []  # on its way to the bank
    for _ in range(2):
        await control.act("move_payout", id=(await payout(number))["processor_id"])
    await actions.sync_payout((await payout(number))["processor_id"], account_id)
    assert await kinds_found() == []
    await control.act("move_payout", id=(await payout(number))["processor_id"], to="failed")
    await actions.sync_payout((await payout(number))["processor_id"], account_id)
    assert await kinds_found() == []
    assert await rows("SELECT * FROM processor_movements WHERE state <> 'matched'") == []
    assert await cli.report() == 0
    assert await findings() == []


async def test_everything_that_webhooks_never_told_is_healed(payments, at):
    at("2026-11-21T12:00Z")
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    second = await payments.pay()
    refund_id = await payments.refund(second, 2000)
    await actions.carry_out_refund(refund_id)
    await control.act("fail_refund", id=(await one("SELECT * FROM refunds"))["processor_id"])
    third = await payments.pay()
    dispute_id = await opened(payments, third)
    await control.act("decide_dispute", id=dispute_id, won=True)
    assert await kinds_found() == []
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert (await one("SELECT status FROM refunds"))["status"] == "failed"
    assert (await one("SELECT status FROM disputes"))["status"] == "won"
    await check_books()


async def test_a_coachs_payout_that_nobody_told_of_is_healed(payments):
    await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    for _ in range(2):
        await control.act("move_payout", id=(await payout(number))["processor_id"])
    await control.act("move_payout", id=(await payout(number))["processor_id"], to="failed")
    assert await kinds_found() == []
    assert (await payout(number))["status"] == "failed"


async def test_a_payment_that_is_not_ours_is_missing_in_the_ledger(payments):
    await world.charge(5000)
    assert await kinds_found() == ["missing_in_ledger", "totals_differ"]
    assert await cli.report() == 1
    (first, total) = sorted(await findings(), key=lambda f: f.kind)
    assert first.detail["net"] == 5000 - 175
    assert (total.ref, total.detail["ledger"], total.detail["stripe"]) == ("platform:USD", 0, 4825)


async def test_a_movement_that_stripe_does_not_know_is_missing_there_after_an_hour(payments):
    legs = [Leg("stripe_platform", Money(700, "USD")), Leg("bank", Money(-700, "USD"))]
    await plant("planted:young", legs, hours=0.5)
    assert await kinds_found() == []
    await plant("planted:old", legs)
    assert await kinds_found() == ["missing_in_stripe", "totals_differ"]
    assert {f.ref for f in await findings()} == {"planted:old", "platform:USD"}


async def test_another_amount_is_a_mismatch_and_its_finding_goes_with_it(payments):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    wrong = [Leg("stripe_fee_expense", Money(7, "USD")), Leg("stripe_platform", Money(-7, "USD"))]
    async with transaction(JOB) as tx:
        await post(tx, "processing_fee", f"processing:{charge_id}", wrong)
    await actions.check_charge(charge_id)
    assert await kinds_found() == ["amount_mismatch", "totals_differ"]
    assert await kinds_found() == ["amount_mismatch", "totals_differ"]
    assert len(await findings()) == 2
    async with transaction(JOB) as tx:  # as if Stripe had meant our amount
        await tx.db.execute(text("UPDATE processor_movements SET fee = 7, net = amount - 7"))
    assert await kinds_found() == []
    assert await findings() == []
    assert {f.kind for f in await findings(resolved=True)} == {"amount_mismatch", "totals_differ"}


async def test_a_type_that_nobody_knows_is_said(payments):
    charge_id = await payments.pay()
    intent = await client.payment((await payments.charge(charge_id))["intent_id"])
    async with opened_now() as book:
        thing = await book.get("charge", intent.charge_id)
        how = {"amount": -100, "available": 0, "category": "fee"}
        await money.moved(book, "climate_order_purchase", thing, **how)
    assert await kinds_found() == ["totals_differ", "unknown_type"]


async def test_looms_own_payouts_and_stripes_fees_are_written_down(payments):
    await earn(payments)
    made = await client.payout(key="loom:own:1", payout_id="own", amount=Money(500, "USD"))
    async with opened_now() as book:
        thing = await book.get("payout", made.id)
        await money.moved(book, "stripe_fee", thing, amount=-30, available=0)
    assert await kinds_found() == []
    found = await balances()
    assert (found["bank", "USD"], found["stripe_fee_expense", "USD"]) == (500, 320 + 30)
    await check_books()


async def test_a_coachs_balance_that_moved_by_itself_is_found(payments):
    account_id = await active_account(payments.ada)
    await earn(payments)
    await actions.carry_out_payout(await ask(payments.ada))
    await world.charge(9000)
    await client.transfer(
        key="loom:x", transfer_id=999, account_id=account_id, amount=Money(100, "USD")
    )
    found = {(one.kind, one.ref.partition(":")[0]) for one in await actions.reconcile()}
    assert ("totals_differ", account_id) in found
    assert ("totals_differ", "platform") in found
    assert len([kind for kind, _ in found if kind == "missing_in_ledger"]) >= 2


async def test_a_broken_rule_of_the_books_is_found(payments):
    await payments.pay()
    assert await actions.check_invariants() == []
    async with transaction(JOB) as tx:
        await tx.db.execute(text("UPDATE charges SET refunded = 100"))
    assert await cli.report() == 1
    (found,) = await findings()
    assert found.kind == "invariant:refunds_are_counted"
    async with transaction(JOB) as tx:
        await tx.db.execute(text("UPDATE charges SET refunded = 0"))
    assert await actions.check_invariants() == []
    assert await findings() == []
