"""Disputes: money that a bank takes back, held meanwhile, answered once, won or lost."""

import asyncio

import pytest

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import SessionEvidence
from loom_app.domains.payments.errors import (
    Disputed,
    EvidenceSent,
    EvidenceTooLate,
    EvidenceWrong,
    NothingToRefund,
    RefundTooHigh,
)
from loom_app.domains.payments.events import DisputeClosed, DisputeOpened
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.coaches import BYPASS, earn
from tests.domains.payments.helpers import balances, check_books, kinds, one, rows
from tests.sizes import CROWD

STAFF = Actor.system_job("payments.staff")


async def opened(payments, charge_id: int, **how) -> str:
    """The bank takes it; returns Stripe's id. Nobody has told Loom yet."""
    intent = await client.payment((await payments.charge(charge_id))["intent_id"])
    await control.act("open_dispute", id=intent.charge_id, **how)
    (found,) = [each.id async for each in client.disputes(intent_id=intent.id)]
    return found


async def mine(coach) -> list[queries.DisputeView]:
    async with transaction(coach) as tx:
        return await queries.disputes(tx, coach)


async def test_what_was_earned_is_held_until_the_bank_has_decided_for_the_coach(payments, heard):
    charge_id = await payments.pay()
    await payments.deliver(charge_id)
    dispute_id = await opened(payments, charge_id, reason="product_not_received")
    await outbox.drain()
    (seen,) = await mine(payments.ada)
    assert seen.amount == Money(12000, "USD")
    assert seen.reason == "The payer says the session did not take place."
    assert (seen.answerable, seen.due_by is not None) == (True, True)
    assert heard[-1] == DisputeOpened(seen.id, charge_id, payments.ada.person_id)
    found = await balances()
    assert found["coach_held", "USD"] == -10200
    assert found["dispute_receivable", "USD"] == 12000
    assert ("coach_pending", "USD") not in found
    await check_books()
    with pytest.raises(Disputed, match="bank is deciding"):
        await payments.refund(charge_id)
    await control.act("decide_dispute", id=dispute_id, won=True)
    await outbox.drain()
    found = await balances()
    assert (found["coach_payable", "USD"], found["dispute_fee_expense", "USD"]) == (-10200, 1500)
    assert ("dispute_receivable", "USD") not in found
    assert heard[-1] == DisputeClosed(seen.id, charge_id, payments.ada.person_id, "won")
    await check_books()
    await payments.refund(charge_id)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "refunded"
    await check_books()


async def test_lost_before_and_after_it_was_earned(payments, heard):
    early, late = await payments.pay(), await earn(payments)
    for charge_id in (early, late):
        dispute_id = await opened(payments, charge_id)
        await actions.sync_dispute(dispute_id)
        await check_books()
        await control.act("decide_dispute", id=dispute_id, won=False)
        await actions.sync_dispute(dispute_id)
        await check_books()
        with pytest.raises(NothingToRefund):
            await payments.refund(charge_id)
    await payments.deliver(early)
    assert set(await balances()) == {
        ("stripe_platform", "USD"),
        ("stripe_fee_expense", "USD"),
        ("dispute_fee_expense", "USD"),
    }
    outcomes = [event.outcome for event in heard if isinstance(event, DisputeClosed)]
    assert outcomes == ["lost", "lost"]


async def test_a_part_is_lost_and_the_rest_may_go_back(payments):
    charge_id = await earn(payments, 10000)
    dispute_id = await opened(payments, charge_id, amount=4000)
    await actions.sync_dispute(dispute_id)
    assert (await balances())["coach_held", "USD"] == -8500
    await control.act("decide_dispute", id=dispute_id, won=False)
    await actions.sync_dispute(dispute_id)
    assert (await balances())["coach_payable", "USD"] == -5100
    await check_books()
    with pytest.raises(RefundTooHigh):
        await payments.refund(charge_id, 6001)


async def test_two_hundred_hear_of_it_at_once_and_in_any_order(payments, heard):
    charge_id = await earn(payments)
    dispute_id = await opened(payments, charge_id)
    await asyncio.gather(*(actions.sync_dispute(dispute_id) for _ in range(CROWD)))
    await control.act("decide_dispute", id=dispute_id, won=True)
    await asyncio.gather(*(actions.sync_dispute(dispute_id) for _ in range(CROWD)))
    found = await kinds(charge_id)
    assert (found["dispute"], found["dispute_won"]) == (1, 1)
    assert len([e for e in heard if isinstance(e, DisputeOpened | DisputeClosed)]) == 2
    await check_books()


async def test_heard_of_before_the_payment_and_after_it_was_over(payments):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url, BYPASS)
    page = await client.checkout((await payments.charge(charge_id))["checkout_id"])
    intent = await client.payment(page.intent_id)
    await control.act("open_dispute", id=intent.charge_id)
    (found,) = [each async for each in client.disputes(intent_id=intent.id)]
    await control.act("decide_dispute", id=found.id, won=False)
    assert await actions.sync_dispute(found.id)
    assert await kinds(charge_id) == {
        "charge": 1,
        "processing_fee": 1,
        "dispute": 1,
        "dispute_lost": 1,
    }
    await check_books()


