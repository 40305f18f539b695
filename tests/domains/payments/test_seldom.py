"""What seldom happens to money, and must end well all the same."""

import asyncio
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions, jobs, queries
from loom_app.domains.payments.actions import Way, credit, matching, payouts, sending
from loom_app.domains.payments.actions import disputes as dispute_actions
from loom_app.domains.payments.actions.paying import charge_card
from loom_app.domains.payments.errors import CheckoutOver
from loom_app.domains.payments.events import DisputeClosed, DisputeOpened, PayoutFailed
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.rows import locked
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.coaches import (
    BYPASS,
    active_account,
    ask,
    check_payouts,
    earn,
    free,
    fund,
    payout,
)
from tests.domains.payments.helpers import AUDITOR, balances, check_books, one, rows
from tests.domains.payments.test_credit import give, left
from tests.domains.payments.test_disputes import opened
from tests.domains.payments.test_methods import saved
from tests.domains.payments.test_payouts import arrives, hold_schedule
from tests.integrations.stripe import world

ACTIONS = "loom_app.domains.payments.actions"
RELEASE, RECONCILE = sys.modules[f"{ACTIONS}.release"], sys.modules[f"{ACTIONS}.reconcile"]


async def sql(statement: str, **values) -> None:
    async with transaction(AUDITOR) as tx:
        await tx.db.execute(text(statement), values)


async def test_two_rounds_of_expiry_take_a_lot_once(payments):
    await give(payments, 500)
    await sql("UPDATE credit_lots SET expires_at = now() - interval '1 day'")
    lot = await one("SELECT * FROM credit_lots")
    due = credit._Due(lot["id"], lot["person_id"], lot["currency"])  # what both rounds have read
    assert sorted(await asyncio.gather(credit._expire(due), credit._expire(due))) == [False, True]
    assert await left(payments) == {}
    await check_books()


async def test_what_one_lot_pays_leaves_the_next_alone(payments):
    for number in (1, 2):
        await give(payments, 5000, number=number)
    charge_id = await payments.begin(Money(5000, "USD"), way=Way(use_credit=True))
    await actions.pay(charge_id)
    found = await rows("SELECT remaining FROM credit_lots ORDER BY id")
    assert [row["remaining"] for row in found] == [0, 5000]
    await charge_card(charge_id)  # the sweeper came late: it is paid, and nothing is asked
    await check_books()


async def test_credit_pays_nothing_when_the_time_is_over(payments):
    await give(payments, 20000)
    charge_id = await payments.begin(way=Way(use_credit=True))
    await sql("UPDATE charges SET expires_at = now()")
    with pytest.raises(CheckoutOver):
        await actions.pay(charge_id)
    assert (await payments.charge(charge_id))["paid_at"] is None


async def test_a_card_that_is_not_begun_in_time_is_not_begun(payments):
    charge_id = await payments.begin(way=Way(await saved(payments)))
    await sql("UPDATE charges SET expires_at = now()")
    with pytest.raises(CheckoutOver):
        await actions.pay(charge_id)
    assert await rows("SELECT * FROM ledger_entries") == []


async def intent_of(reference: str | None) -> str:
    """A payment at Stripe that somebody else made, perhaps with a number of ours on it."""
    params = {
        "amount": 5000,
        "currency": "usd",
        "payment_method": "pm_card_bypassPending",
        "confirm": True,
        "return_url": world.BACK,
        "metadata": {"loom_charge": reference} if reference else {},
    }
    made = await client.sdk().v1.payment_intents.create_async(params)
    await control.act("open_dispute", id=made.latest_charge)
    (found,) = [each.id async for each in client.disputes(intent_id=made.id)]
    return found


@pytest.mark.parametrize("reference", [None, "nobody", "999999"])
async def test_a_dispute_of_a_payment_that_is_not_ours_is_none_of_ours(payments, reference):
    assert not await actions.sync_dispute(await intent_of(reference))
    assert await rows("SELECT * FROM disputes") == []


