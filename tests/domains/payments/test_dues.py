"""Deposits, rests and holds: asked for once, told to both, and the parts are always the whole."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from loom_app.domains.payments import actions, jobs, queries, rules
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.actions import collect as collect_module
from loom_app.domains.payments.errors import NothingDue, NotSelling, PaidInPerson
from loom_app.domains.payments.events import DueAnnounced, DueFailed
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused, decline_words
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.booked import WORKER, Booked, can_be_paid
from tests.domains.payments.helpers import balances, check_books, kinds, one, rows
from tests.domains.payments.test_disputes import opened
from tests.domains.payments.test_methods import saved
from tests.sizes import CROWD

DECLINES = "pm_card_chargeCustomerFail"


async def booked(payments, minor=10000, deposit=3000, currency="USD", card="pm_card_visa", n=1):
    made = Booked(payments, n, Money(minor, currency), deposit, await saved(payments, card))
    await made.pay_deposit()
    return made


async def due(number: int) -> dict:
    return await one("SELECT * FROM dues WHERE id = :id", id=number)


async def run() -> None:
    await actions.announce_dues()
    await actions.collect_dues()
    await outbox.drain()
    await check_books()


@given(
    price=st.integers(100, 10**9),
    cut=st.floats(0, 1),
    bps=st.integers(0, 10_000),
    fixed=st.integers(0, 500),
)
def test_the_fees_of_the_parts_are_the_fee_of_the_whole(price, cut, bps, fixed):
    deposit = min(price - 1, max(1, int(price * cut)))
    whole = rules.fee(price, bps, fixed)
    first = rules.fee_of_part(whole, price, 0, deposit)
    second = rules.fee_of_part(whole, price, deposit, price - deposit)
    assert first + second == whole
    assert 0 <= first <= deposit
    assert 0 <= second <= price - deposit


@pytest.mark.parametrize(
    ("currency", "price", "deposit"),
    [("USD", 9999, 3333), ("EUR", 10001, 5000), ("JPY", 7777, 1111), ("KWD", 33330, 9990)],
)
async def test_deposit_and_rest_are_the_price_and_their_fees_its_fee(
    payments, currency, price, deposit
):
    made = await booked(payments, price, deposit, currency)
    number = await made.plan()
    await run()
    parts = await rows("SELECT part, amount, fee, whole, status FROM charges ORDER BY id")
    assert [one["part"] for one in parts] == ["deposit", "rest"]
    assert sum(one["amount"] for one in parts) == price
    assert sum(one["fee"] for one in parts) == rules.fee(price, 1500, 0)
    assert {one["status"] for one in parts} == {"succeeded"}
    assert (await due(number))["status"] == "paid"
    async with transaction(Actor.system_job("scheduling.complete")) as tx:
        await actions.recognise(tx, made.payable)
    await check_books()
    earned = {(kind, cur): minor for (kind, cur), minor in (await balances()).items()}
    assert earned["coach_pending", currency] == rules.fee(price, 1500, 0) - price


async def test_many_jobs_at_once_charge_the_rest_once(payments):
    made = await booked(payments)
    number = await made.plan()
    await asyncio.gather(*(actions.collect_dues() for _ in range(CROWD)))
    await outbox.drain()
    await asyncio.gather(*(actions.collect_dues() for _ in range(5)))
    charges = await rows("SELECT status FROM charges WHERE part = 'rest'")
    assert [one["status"] for one in charges] == ["succeeded"]
    assert (await due(number))["attempts"] == 1
    await check_books()


async def test_nothing_is_asked_for_before_its_time_and_it_is_told_a_day_before(
    payments, heard, at
):
    at("2026-11-21T12:00Z")
    made = await booked(payments)
    number = await made.plan(hours=30)
    await run()
    assert (await due(number))["status"] == "planned"
    assert DueAnnounced(number) not in heard
    at("2026-11-21T18:01Z")
    await run()
    await run()
    assert heard.count(DueAnnounced(number)) == 1
    assert (await due(number))["status"] == "planned"
    at("2026-11-22T18:01Z")
    await run()
    assert (await due(number))["status"] == "paid"


async def test_a_card_that_says_no_is_told_tried_daily_and_paid_by_hand(payments, heard, at):
    at("2026-11-21T12:00Z")
    made = await booked(payments)
    await saved(payments, DECLINES)
    await actions.remove_method(payments.ben, made.card)
    number = await made.plan()
    await run()
    assert heard.count(DueFailed(number, 1)) == 1
    found = await due(number)
    assert (found["status"], found["attempts"]) == ("failed", 1)
    await run()  # not again on the same day
    assert (await due(number))["attempts"] == 1
    at("2026-11-22T12:00:01Z")
    await run()
    assert heard.count(DueFailed(number, 2)) == 1
    assert (await due(number))["attempts"] == 2

    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number)
    answer = await actions.pay(charge_id)
    assert (await due(number))["status"] == "asked"
    await actions.collect_dues()  # the page is open: the card is not asked beside it
    assert len(await rows("SELECT id FROM charges WHERE status = 'pending'")) == 1
    await payments.sandbox.pay(answer.url)
    await actions.check_charge(charge_id)
    assert (await due(number))["status"] == "paid"
    with pytest.raises(NothingDue):
        async with transaction(payments.ben) as tx:
            await actions.pay_due(tx, payments.ben, number)
    await check_books()


async def test_a_page_that_is_left_leaves_it_due(payments):
    made = await booked(payments)
    number = await made.plan(hours=30)
    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number)
    await actions.open_checkout(charge_id)
    await actions.cancel_checkout(charge_id)
    assert (await due(number))["status"] == "planned"
    async with transaction(payments.ben) as tx:
        again = await actions.pay_due(tx, payments.ben, number, Way(made.card))
    await actions.cancel_checkout(again)  # never begun with the bank
    assert (await due(number))["status"] == "planned"


async def test_without_a_card_both_are_told(payments, heard):
    made = await booked(payments)
    number = await made.plan()
    await actions.remove_method(payments.ben, made.card)
    await run()
    assert (await due(number))["problem"] == "no_card"
    assert DueFailed(number, 1) in heard
    async with transaction(payments.ben) as tx:
        (view,) = await queries.upcoming(tx, payments.ben)
    assert view.problem == "No card is saved."
    assert view.payable


async def test_a_crash_between_asking_and_charging_loses_nothing(payments, monkeypatch):
    made = await booked(payments)
    number = await made.plan()

    async def fall(_charge_id: int) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(collect_module, "pay", fall)
        await actions.collect_dues()
        await outbox.drain()
    assert (await due(number))["status"] == "asked"
    charge = await one("SELECT id, status FROM charges WHERE part = 'rest'")
    assert charge["status"] == "created"
    await actions.charge_due(charge["id"])
    assert (await due(number))["status"] == "paid"
    await check_books()


async def test_called_off_nothing_is_asked_and_what_was_paid_comes_back_newest_first(payments):
    made = await booked(payments)
    await made.plan()
    await run()
    async with transaction(WORKER) as tx:
        keep = Money(2000, "USD")
        given = await actions.give_back(tx, made.payable, keep=keep, reason="test")
    assert given == Money(8000, "USD")
    await outbox.drain()
    parts = await rows("SELECT part, refunded FROM charges ORDER BY id")
    assert [(one["part"], one["refunded"]) for one in parts] == [("deposit", 1000), ("rest", 7000)]
    assert (await balances())["coach_pending", "USD"] == -1700
    async with transaction(WORKER) as tx:
        assert await actions.give_back(tx, made.payable, reason="test") == Money(2000, "USD")
        assert await actions.give_back(tx, made.payable, reason="test") is None
    await outbox.drain()
    await check_books()


async def test_a_rest_that_is_called_off_while_the_card_is_asked_comes_back(payments):
    made = await booked(payments)
    number = await made.plan()
    await actions.collect_dues()
    await made.did(actions.call_off)
    assert (await due(number))["status"] == "cancelled"
    charge = await one("SELECT id FROM charges WHERE part = 'rest'")
    await actions.charge_due(charge["id"])
    await outbox.drain()
    found = await one("SELECT * FROM charges WHERE part = 'rest'")
    assert found["status"] in ("refunded", "cancelled")
    await run()
    assert (await due(number))["status"] == "cancelled"


async def test_paid_in_person_moves_no_money_and_is_only_the_coachs_to_say(payments):
    made = await booked(payments)
    number = await made.plan(how="in_person")
    await run()
    assert (await due(number))["status"] == "planned"  # no job asks for it
    before = await balances()
    with pytest.raises(NotFound):
        async with transaction(payments.ben) as tx:
            await actions.pay_in_person(tx, payments.ben, number)
    for _ in range(2):
        async with transaction(payments.ada) as tx:
            await actions.pay_in_person(tx, payments.ada, number)
    assert (await due(number))["status"] == "in_person"
    assert await balances() == before
    async with transaction(Actor.system_job("audit.read")) as tx:
        found = await tx.db.scalars(
            text("SELECT actor FROM audit_entries WHERE verb = 'due.in_person'")
        )
        assert list(found) == [payments.ada.label]
    async with transaction(payments.ada) as tx:
        moments = await queries.money_of(tx, payments.ada, made.payable)
    assert [(m.kind, m.part) for m in moments] == [("paid", "deposit"), ("in_person", "rest")]
    await made.did(actions.call_off)
    assert (await due(number))["status"] == "in_person"


async def test_what_is_not_for_the_platform_to_take_is_not_paid_through_it(payments):
    """The page shows no button for it; the action refuses by itself."""
    made = await booked(payments)
    number = await made.plan(how="in_person")
    with pytest.raises(PaidInPerson):
        async with transaction(payments.ben) as tx:
            await actions.pay_due(tx, payments.ben, number, Way(made.card))
    made = await booked(payments, n=2)
    number = await made.plan()
    await can_be_paid(payments.ada, "restricted")
    with pytest.raises(NotSelling):
        async with transaction(payments.ben) as tx:
            await actions.pay_due(tx, payments.ben, number)
    assert len(await rows("SELECT 1 FROM charges WHERE part = 'rest'")) == 0
    await can_be_paid(payments.ada)
    async with transaction(payments.ben) as tx:
        assert await actions.pay_due(tx, payments.ben, number)


async def test_strangers_neither_see_nor_pay(payments, cleo):
    made = await booked(payments)
    number = await made.plan()
    async with transaction(cleo) as tx:
        assert await queries.upcoming(tx, cleo) == []
        assert await queries.dues_of(tx, made.payable) == []
    for verb in (actions.pay_due, actions.pay_in_person):
        with pytest.raises(NotFound):
            async with transaction(cleo) as tx:
                await verb(tx, cleo, number)
    with pytest.raises(NotFound):
        async with transaction(payments.ada) as tx:
            await actions.pay_due(tx, payments.ada, number)


async def held(payments) -> tuple[Booked, int]:
    made = Booked(payments, 7, Money(2000, "USD"), 0, await saved(payments))
    number = await made.plan("no_show")
    await run()
    assert (await due(number))["status"] == "held"
    return made, number


async def test_a_hold_is_no_money_until_it_is_taken(payments):
    made, number = await held(payments)
    assert await balances() == {}
    async with transaction(payments.ben) as tx:
        page = await queries.history(tx, payments.ben, queries.HistoryFilter(status="held"))
        assert [line.status_text for line in page.lines] == ["Held, not charged"]
        assert await queries.totals(tx, payments.ben, queries.HistoryFilter()) == []
    await made.did(actions.missed)
    await made.did(actions.missed)
    await run()
    assert (await due(number))["status"] == "paid"
    charge = await one("SELECT id, status FROM charges")
    assert charge["status"] == "succeeded"
    assert await kinds(charge["id"]) == {"charge": 1, "processing_fee": 1, "delivery": 1}
    assert (await balances())["coach_pending", "USD"] == -1700


async def test_a_hold_is_let_go_when_it_is_called_off_or_over(payments, at):
    at("2026-11-21T12:00Z")
    made, number = await held(payments)
    await made.did(actions.call_off)
    await run()
    assert (await due(number))["status"] == "released"
    assert (await one("SELECT status FROM charges"))["status"] == "released"
    assert await balances() == {}


async def test_a_hold_that_nobody_needed_ends_by_itself(payments, at):
    at("2026-11-21T12:00Z")
    _, number = await held(payments)
    at("2026-11-24T12:00:01Z")
    for _ in range(2):  # two jobs that saw it at once
        await collect_module._free(number)
    await run()
    assert (await due(number))["status"] == "released"


async def asked_and_called_off(payments, made: Booked, number: int) -> None:
    """The card is being asked when it is called off, and answers after that."""
    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number, Way(made.card))
    ended = text("UPDATE dues SET status = 'cancelled' WHERE id = :id")
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(ended, {"id": number})
    await actions.pay(charge_id)


async def test_a_hold_that_comes_after_it_was_called_off_is_let_go(payments):
    made = Booked(payments, 7, Money(2000, "USD"), 0, await saved(payments))
    number = await made.plan("no_show")
    await asked_and_called_off(payments, made, number)
    assert (await due(number))["status"] == "letting_go"
    await run()
    assert (await due(number))["status"] == "released"
    assert await balances() == {}


async def test_a_no_of_the_card_after_it_was_called_off_is_not_told(payments, heard):
    made = await booked(payments)
    made.card = await saved(payments, DECLINES)
    number = await made.plan(hours=30)
    with pytest.raises(PaymentRefused):
        await asked_and_called_off(payments, made, number)
    assert (await due(number))["status"] == "cancelled"
    assert not [one for one in heard if isinstance(one, DueFailed)]


async def test_paid_by_card_and_on_the_page_the_second_comes_back(payments):
    made = await booked(payments)
    number = await made.plan(hours=30)
    async with transaction(payments.ben) as tx:
        first = await actions.pay_due(tx, payments.ben, number)
    url = await actions.open_checkout(first)
    async with transaction(payments.ben) as tx:
        second = await actions.pay_due(tx, payments.ben, number, Way(made.card))
    await actions.pay(second)
    await payments.sandbox.pay(url)
    await run()
    assert (await due(number))["status"] == "paid"
    found = [await payments.charge(charge_id) for charge_id in (first, second)]
    assert [one["refunded"] for one in found] == [7000, 0]
    await check_books()


async def test_a_rest_whose_session_comes_nearer_is_asked_for_at_once(payments):
    made = await booked(payments)
    number = await made.plan(hours=30)
    async with transaction(WORKER) as tx:
        await actions.move_dues(tx, made.payable, timedelta(hours=-40))
    await run()
    assert (await due(number))["status"] == "paid"


async def test_what_a_bank_took_back_is_not_given_back_again(payments):
    made = await booked(payments)
    await made.plan()
    await run()
    rest = await one("SELECT id FROM charges WHERE part = 'rest'")
    dispute_id = await opened(payments, rest["id"])
    await control.act("decide_dispute", id=dispute_id, won=False)
    await actions.sync_dispute(dispute_id)
    async with transaction(WORKER) as tx:
        assert await actions.give_back(tx, made.payable, reason="test") == Money(3000, "USD")
    await outbox.drain()
    await check_books()


async def test_only_a_rest_can_be_paid_in_person(payments):
    _, number = await held(payments)
    with pytest.raises(NothingDue):
        async with transaction(payments.ada) as tx:
            await actions.pay_in_person(tx, payments.ada, number)


async def test_the_job_charges_what_has_come_and_a_due_that_is_not_there_is_said(payments):
    made = await booked(payments)
    number = await made.plan()
    await jobs.collect({})
    await outbox.drain()
    assert (await due(number))["status"] == "paid"
    with pytest.raises(NotFound):
        async with transaction(WORKER) as tx:
            await queries.due(tx, number + 1)


async def test_a_hold_that_the_bank_let_go_is_told_when_it_is_taken(payments, heard):
    made, number = await held(payments)
    intent = (await one("SELECT intent_id FROM charges"))["intent_id"]
    await client.cancel_intent(intent, key="test")
    async with transaction(WORKER) as tx:
        await actions.missed(tx, made.payable)
    await actions.finish_due(number)
    assert (await due(number))["status"] == "released"
    assert DueFailed(number, 1) in heard
    async with transaction(payments.ben) as tx:
        (view,) = await queries.dues_of(tx, made.payable)
    assert view.problem == "The bank had let go of it already."
    await check_books()


async def test_taking_goes_on_where_stripe_was_away(payments, at):
    at("2026-11-21T12:00Z")
    made, number = await held(payments)
    await control.switch(outage={"mode": "500", "calls": 20})
    await made.did(actions.missed)
    await actions.collect_dues()
    assert (await due(number))["status"] == "taking"
    at("2026-11-21T12:03Z")
    assert await actions.collect_dues() == 1
    assert (await due(number))["status"] == "taking"
    await control.switch(outage=None)
    await actions.collect_dues()
    assert (await due(number))["status"] == "paid"
    await outbox.drain()
    await check_books()


async def test_a_missed_session_without_a_hold_asks_for_nothing(payments):
    made = await booked(payments)
    rest = await made.plan(hours=30)
    fee = await made.plan("no_show", hours=30)
    await made.did(actions.missed)
    assert {(await due(rest))["status"], (await due(fee))["status"]} == {"cancelled"}


async def test_a_hold_on_a_declining_card_can_be_put_on_another(payments, heard):
    bad = await saved(payments, DECLINES)
    made = Booked(payments, 8, Money(2000, "USD"), 0, bad)
    number = await made.plan("no_show")
    await run()
    assert DueFailed(number, 1) in heard
    async with transaction(payments.ada) as tx:
        (view,) = await queries.dues_of(tx, made.payable)
    assert view.problem == decline_words((await due(number))["problem"])
    good = await saved(payments)
    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number, Way(bad))
    with pytest.raises(PaymentRefused):
        await actions.pay(charge_id)
    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number, Way(good))
    await actions.pay(charge_id)
    assert (await due(number))["status"] == "held"


async def test_a_hold_can_be_put_on_the_page(payments):
    made = Booked(payments, 9, Money(2000, "USD"), 0, await saved(payments))
    number = await made.plan("no_show")
    async with transaction(payments.ben) as tx:
        charge_id = await actions.pay_due(tx, payments.ben, number)
    answer = await actions.pay(charge_id)
    await payments.sandbox.pay(answer.url)
    await actions.check_charge(charge_id)
    assert (await due(number))["status"] == "held"
    assert await balances() == {}
