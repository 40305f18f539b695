"""Paying coaches: what is available leaves once, arrives or comes back, and the books say so."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from loom_app.domains.payments import actions, events, rules
from loom_app.domains.payments.actions import sending
from loom_app.domains.payments.errors import (
    AccountNotReady,
    NothingToRetry,
    PayoutUnderWay,
    TooLittle,
)
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from tests.domains.payments.coaches import (
    account,
    active_account,
    ask,
    check_payouts,
    earn,
    free,
    fund,
    payout,
)
from tests.domains.payments.helpers import balances, check_books, one, rows
from tests.sizes import CROWD

DAY = 24 * 3600


async def arrives(processor_id: str) -> None:
    for _ in range(2):
        await control.act("move_payout", id=processor_id)


async def hold_schedule(coach: Actor, interval: str, anchor: int = 0, minimum: int = 100) -> None:
    async with transaction(coach) as tx:
        await actions.save_schedule(tx, coach, interval=interval, anchor=anchor, minimum=minimum)


async def test_what_is_available_leaves_and_arrives(payments, heard):
    await fund()
    account_id = await active_account(payments.ada)
    for _ in range(2):
        await earn(payments)
    number = await ask(payments.ada)
    await check_payouts()
    assert (await payout(number))["amount"] == 17000
    assert len(await rows("SELECT * FROM payout_items")) == 2
    await actions.carry_out_payout(number)
    row = await payout(number)
    assert (row["status"], row["arrives_at"] is not None) == ("in_transit", True)
    assert ("coach_payable", "USD") not in await balances()
    assert (await balances())["stripe_connected", "USD"] == 17000
    await arrives(row["processor_id"])
    assert await actions.sync_payout(row["processor_id"], account_id)
    row = await payout(number)
    assert (row["status"], row["paid_at"] is not None) == ("paid", True)
    assert ("stripe_connected", "USD") not in await balances()
    assert events.PayoutPaid(number, payments.ada.person_id) in heard
    await actions.carry_out_payout(number)
    await check_payouts()


async def test_two_hundred_ask_at_once_and_one_payout_is_made(payments):
    await fund()
    await active_account(payments.ada)
    await earn(payments)

    async def once():
        try:
            return await ask(payments.ada)
        except (TooLittle, PayoutUnderWay):
            return None

    made = [one for one in await asyncio.gather(*(once() for _ in range(CROWD))) if one]
    assert len(made) == 1
    await asyncio.gather(
        *(actions.carry_out_payout(made[0]) for _ in range(10)), return_exceptions=True
    )
    await actions.carry_out_payout(made[0])
    assert (await client.balance((await account(payments.ada))["processor_id"])).of("USD") == Money(
        0, "USD"
    )
    assert len(await rows("SELECT * FROM ledger_transactions WHERE kind = 'transfer'")) == 1
    await check_payouts()


async def test_too_little_waits_and_a_refund_is_carried_forward(payments):
    await fund()
    await active_account(payments.ada)
    charge_id = await earn(payments, 2000)
    with pytest.raises(TooLittle, match="17"):
        await ask(payments.ada)
    await hold_schedule(payments.ada, "manual")
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    refund_id = await payments.refund(charge_id)  # after it was paid out
    await actions.carry_out_refund(refund_id)
    assert (await balances())["coach_payable", "USD"] == 1700
    with pytest.raises(TooLittle):
        await ask(payments.ada)
    await earn(payments, 10000)
    number = await ask(payments.ada)
    assert (await payout(number))["amount"] == 8500 - 1700
    await check_payouts()


async def test_nobody_is_paid_without_an_account_that_can_be(payments):
    await earn(payments)
    with pytest.raises(AccountNotReady):
        await ask(payments.ada)
    await fund()
    account_id = await active_account(payments.ada)
    number = await ask(payments.ada)
    await control.act("judge_account", id=account_id, verdict="rejected")
    await actions.sync_account(account_id)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "canceled"
    await check_payouts()
    await control.act("judge_account", id=account_id, verdict="approved")
    await actions.sync_account(account_id)
    again = await ask(payments.ada)  # what it would have settled is available again
    await control.act("judge_account", id=account_id, verdict="rejected")
    await actions.carry_out_payout(again)  # Loom has not heard of it yet: Stripe says no
    assert (await payout(again))["status"] == "canceled"
    assert (await balances())["coach_payable", "USD"] == -8500


async def test_it_waits_until_the_money_is_there(payments):
    await active_account(payments.ada)
    charge_id = await payments.pay(Money(10000, "USD"))  # an ordinary card: there in two days
    await payments.deliver(charge_id)
    await free(charge_id)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "requested"
    await control.advance(4 * DAY)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "in_transit"
    await control.advance(0)
    await check_payouts()


async def test_the_bank_sends_it_back_and_it_is_sent_again(payments, heard):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    first = (await payout(number))["processor_id"]
    await arrives(first)
    await actions.sync_payout(first, account_id)
    await control.act("move_payout", id=first, to="failed", code="account_closed")
    await actions.sync_payout(first, account_id)
    row = await payout(number)
    assert (row["status"], row["failure_code"]) == ("failed", "account_closed")
    assert (await balances())["stripe_connected", "USD"] == 8500
    assert events.PayoutFailed(number, payments.ada.person_id) in heard
    async with transaction(payments.ada) as tx:
        await actions.retry_payout(tx, payments.ada, number)
    await actions.carry_out_payout(number)
    second = (await payout(number))["processor_id"]
    assert second != first
    assert await actions.sync_payout(first, account_id)  # late news of the first changes nothing
    assert (await payout(number))["status"] == "in_transit"
    await control.act("move_payout", id=second, to="failed", code="no_account")
    await actions.sync_payout(second, account_id)
    assert (await payout(number))["status"] == "failed"
    assert len(await rows("SELECT * FROM ledger_transactions WHERE kind = 'transfer'")) == 1
    await check_payouts()


async def test_only_ones_own_failed_payout_is_sent_again(payments, cleo):
    await fund()
    await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    with pytest.raises(NothingToRetry):
        async with transaction(payments.ada) as tx:
            await actions.retry_payout(tx, payments.ada, number)
    with pytest.raises(NotFound):
        async with transaction(cleo) as tx:
            await actions.retry_payout(tx, cleo, number)
    async with transaction(cleo) as tx:
        for table in ("payouts", "payout_items", "ledger_entries", "fee_rules"):
            assert (await tx.db.execute(text(f"SELECT * FROM {table}"))).all() == []


async def test_without_a_bank_in_that_currency_it_fails_in_words(payments):
    await fund(100_000, "eur")
    await active_account(payments.ada)
    await earn(payments, 10000, "EUR")
    number = await ask(payments.ada, "eur")
    await actions.carry_out_payout(number)
    row = await payout(number)
    assert (row["status"], row["failure_code"]) == ("failed", "no_account")


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
async def test_currencies_without_two_decimals_are_exact(payments, currency):
    await fund(1_000_000, currency.lower())
    account_id = await active_account(payments.ada, currency)
    await earn(payments, 12340, currency)
    number = await ask(payments.ada, currency)
    await actions.carry_out_payout(number)
    assert (await payout(number))["amount"] == 12340 - 1851
    await arrives((await payout(number))["processor_id"])
    await actions.sync_payout((await payout(number))["processor_id"], account_id)
    assert (await payout(number))["status"] == "paid"
    await check_payouts()


@pytest.mark.parametrize("step", ["transfer", "payout"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_any_step_heals(payments, monkeypatch, step, when):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    call = getattr(client, step)

    async def breaks(**values):
        if when == "after":
            await call(**values)
        raise PaymentUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(sending.stripe, step, breaks)
        with pytest.raises(PaymentUnavailable):
            await actions.carry_out_payout(number)
    await check_payouts()
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(text("UPDATE payouts SET updated_at = now() - interval '5 minutes'"))
    assert await actions.sweep() >= 1
    row = await payout(number)
    assert row["status"] == "in_transit"
    assert len([t async for t in client.transfers(account_id=account_id)]) == 1
    assert len([p async for p in client.payouts(account_id=account_id)]) == 1
    await check_payouts()


async def test_after_a_day_what_was_made_is_found_again(payments, monkeypatch):
    """Stripe forgets idempotency keys after a day."""
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    transfer, send = client.transfer, client.payout

    def forgetful(call):
        async def breaks(**values):
            await call(**values | {"key": f"loom:another:{call.__name__}"})
            raise PaymentUnavailable

        return breaks

    async def age():
        async with transaction(Actor.system_job("payments.test")) as tx:
            back = "now() - interval '2 days'"
            await tx.db.execute(
                text(f"UPDATE payouts SET created_at = {back}, updated_at = {back}")
            )

    for name, call in (("transfer", transfer), ("payout", send)):
        with monkeypatch.context() as broken:
            broken.setattr(sending.stripe, name, forgetful(call))
            with pytest.raises(PaymentUnavailable):
                await actions.carry_out_payout(number)
        await age()
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "in_transit"
    assert len([t async for t in client.transfers(account_id=account_id)]) == 1
    assert len([p async for p in client.payouts(account_id=account_id)]) == 1


async def test_webhooks_tell_what_nobody_asked_about(payments):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    made = await client.transfer(
        key=f"loom:transfer:{number}:0",
        transfer_id=number,
        account_id=account_id,
        amount=Money(8500, "USD"),
        group=f"payout_{number}",
    )
    assert await actions.sync_transfer(made.id)  # before the crash was healed
    assert (await payout(number))["status"] == "transferred"
    sent = await client.payout(
        key=f"loom:payout:{number}:0",
        payout_id=f"{number}:0",
        amount=Money(8500, "USD"),
        account_id=account_id,
    )
    assert await actions.sync_payout(sent.id, account_id)
    assert (await payout(number))["status"] == "in_transit"
    assert not await actions.sync_payout(sent.id, "")


async def test_a_transfer_that_is_taken_back_frees_what_it_settled(payments):
    await fund()
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    made = await client.transfer(
        key=f"loom:transfer:{number}:0",
        transfer_id=number,
        account_id=account_id,
        amount=Money(8500, "USD"),
        group=f"payout_{number}",
    )
    await actions.sync_transfer(made.id)
    await client.reverse_transfer(made.id, key="loom:back:1")
    assert await actions.sync_transfer(made.id)
    assert (await payout(number))["status"] == "canceled"
    await check_payouts()
    assert (await payout(await ask(payments.ada)))["amount"] == 8500


async def test_news_of_what_is_not_ours_is_ignored(payments):
    await fund()
    account_id = await active_account(payments.ada)
    for number, group in ((999, "payout_999"), (1, "other")):
        made = await client.transfer(
            key=f"loom:other:{number}",
            transfer_id=number,
            account_id=account_id,
            amount=Money(100, "USD"),
            group=group,
        )
        assert not await actions.sync_transfer(made.id)
    for ref in ("7", "999:0"):
        sent = await client.payout(
            key=f"loom:other:{ref}", payout_id=ref, amount=Money(50, "USD"), account_id=account_id
        )
        assert not await actions.sync_payout(sent.id, account_id)
    with pytest.raises(NotFound):
        await actions.carry_out_payout(999)


async def test_the_schedule_pays_once_on_its_day(payments):
    await fund()
    await active_account(payments.ada)
    await earn(payments)
    await hold_schedule(payments.ada, "daily")
    assert await actions.pay_out_due() == 1
    assert await actions.pay_out_due() == 0
    await actions.carry_out_payout((await one("SELECT id FROM payouts"))["id"])
    await earn(payments)
    assert await actions.pay_out_due() == 0  # once a day
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(text("UPDATE payouts SET created_at = created_at - interval '1 day'"))
    await hold_schedule(payments.ada, "daily", minimum=50_000)
    assert await actions.pay_out_due() == 0
    await hold_schedule(payments.ada, "manual")
    assert await actions.pay_out_due() == 0
    await hold_schedule(payments.ada, "daily")
    assert await actions.pay_out_due() == 1
    await check_payouts()


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(1, 31))
def test_every_month_has_one_payday_and_every_week_too(day, anchor):
    first = day.replace(day=1)
    month = [first + timedelta(days=n) for n in range(31)]
    month = [one for one in month if one.month == first.month]
    assert sum(rules.payout_due("monthly", anchor, one) for one in month) == 1
    week = [day + timedelta(days=n) for n in range(7)]
    assert sum(rules.payout_due("weekly", anchor % 7, one) for one in week) == 1
    assert rules.payout_due("daily", anchor, day)
    assert not rules.payout_due("manual", anchor, day)


async def test_the_books_hold_with_payouts(payments):
    """Stripe's balance and ours, where every charge is ours."""
    await active_account(payments.ada)
    for minor in (30000, 20000):
        await earn(payments, minor)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "in_transit"
    await check_books()