async def test_a_dispute_without_a_payment_or_in_an_unknown_state_is_left_alone(
    payments, monkeypatch
):
    dispute_id = await opened(payments, await payments.pay())
    real = await client.dispute(dispute_id)
    for odd in (replace(real, intent_id=None), replace(real, status="arbitration")):

        async def told(_id, odd=odd):
            return odd

        with monkeypatch.context() as patch:
            patch.setattr(dispute_actions.stripe, "dispute", told)
            assert not await actions.sync_dispute(dispute_id)
    assert await rows("SELECT * FROM disputes") == []


async def test_an_inquiry_that_was_closed_may_become_a_dispute(payments, monkeypatch, heard):
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id)
    real = await client.dispute(dispute_id)
    nothing = Money(0, "USD")
    for status in ("warning_needs_response", "warning_closed"):

        async def told(_id, status=status):
            return replace(real, status=status, taken=nothing, fee=nothing)

        with monkeypatch.context() as patch:
            patch.setattr(dispute_actions.stripe, "dispute", told)
            assert await actions.sync_dispute(dispute_id)
    assert (await one("SELECT * FROM disputes"))["closed_at"] is not None
    assert ("dispute_receivable", "USD") not in await balances()
    await actions.sync_dispute(dispute_id)  # Stripe says now that it is a dispute after all
    row = await one("SELECT * FROM disputes")
    assert (row["status"], row["closed_at"]) == ("needs_response", None)
    assert (await balances())["dispute_receivable", "USD"] == 12000
    told_of = [type(event) for event in heard]
    assert [kind for kind in told_of if kind in (DisputeOpened, DisputeClosed)] == [
        DisputeOpened,
        DisputeClosed,
        DisputeOpened,
    ]
    await check_books()


async def test_a_charge_that_stripe_does_not_know_any_more_matches_nothing(payments):
    gone = SimpleNamespace(account="", type="charge", source_id="ch_gone")
    assert await matching.ledger_ref(gone) is None


async def test_what_cannot_be_read_stays_a_finding_and_the_others_are_looked_at(
    payments, monkeypatch
):
    for _ in range(2):
        _, url = await payments.open()
        await payments.sandbox.pay(url)
    problems = iter([PaymentUnavailable(), RuntimeError("an answer that nobody expected")])

    async def breaks(*_args):
        raise next(problems)

    with monkeypatch.context() as patch:
        patch.setattr(RECONCILE, "read_again", breaks)
        kinds = [found.kind for found in await actions.reconcile()]
    assert kinds.count("missing_in_ledger") == 2
    assert await actions.reconcile() == []
    await check_books()


