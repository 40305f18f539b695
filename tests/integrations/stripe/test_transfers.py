"""Transfers, reversals, payouts, balances and their schedule, on both sides of the money."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.money import Money
from tests.integrations.stripe import world

DAY = 24 * 3600


async def refused(call: Any) -> str | None:
    with pytest.raises(PaymentRefused) as caught:
        await call
    return caught.value.code


async def test_a_transfer_moves_available_money_and_no_more(sandbox):
    coach = await world.coach(sandbox)
    assert await refused(world.sent(coach)) == "balance_insufficient"
    await world.charge(10000, card="pm_card_visa")  # pending: not there yet
    assert await refused(world.sent(coach, number=2)) == "balance_insufficient"
    await world.charge(10000)
    made = await world.sent(coach, 8500, 3, group="order_1")
    assert (made.account_id, made.group, made.transfer_ref) == (coach, "order_1", "3")
    assert (await client.balance(coach)).of("usd") == Money(8500, "USD")
    assert (await client.balance()).of("USD") == Money(10000 - 320 - 8500, "USD")
    kinds = [m.kind for m in await world.everything(client.balance_transactions(coach))]
    assert kinds == ["payment"]
    found = await world.everything(client.transfers(account_id=coach, group="order_1"))
    assert [t.id for t in found] == [made.id]


async def test_out_of_a_charge_it_need_not_wait_and_stays_within_it(sandbox):
    coach = await world.coach(sandbox)
    intent = await world.charge(10000, card="pm_card_visa")
    charge = intent.latest_charge
    made = await world.sent(coach, 6000, 1, source_charge_id=charge)
    assert made.group == f"group_{charge}"
    there = await client.balance(coach)
    assert (there.of("USD"), there.pending["USD"]) == (Money(0, "USD"), Money(6000, "USD"))
    await refused(world.sent(coach, 4001, 2, source_charge_id=charge))
    await client.reverse_transfer(made.id, key="loom:back:1", amount=Money(1000, "USD"))
    await world.sent(coach, 5000, 3, source_charge_id=charge)
    await refused(world.sent(coach, 1, 4, source_charge_id=charge))
    euro = await world.charge(900, "eur")
    await refused(world.sent(coach, 100, 5, source_charge_id=euro.latest_charge))


async def test_a_reversal_brings_money_back_while_it_is_there(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(20000)
    made = await world.sent(coach, 8500)
    part = await client.reverse_transfer(
        made.id, key="loom:back:1", amount=Money(2125, "USD"), reversal_ref="9"
    )
    assert (part.amount, part.transfer_id) == (Money(2125, "USD"), made.id)
    assert (await client.read_transfer(made.id)).reversed == Money(2125, "USD")
    await refused(client.reverse_transfer(made.id, key="loom:back:2", amount=Money(6376, "USD")))
    await client.payout(
        key="loom:payout:1", payout_id=1, amount=Money(6375, "USD"), account_id=coach
    )
    gone = client.reverse_transfer(made.id, key="loom:back:3")
    assert await refused(gone) == "balance_insufficient"
    moves = await world.everything(client.balance_transactions(coach))
    assert [(m.kind, m.category, m.net.minor) for m in moves] == [
        ("payout", "payout", -6375),
        ("payment_refund", "refund", -2125),
        ("payment", "charge", 8500),
    ]
    listed = await client.sdk().v1.transfers.reversals.list_async(made.id)
    assert [r.id for r in listed.data] == [part.id]
    note: Any = {"metadata": {"a": "b"}}
    noted: Any = await client.sdk().v1.transfers.update_async(made.id, note)
    assert (noted.metadata.a, noted.metadata.loom_transfer) == ("b", "1")


async def test_a_payout_leaves_travels_and_arrives(sandbox, at):
    at("2026-11-21T12:00Z")
    coach = await world.coach(sandbox)
    await world.charge(20000)
    await world.sent(coach, 9000)
    ask = {"key": "loom:payout:1", "payout_id": 41, "account_id": coach}
    made = await client.payout(amount=Money(9000, "USD"), **ask)
    assert (made.status, made.payout_ref, made.automatic) == ("pending", "41", False)
    assert made.arrives_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert (await client.payout(amount=Money(9000, "USD"), **ask)).id == made.id
    more = client.payout(
        key="loom:payout:2", payout_id=42, amount=Money(1, "USD"), account_id=coach
    )
    assert await refused(more) == "balance_insufficient"
    at("2026-11-22T01:00Z")
    assert (await client.read_payout(made.id, account_id=coach)).status == "in_transit"
    late = client.cancel_payout(made.id, key="loom:cancel:1", account_id=coach)
    assert await refused(late) == "payout_unexpected_state"
    at("2026-11-23T00:00Z")
    assert (await client.read_payout(made.id, account_id=coach)).status == "paid"
    paid = await world.everything(client.payouts(account_id=coach, status="paid"))
    assert [p.id for p in paid] == [made.id]
    assert await world.everything(client.payouts()) == []  # Loom's own are others
    with pytest.raises(PaymentRefused):
        await client.read_payout(made.id)


@pytest.mark.parametrize(
    ("bank", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")]
)
async def test_a_bank_that_refuses_sends_the_money_back(sandbox, at, bank, code):
    at("2026-11-21T12:00Z")
    coach = await world.coach(sandbox, bank={"number": bank})
    await world.charge(20000)
    await world.sent(coach, 9000)
    made = await client.payout(
        key="loom:payout:1", payout_id=1, amount=Money(9000, "USD"), account_id=coach
    )
    at("2026-11-24T12:00Z")
    failed = await client.read_payout(made.id, account_id=coach)
    assert (failed.status, failed.failure_code) == ("failed", code)
    assert failed.failure_message
    assert (await client.balance(coach)).of("USD") == Money(9000, "USD")
    last = (await world.everything(client.balance_transactions(coach)))[0]
    assert (last.kind, last.category, last.net.minor) == ("payout_failure", "payout_reversal", 9000)


async def test_a_paid_payout_may_still_come_back_and_a_pending_one_be_stopped(sandbox, at):
    at("2026-11-21T12:00Z")
    await world.charge(20000)
    made = [
        await client.payout(key=f"loom:payout:{n}", payout_id=n, amount=Money(4000, "USD"))
        for n in (1, 2)
    ]
    stopped = await client.cancel_payout(made[0].id, key="loom:stop:1")
    assert stopped.status == "canceled"
    for _ in range(2):
        await control.act("move_payout", id=made[1].id)
    assert (await client.read_payout(made[1].id)).status == "paid"
    for _ in range(2):  # the second time is nothing
        await control.act("move_payout", id=made[1].id, to="failed", code="no_account")
    assert (await client.read_payout(made[1].id)).failure_code == "no_account"
    assert (await client.balance()).of("USD") == Money(20000 - 610, "USD")


async def test_without_a_bank_in_that_currency_nothing_leaves(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(20000, "eur")
    await client.transfer(
        key="loom:transfer:9", transfer_id=9, account_id=coach, amount=Money(5000, "EUR")
    )
    nowhere = client.payout(
        key="loom:payout:1", payout_id=1, amount=Money(5000, "EUR"), account_id=coach
    )
    assert await refused(nowhere) == "no_account"


async def test_a_german_coach_has_an_iban(sandbox):
    made = await world.account(8, "de", "eur")
    assert (made.country, made.currency) == ("DE", "EUR")
    await world.onboard(sandbox, made.id, bank={"number": "DE89 3704 0044 0532 0130 00"})
    assert (await client.account(made.id)).can_receive


async def test_automatic_payouts_follow_the_schedule(sandbox, at):
    at("2026-11-19T12:00Z")  # a Thursday
    coach = (await world.account()).id
    await world.onboard(sandbox, coach)
    assert (await client.balance_settings(coach)).interval == "daily"
    assert (await client.balance_settings()).interval == "manual"
    weekly = await client.set_payout_schedule(
        coach, key="loom:weekly:1", interval="weekly", weekly_days=["monday"]
    )
    assert (weekly.weekly_days, weekly.payouts_enabled) == (("monday",), True)
    await world.charge(20000)
    await world.sent(coach, 9000)
    at("2026-11-20T12:00Z")
    assert await world.everything(client.payouts(account_id=coach)) == []
    at("2026-11-23T12:00Z")
    (made,) = await world.everything(client.payouts(account_id=coach))
    assert (made.automatic, made.amount) == (True, Money(9000, "USD"))
    parts = await world.everything(client.balance_transactions(coach, payout_id=made.id))
    assert sorted(m.kind for m in parts) == ["payment", "payout"]
    at("2026-11-26T12:00Z")
    assert (await client.read_payout(made.id, account_id=coach)).status == "paid"


@pytest.mark.parametrize(
    "schedule",
    [
        {"interval": "hourly"},
        {"interval": "weekly"},
        {"interval": "daily", "weekly_payout_days": ["monday"]},
        {"interval": "monthly", "monthly_payout_days": [32]},
    ],
)
async def test_a_schedule_that_makes_no_sense_is_refused(sandbox, schedule):
    params: Any = {"payments": {"payouts": {"schedule": schedule}}}
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.balance_settings.update_async(params)


async def test_monthly_payouts_wait_for_their_day(sandbox, at):
    at("2026-11-19T12:00Z")
    coach = await world.coach(sandbox)
    await client.set_payout_schedule(
        coach, key="loom:monthly:1", interval="monthly", monthly_days=[1]
    )
    await world.charge(20000)
    await world.sent(coach, 9000)
    at("2026-11-30T12:00Z")
    assert await world.everything(client.payouts(account_id=coach)) == []
    at("2026-12-01T12:00Z")
    assert len(await world.everything(client.payouts(account_id=coach))) == 1


async def test_movements_are_found_by_time_kind_and_source(sandbox, at):
    at("2026-11-19T12:00Z")
    first = await world.charge(10000, card="pm_card_visa")
    at("2026-11-20T12:00Z")
    second = await world.charge(7000, card="pm_card_visa")
    noon = datetime(2026, 11, 20, tzinfo=UTC)
    late = await world.everything(client.balance_transactions(since=noon))
    early = await world.everything(client.balance_transactions(before=noon))
    assert [m.source_id for m in late + early] == [second.latest_charge, first.latest_charge]
    one = await world.everything(client.balance_transactions(source_id=first.latest_charge))
    assert (one[0].fee, one[0].fees) == (
        Money(320, "USD"),
        (("stripe_fee", Money(320, "USD")),),
    )
    assert one[0].available_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert await world.everything(client.balance_transactions(kind="refund")) == []
    at("2026-11-22T12:00Z")
    assert {m.status for m in await world.everything(client.balance_transactions())} == {
        "available"
    }
    kept = await client.payment(first.id)
    assert kept.available_at == datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(("currency", "amount"), [("jpy", 9000), ("kwd", 12340), ("usd", 9000)])
async def test_every_currency_keeps_its_own_books(sandbox, currency, amount):
    coach = await world.coach(sandbox)
    await world.charge(amount * 3, currency)
    money = Money(amount, currency.upper())
    before = (await client.balance()).of(currency)
    await client.transfer(key="loom:t:1", transfer_id=1, account_id=coach, amount=money)
    assert (await client.balance()).of(currency) == before - money
    assert (await client.balance(coach)).of(currency) == money
    moves = await world.everything(client.balance_transactions())
    assert sum(m.net.minor for m in moves) == (before - money).minor


async def test_pages_go_on_to_the_end(sandbox):
    for _ in range(3):
        await world.charge(1000)
    v1 = client.sdk().v1
    listed = await v1.balance_transactions.list_async({"limit": 2})
    assert len([m async for m in listed.auto_paging_iter()]) == 3
    expanded: Any = await v1.balance_transactions.list_async({"expand": ["data.source"]})
    assert expanded.data[0].source.object == "charge"
    deep: Any = {"expand": ["data.source.a.b.c.d"]}
    with pytest.raises(stripe.InvalidRequestError):
        await v1.balance_transactions.list_async(deep)


async def test_two_at_once_do_not_spend_the_same_money(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(10000)
    both = await asyncio.gather(
        *(world.sent(coach, 9000, number) for number in (1, 2)), return_exceptions=True
    )
    refusals = [done for done in both if isinstance(done, PaymentRefused)]
    assert [refusal.code for refusal in refusals] == ["balance_insufficient"]
    assert (await client.balance(coach)).of("USD") == Money(9000, "USD")


async def test_the_same_write_twice_at_once_is_made_once(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(50000)
    made = await asyncio.gather(*(world.sent(coach, 9000) for _ in range(4)))
    assert len({transfer.id for transfer in made}) == 1
    assert (await client.balance(coach)).of("USD") == Money(9000, "USD")
