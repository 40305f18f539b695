"""Credit: never below zero, never spent twice, gone when its time is over."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loom_app.domains.payments import actions, queries, rules
from loom_app.domains.payments.actions import Payable, Way, settle
from loom_app.domains.payments.actions.credit import months_later
from loom_app.domains.payments.actions.refund import sync_refund
from loom_app.domains.payments.actions.sweep import sweep
from loom_app.domains.payments.errors import CheckoutOver, NothingToRefund
from loom_app.domains.payments.events import CreditExpiring, PaymentSucceeded, RefundFailed
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import balances, check_books, kinds, one, rows
from tests.sizes import CROWD

CREDIT = Way(use_credit=True)


async def give(payments, minor: int, currency: str = "USD", number: int = 1) -> int:
    async with transaction(Actor.system_job("payments.test")) as tx:
        return await actions.reward(
            tx, payments.ben.require_person(), Money(minor, currency),
            source="test", source_id=number,
        )  # fmt: skip


async def left(payments, me=None) -> dict[str, int]:
    me = me or payments.ben
    async with transaction(me) as tx:
        return {view.money.currency: view.money.minor for view in await queries.credit(tx, me)}


async def as_credit(payments, charge_id: int, minor: int | None = None) -> int:
    amount = Money(minor, "USD") if minor else None
    async with transaction(payments.ben) as tx:
        made = await actions.refund(tx, charge_id, amount, reason="wish", as_credit=True)
    await outbox.drain()
    return made


async def test_a_refund_as_credit_asks_stripe_for_nothing_and_lasts_twelve_months(payments, at):
    at("2026-02-28T12:00Z")
    charge_id = await payments.pay()
    await as_credit(payments, charge_id, 5000)
    assert await left(payments) == {"USD": 5000}
    lot = await one("SELECT * FROM credit_lots")
    assert lot["expires_at"] == datetime(2027, 2, 28, 12, tzinfo=UTC)
    found = await balances()
    assert found["client_credit", "USD"] == -5000
    assert found["deferred", "USD"] == -7000
    assert await left(payments, payments.ada) == {}
    await check_books()


async def test_credit_pays_all_of_it_without_stripe(payments, heard):
    await give(payments, 15000)
    charge_id = await payments.begin(way=CREDIT)
    assert await left(payments) == {"USD": 3000}  # kept while it is open
    await check_books()
    assert await actions.pay(charge_id) == actions.Answer()
    assert await actions.pay(charge_id) == actions.Answer()
    charge = await payments.charge(charge_id)
    assert (charge["status"], charge["credit"], charge["intent_id"]) == ("succeeded", 12000, None)
    assert heard == [PaymentSucceeded(charge_id, "seat", charge["payable_id"])]
    assert await kinds(charge_id) == {"charge": 1}
    await payments.deliver(charge_id)
    await check_books()


async def test_credit_pays_a_part_and_a_card_the_rest(payments):
    await give(payments, 2000, number=1)
    await give(payments, 3000, "EUR", number=2)  # another currency is never touched
    charge_id = await payments.begin(way=CREDIT)
    await payments.sandbox.pay((await actions.pay(charge_id)).url)
    await settle(charge_id)
    assert (await balances())["stripe_platform", "USD"] == 10000 - 320
    assert await left(payments) == {"EUR": 3000}
    await check_books()


async def test_the_lot_that_runs_out_first_is_spent_first(payments, at):
    at("2026-01-10T12:00Z")
    first = await give(payments, 1000, number=1)
    at("2026-03-10T12:00Z")
    second = await give(payments, 5000, number=2)
    await payments.begin(Money(3000, "USD"), way=CREDIT)
    assert await rows("SELECT lot_id, amount FROM credit_uses ORDER BY lot_id") == [
        {"lot_id": first, "amount": 1000},
        {"lot_id": second, "amount": 2000},
    ]
    await check_books()


async def test_two_hundred_at_once_never_spend_more_than_there_is(payments):
    await give(payments, 10000)
    started = await asyncio.gather(
        *(payments.begin(Money(3000, "USD"), Payable("seat", 920_000 + n), CREDIT)
          for n in range(CROWD))
    )  # fmt: skip
    assert await left(payments) == {}
    await check_books()
    wholly = await rows("SELECT id FROM charges WHERE credit = amount")
    assert len(wholly) == 3
    await asyncio.gather(*(actions.pay(row["id"]) for row in wholly))
    await check_books()
    await asyncio.gather(*(actions.cancel_checkout(number) for number in started))
    assert await left(payments) == {"USD": 1000}
    await check_books()


async def test_an_attempt_that_ends_gives_its_credit_back(payments, at):
    at("2026-11-21T12:00Z")
    await give(payments, 2000)
    payable = Payable("seat", 930_001)
    left_alone = await payments.begin(payable=payable, way=CREDIT)
    await actions.pay(left_alone)  # the page is open
    assert await left(payments) == {}
    again = await payments.begin(payable=payable)  # without credit: another attempt
    assert again != left_alone
    assert await left(payments) == {"USD": 2000}
    await check_books()
    third = await payments.begin(payable=payable, way=CREDIT)
    await actions.cancel_checkout(third)
    assert await left(payments) == {"USD": 2000}
    fourth = await payments.begin(payable=payable, way=CREDIT)
    at("2026-11-21T14:00Z")
    with pytest.raises(CheckoutOver):
        await actions.pay(fourth)
    await sweep()
    assert await left(payments) == {"USD": 2000}
    await check_books()


async def test_an_open_page_with_credit_is_taken_up_and_not_doubled(payments):
    await give(payments, 2000)
    payable = Payable("seat", 930_002)
    first = await payments.begin(payable=payable, way=CREDIT)
    assert await payments.begin(payable=payable, way=CREDIT) == first


async def test_what_is_paid_late_takes_its_credit_again_where_it_is_there(payments):
    await give(payments, 2000)
    payable = Payable("seat", 930_003)
    first = await payments.begin(payable=payable, way=CREDIT)
    url = (await actions.pay(first)).url
    await payments.begin(payable=payable)
    await payments.sandbox.pay(url)  # before the job closes it
    await settle(first)
    charge = await payments.charge(first)
    assert (charge["status"], charge["credit"]) == ("succeeded", 2000)
    assert await left(payments) == {}
    await check_books()


async def test_what_is_paid_late_without_its_credit_goes_back_whole(payments, heard):
    await give(payments, 2000)
    payable = Payable("seat", 930_004)
    first = await payments.begin(payable=payable, way=CREDIT)
    url = (await actions.pay(first)).url
    await payments.begin(payable=payable)
    await payments.begin(way=CREDIT)  # the credit is elsewhere now
    await payments.sandbox.pay(url)
    await settle(first)
    await outbox.drain()
    charge = await payments.charge(first)
    assert (charge["status"], charge["amount"], charge["credit"]) == ("refunded", 10000, 0)
    assert not any(isinstance(event, PaymentSucceeded) for event in heard)
    await check_books()


async def test_a_mixed_charge_goes_back_to_the_card_first_then_to_credit(payments):
    await give(payments, 2000)
    charge_id = await payments.begin(way=CREDIT)
    await payments.sandbox.pay((await actions.pay(charge_id)).url)
    await settle(charge_id)
    for minor, wanted in ((9000, []), (2000, [1000]), (None, [1000, 1000])):
        await payments.refund(charge_id, minor)
        await outbox.drain()
        found = await rows("SELECT amount FROM refunds WHERE as_credit ORDER BY id")
        assert [row["amount"] for row in found] == wanted
        await check_books()
    assert await left(payments) == {"USD": 2000}
    assert (await payments.charge(charge_id))["status"] == "refunded"


async def test_two_hundred_refunds_at_once_never_exceed_the_charge(payments):
    charge_id = await payments.pay()

    async def one_of_many(number: int) -> int:
        try:
            async with transaction(payments.ben) as tx:
                await actions.refund(
                    tx, charge_id, Money(500, "USD"), reason="x", as_credit=number % 2 == 0
                )
        except NothingToRefund:
            return 0
        return 500

    given_back = await asyncio.gather(*(one_of_many(n) for n in range(CROWD)))
    assert sum(given_back) == 12000
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "refunded"
    await check_books()


async def test_a_refund_the_bank_sends_back_is_told_and_can_become_credit(payments, heard, cleo):
    charge_id = await payments.pay(number="4000000000005126")
    refund_id = await payments.refund(charge_id, 5000)
    await outbox.drain()
    row = await one("SELECT * FROM refunds WHERE id = :id", id=refund_id)
    assert row["status"] == "failed"
    assert [event for event in heard if isinstance(event, RefundFailed)] == [
        RefundFailed(refund_id, charge_id, payments.ben.require_person(), 5000, "USD")
    ]
    for stranger in (cleo, payments.ada):
        async with transaction(stranger) as tx:
            with pytest.raises(NotFound):
                await actions.take_as_credit(tx, stranger, refund_id)
    async with transaction(payments.ben) as tx:
        await actions.take_as_credit(tx, payments.ben, refund_id)
    await outbox.drain()
    assert await left(payments) == {"USD": 5000}
    await as_credit(payments, charge_id)
    async with transaction(payments.ben) as tx:
        with pytest.raises(NothingToRefund):
            await actions.take_as_credit(tx, payments.ben, refund_id)
    await sync_refund(row["processor_id"])
    await check_books()


async def test_a_refund_the_bank_sent_back_becomes_credit_once(payments):
    charge_id = await payments.pay(number="4000000000005126")
    refund_id = await payments.refund(charge_id, 5000)
    await payments.deliver(charge_id)
    await outbox.drain()

    async def take() -> int:
        async with transaction(payments.ben) as tx:
            return await actions.take_as_credit(tx, payments.ben, refund_id)

    taken = await asyncio.gather(*(take() for _ in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in taken) == ["NothingToRefund"] * 4 + ["int"]
    await outbox.drain()
    assert await left(payments) == {"USD": 5000}
    page = await payments.view(payments.ben, charge_id)
    assert page
    await check_books()


async def test_credit_is_told_of_a_month_before_and_gone_after_its_time(payments, at, heard):
    at("2026-01-31T12:00Z")
    lot_id = await give(payments, 2000)
    await give(payments, 700, "JPY", number=2)
    assert await actions.tell_of_credit() == 0
    at("2027-01-02T12:00Z")
    assert await actions.tell_of_credit() == 2
    assert await actions.tell_of_credit() == 0
    assert (
        CreditExpiring(
            lot_id, payments.ben.require_person(), 2000, "USD", "2027-01-31T12:00:00+00:00"
        )
        in heard
    )
    at("2027-01-31T11:59Z")
    assert await actions.expire_credit() == 0
    charge_id = await payments.begin(Money(2000, "USD"), way=CREDIT)
    spent = await payments.begin(Money(500, "JPY"), way=CREDIT)
    at("2027-01-31T12:00Z")
    assert await actions.expire_credit() == 0  # an open charge may still give it back
    await actions.pay(spent)
    await actions.cancel_checkout(charge_id)
    assert await left(payments) == {}  # but nobody spends it any more
    assert await actions.expire_credit() == 2
    assert await actions.expire_credit() == 0
    found = await balances()
    assert ("client_credit", "USD") not in found
    assert found.get(("credit_expired", "JPY"), 0) == 500
    await check_books()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-12-15", 1, "2027-01-15"), ("2028-02-29", 12,
     "2029-02-28")],
)  # fmt: skip
def test_months_end_where_months_end(start, months, end):
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert months_later(moment, months).date().isoformat() == end


@given(price=st.integers(1, 10**9), available=st.integers(0, 10**9))
def test_credit_leaves_nothing_to_pay_or_enough_for_a_card(price, available):
    used = rules.credit_for(price, available)
    assert 0 <= used <= min(price, available)
    assert used in (0, price) or price - used >= rules.SMALLEST
    async_free = available >= price
    assert (used == price) == async_free


async def test_the_pay_step_knows_what_credit_will_do(payments):
    await give(payments, 2000)
    async with transaction(payments.ben) as tx:
        for price, part in ((12000, 2000), (1500, 1500), (2020, 1970), (2000, 2000)):
            found = await queries.credit_towards(tx, payments.ben, Money(price, "USD"))
            assert found == Money(part, "USD")
        (view,) = await queries.credit(tx, payments.ben)
        assert view.first == Money(2000, "USD")
    await give(payments, 100, number=2)
    assert await left(payments) == {"USD": 2100}