async def test_money_is_free_when_a_day_has_passed_page_by_page(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    for _ in range(3):
        await payments.deliver(await payments.pay(number=BYPASS))
    monkeypatch.setattr(RELEASE, "BATCH", 2)
    assert await actions.release() == 0
    at("2026-11-25T12:00Z")
    assert await actions.release() == 3
    assert await actions.release() == 0
    assert (await balances())["coach_payable", "USD"] == -3 * 10200
    charge = (await rows("SELECT id FROM charges"))[0]["id"]
    async with transaction(AUDITOR) as tx:  # a round that read the same list
        assert not await movements.released(tx, await locked(tx, charge))


async def test_one_coachs_trouble_keeps_no_other_waiting(payments, monkeypatch, cleo):
    await fund()
    await active_account(payments.ada)
    await earn(payments)
    await hold_schedule(payments.ada, "daily")
    await sql(
        "INSERT INTO payout_accounts"
        " (user_id, country, currency, status, interval, anchor, minimum)"
        " VALUES (:cleo, 'US', 'USD', 'active', 'monthly', 31, 100)",
        cleo=cleo.person_id,
    )
    monkeypatch.setattr(payouts, "BATCH", 1)
    real, broken = payouts._begin_scheduled, []

    async def breaks(*args):
        broken.append(1)
        raise RuntimeError("a row that nobody expected")

    with monkeypatch.context() as patch:
        patch.setattr(payouts, "_begin_scheduled", breaks)
        assert await actions.pay_out_due() == 0
    assert (broken, real) == ([1], payouts._begin_scheduled)
    assert await actions.pay_out_due() == 1


async def test_a_payout_waits_where_the_account_at_stripe_is_not_known(payments):
    await fund()
    await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    await sql("UPDATE payouts SET status = 'transferred'")
    await sql("UPDATE payout_accounts SET processor_id = NULL")
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "transferred"


async def test_after_a_day_what_was_not_made_is_made(payments):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    stray = {"payout_id": "7:0", "amount": Money(100, "USD"), "account_id": account_id}
    await client.transfer(
        key="loom:stray", transfer_id=999, account_id=account_id, amount=Money(100, "USD")
    )
    await client.payout(key="loom:stray:payout", **stray)
    back = "now() - interval '2 days'"
    await sql(f"UPDATE payouts SET created_at = {back}")
    await actions.carry_out_payout(number)  # no transfer of it is there yet
    assert (await payout(number))["status"] == "in_transit"
    await sql(
        f"UPDATE payouts SET status = 'transferred', processor_id = NULL, updated_at = {back}"
    )
    (mine,) = [p async for p in client.payouts(account_id=account_id) if p.payout_ref != "7:0"]
    await actions.carry_out_payout(number)  # and this very payout is found among others
    assert (await payout(number))["processor_id"] == mine.id
    await sql(
        f"UPDATE payouts SET status = 'transferred', processor_id = NULL, updated_at = {back},"
        " attempts = 5"
    )
    await client.transfer(  # so that there is enough to send once more
        key="loom:more", transfer_id=998, account_id=account_id, amount=Money(8500, "USD")
    )
    await actions.carry_out_payout(number)
    assert (await payout(number))["processor_id"] not in (None, mine.id)


async def test_a_balance_that_is_not_there_yet_at_the_coachs_account_waits(payments):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    await sql("UPDATE payouts SET status = 'transferred'")  # the transfer itself is not at Stripe
    for attempt in (1, 2):
        await actions.carry_out_payout(number)
        row = await payout(number)
        assert (row["status"], row["attempts"]) == ("transferred", attempt)
    assert [p async for p in client.payouts(account_id=account_id)] == []


async def test_two_workers_at_one_payout_do_each_step_once(payments, heard):
    await active_account(payments.ada)
    charge_id = await payments.pay(Money(10000, "USD"))  # there in two days
    await payments.deliver(charge_id)
    await free(charge_id)
    number = await ask(payments.ada)
    row, _ = await sending._look(number)
    await actions.carry_out_payout(number)  # too little at Stripe: a new attempt
    assert (await payout(number))["attempts"] == row.attempts + 1
    await sending._again(number, row.attempts)  # the other one comes late
    assert (await payout(number))["attempts"] == row.attempts + 1
    await fund()
    await actions.carry_out_payout(number)
    await sending._cancel(number, "refused")  # an answer from before
    assert (await payout(number))["status"] == "in_transit"
    sent = await client.read_payout(
        (await payout(number))["processor_id"],
        account_id=(await one("SELECT processor_id FROM payout_accounts"))["processor_id"],
    )
    await sending._record(number, replace(sent, id="po_another"))
    assert (await payout(number))["processor_id"] == sent.id
    failed = replace(sent, status="failed", failure_code="account_closed")
    for _ in range(2):
        await sending._record(number, failed)
    assert [type(event) for event in heard].count(PayoutFailed) == 1
    await check_payouts()


async def test_a_transfer_that_only_looks_like_ours_changes_nothing(payments):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    odd = {"group": f"payout_{number}", "amount": Money(8499, "USD")}
    for n, how in enumerate(({"group": "other", "amount": Money(8500, "USD")}, odd)):
        made = await client.transfer(
            key=f"loom:odd:{n}", transfer_id=number, account_id=account_id, **how
        )
        assert not await actions.sync_transfer(made.id)
    nameless = await client.sdk().v1.transfers.create_async(
        {"amount": 100, "currency": "usd", "destination": account_id}
    )
    assert not await actions.sync_transfer(nameless.id)
    assert (await payout(number))["status"] == "requested"


async def test_a_refund_that_comes_back_after_the_session_is_earned_again(payments):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id, 4000)
    await actions.carry_out_refund(refund_id)
    await payments.deliver(charge_id)
    assert (await balances())["coach_pending", "USD"] == -6800
    key = (await one("SELECT processor_id FROM refunds"))["processor_id"]
    await control.act("fail_refund", id=key)
    await actions.sync_refund(key)
    assert (await balances())["coach_pending", "USD"] == -10200
    await check_books()


