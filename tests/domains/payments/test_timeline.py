"""The way of one session's money, as its client and its coach see it."""

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Payable
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from tests.domains.payments.coaches import active_account, ask, earn, fund, payout
from tests.domains.payments.test_disputes import opened


async def seen(payments, me, charge_id):
    charge = await payments.charge(charge_id)
    async with transaction(me) as tx:
        found = await queries.money_of(tx, me, Payable("seat", charge["payable_id"]))
    return [(one.kind, one.amount.minor) for one in found], found


async def test_from_the_payment_to_the_bank_and_back(payments, cleo):
    await fund()
    account_id = await active_account(payments.ada)
    charge_id = await earn(payments, 10000)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    sent = (await payout(number))["processor_id"]
    for _ in range(2):
        await control.act("move_payout", id=sent)
    await actions.sync_payout(sent, account_id)
    await control.act("move_payout", id=sent, to="failed", code="account_closed")
    await actions.sync_payout(sent, account_id)
    await actions.carry_out_refund(await payments.refund(charge_id, 4000, reason="duplicate"))
    steps, moments = await seen(payments, payments.ada, charge_id)
    assert steps == [
        ("paid", 10000),
        ("fee", 1500),
        ("pending", 8500),
        ("available", 8500),
        ("payout", 8500),
        ("arrived", 8500),
        ("returned", 8500),
        ("refunded", 4000),
    ]
    assert moments[2].until is not None
    assert moments[-1].reason == "duplicate"
    assert (await seen(payments, payments.ben, charge_id))[0] == [
        ("paid", 10000),
        ("refunded", 4000),
    ]
    assert (await seen(payments, cleo, charge_id))[0] == []


async def test_what_a_bank_asks_and_decides_is_told_to_both(payments):
    """Not by Stripe's fee, which is the platform's."""
    for won, end in ((False, "dispute_lost"), (True, "dispute_won")):
        charge_id = await payments.pay()
        found = await opened(payments, charge_id)
        await actions.sync_dispute(found)
        async with transaction(payments.ben) as tx:
            page = await queries.payment(tx, payments.ben, charge_id)
        assert (page.line.status, page.refundable.minor) == ("disputed", 0)
        await control.act("decide_dispute", id=found, won=won)
        await actions.sync_dispute(found)
        for me in (payments.ben, payments.ada):
            steps = (await seen(payments, me, charge_id))[0]
            assert steps == [("paid", 12000), ("disputed", 12000), (end, 12000)]
        async with transaction(payments.ben) as tx:
            page = await queries.payment(tx, payments.ben, charge_id)
            paid = await queries.history(tx, payments.ben, queries.HistoryFilter(status="paid"))
        left = 12000 if won else 0
        assert page.refundable.minor == left
        assert page.line.refunded.minor == 12000 - left
        assert page.line.status_text == ("Paid" if won else "Taken back by the bank")
        assert [line.id for line in paid.lines] == ([charge_id] if won else [])