@pytest.mark.parametrize(
    ("won", "later"), [(True, {(2000, False), (3000, True)}), (False, set())], ids=["won", "lost"]
)
async def test_a_refund_that_was_asked_before_waits_for_the_bank(payments, won, later):
    charge_id = await payments.pay()
    by_card = await payments.refund(charge_id, 2000)
    async with transaction(payments.ben) as tx:
        credit = await actions.refund(
            tx, charge_id, Money(3000, "USD"), reason="test", as_credit=True
        )
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    await actions.carry_out_refund(by_card)
    await actions.carry_out_refund(credit)
    found = await rows("SELECT status, problem FROM refunds ORDER BY id")
    assert [(r["status"], r["problem"]) for r in found] == [("failed", "bank_decides")] * 2
    await check_books()
    await control.act("decide_dispute", id=dispute_id, won=won)
    await actions.sync_dispute(dispute_id)
    await outbox.drain()
    made = await rows("SELECT amount, as_credit FROM refunds WHERE status = 'succeeded'")
    assert {(row["amount"], row["as_credit"]) for row in made} == later
    await check_books()


async def test_credit_was_given_before_the_bank_took_it_too_and_the_platform_bears_it(payments):
    charge_id = await earn(payments, 10000)
    async with transaction(payments.ben) as tx:
        number = await actions.refund(
            tx, charge_id, Money(3000, "USD"), reason="test", as_credit=True
        )
    await actions.carry_out_refund(number)
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    await control.act("decide_dispute", id=dispute_id, won=False)
    await actions.sync_dispute(dispute_id)
    found = await balances()
    assert (found["loss_expense", "USD"], found["client_credit", "USD"]) == (3000, -3000)
    assert ("coach_payable", "USD") not in found
    await check_books()


async def test_the_coach_answers_once_with_what_loom_knows(payments, cleo):
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    (seen,) = await mine(payments.ada)
    for stranger in (cleo, payments.ben):
        assert await mine(stranger) == []
        with pytest.raises(NotFound):
            await actions.submit_evidence(stranger, seen.id, "I am Ada")
        async with transaction(stranger) as tx:
            with pytest.raises(NotFound):
                await queries.dispute(tx, stranger, seen.id)
    for wrong in ("  ", "x" * 20_001):
        with pytest.raises(EvidenceWrong):
            await actions.submit_evidence(payments.ada, seen.id, wrong)
    async with transaction(payments.ada) as tx:
        await actions.keep_evidence(tx, payments.ada, seen.id, "We met")
    assert (await mine(payments.ada))[0].evidence == "We met"
    facts = SessionEvidence(service_date="November 20, 2026", customer_name="Ben", log="Held")
    await actions.submit_evidence(payments.ada, seen.id, "We met on Friday.", facts)
    told = await client.dispute(dispute_id)
    assert told.evidence == {
        "uncategorized_text": "We met on Friday.",
        "service_date": "November 20, 2026",
        "customer_name": "Ben",
        "access_activity_log": "Held",
    }
    async with transaction(payments.ada) as tx:
        now = await queries.dispute(tx, payments.ada, seen.id)
    assert (now.status, now.answerable) == ("under_review", False)
    assert now.submitted_at is not None
    with pytest.raises(EvidenceSent):
        await actions.submit_evidence(payments.ada, seen.id, "Once more")


async def test_a_lost_answer_is_sent_again_as_the_same(payments):
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    (seen,) = await mine(payments.ada)
    await control.switch(outage={"mode": "500", "calls": 9})
    with pytest.raises(PaymentUnavailable):
        await actions.submit_evidence(payments.ada, seen.id, "We met.")
    await control.switch(outage=None)
    await actions.submit_evidence(payments.ada, seen.id, "We met.")
    assert (await client.dispute(dispute_id)).submissions == 1


async def test_after_the_deadline_nobody_is_heard(payments, at):
    at("2026-11-21T12:00Z")
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    (seen,) = await mine(payments.ada)
    at("2026-12-01T00:00Z")
    assert not (await mine(payments.ada))[0].answerable
    with pytest.raises(EvidenceTooLate):
        await actions.submit_evidence(payments.ada, seen.id, "Sorry, I was away")
    await actions.sync_dispute(dispute_id)
    async with transaction(STAFF) as tx:
        assert [d.status for d in await queries.every_dispute(tx)] == ["lost"]
        assert await queries.every_dispute(tx, only_open=True) == []
    await check_books()


async def test_an_older_word_changes_nothing(payments, monkeypatch):
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id)
    early = await client.dispute(dispute_id)
    await control.act("decide_dispute", id=dispute_id, won=True)
    await actions.sync_dispute(dispute_id)

    async def slow(_: str) -> client.Dispute:
        return early

    monkeypatch.setattr(client, "dispute", slow)
    await actions.sync_dispute(dispute_id)
    assert (await one("SELECT status FROM disputes"))["status"] == "won"
    await check_books()


@pytest.mark.parametrize(("currency", "fee"), [("JPY", 1500), ("KWD", 15000)])
async def test_in_currencies_without_and_with_three_decimals(payments, currency, fee):
    charge_id = await earn(payments, 20000, currency)
    dispute_id = await opened(payments, charge_id)
    await actions.sync_dispute(dispute_id)
    (seen,) = await mine(payments.ada)
    assert (seen.amount, seen.fee) == (Money(20000, currency), Money(fee, currency))
    await control.act("decide_dispute", id=dispute_id, won=False)
    await actions.sync_dispute(dispute_id)
    await check_books()