async def test_the_clock_of_money_does_its_rounds(payments, heard):
    """Every job by itself, as the worker runs it."""
    await fund()
    await active_account(payments.ada)
    await earn(payments)
    await hold_schedule(payments.ada, "daily")
    await give(payments, 900)
    await sql("UPDATE credit_lots SET expires_at = now() - interval '1 day'")
    for job in (jobs.release, jobs.payouts, jobs.expiring, jobs.sweep):
        await job({})
    await outbox.drain()  # carries the payout out
    row = await one("SELECT * FROM payouts")
    assert row["status"] == "in_transit"
    assert await left(payments) == {}
    await arrives(row["processor_id"])
    await sql("UPDATE payouts SET updated_at = now() - interval '2 hours'")
    for job in (jobs.backfill, jobs.sweep, jobs.reconcile, jobs.invariants):  # nobody told of it
        await job({})
    assert (await payout(row["id"]))["status"] == "paid"
    found = {one["kind"] for one in await rows("SELECT kind FROM reconciliation_findings")}
    assert found == {"missing_in_ledger", "totals_differ"}  # what `fund` put there, and no more


async def test_a_filter_offers_two_hundred_coaches_at_most(payments):
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO users (name, roles) SELECT 'Coach ' || n, '{coach}'"
                " FROM generate_series(1, 201) n"
            )
        )
    await sql(
        "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency,"
        " fee_bps, fee_fixed, fee, description, return_path, cancel_path, status, expires_at)"
        " SELECT 'seat', id, :ben, id, 1, 'USD', 0, 0, 0, '', '/', '/', 'failed', now()"
        " FROM users WHERE name LIKE 'Coach %'",
        ben=payments.ben.person_id,
    )
    async with transaction(payments.ben) as tx:
        assert len(await queries.coaches_paid(tx, payments.ben)) <= 200


async def test_a_card_that_is_gone_has_no_words(payments):
    async with transaction(AUDITOR) as tx:
        assert await queries.method(tx, 999) is None
        found = await queries.method(tx, await saved(payments))
        assert found is not None
        assert found.words == "Visa ···· 4242"


async def test_what_stripe_asks_for_later_is_not_asked_of_the_coach_now(payments):
    await active_account(payments.ada)
    await sql(
        "UPDATE payout_accounts SET requirements ="
        """ '[{"what": "x", "deadline": "eventually_due", "awaiting": "user", "errors": []}]'"""
    )
    async with transaction(payments.ada) as tx:
        found = await queries.account(tx, payments.ada)
    assert found is not None
    assert found.missing == []


async def test_the_way_of_the_money_tells_only_what_a_coach_knows(payments):
    """Stripe's cost is the platform's; a transfer that was taken back is no step of a session."""
    charge_id = await payments.pay(number=BYPASS)
    await payments.deliver(charge_id)
    await free(charge_id)
    charge = await payments.charge(charge_id)
    payable = actions.Payable(charge["payable_kind"], charge["payable_id"])
    async with transaction(payments.ada) as tx:
        steps = [step.kind for step in await queries.money_of(tx, payments.ada, payable)]
    assert steps == ["paid", "fee", "pending", "available"]
