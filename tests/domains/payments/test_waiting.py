"""A payout that Stripe has no money for: it waits, the coach reads so, and staff is told once."""

from datetime import timedelta

from sqlalchemy import text

from loom_app.domains.payments import actions, events, queries
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.ui.earnings.rows import payout_row
from tests.domains.payments.coaches import active_account, ask, check_payouts, free, payout
from tests.domains.payments.helpers import Payments, balances

DAY = 24 * 3600


async def short(payments: Payments) -> int:
    """Earned, and asked for while the client's money is not at Stripe yet."""
    await active_account(payments.ada)
    charge_id = await payments.pay(Money(10000, "USD"))
    await payments.deliver(charge_id)
    await free(charge_id)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    return number


async def longer(number: int, by: timedelta) -> None:
    async with transaction(Actor.system_job("payments.test")) as tx:
        values = {"id": number, "by": by}
        await tx.db.execute(
            text("UPDATE payouts SET waits_since = waits_since - :by WHERE id = :id"), values
        )
    for _ in range(2):
        await actions.carry_out_payout(number)


async def reads(payments: Payments) -> tuple[str, str]:
    async with transaction(payments.ada) as tx:
        (one,), _ = await queries.payouts(tx, payments.ada)
    row = payout_row(one, [], "Europe/Berlin")
    return row.note, row.problem


async def test_who_waits_too_long_is_told_of_once_and_is_paid_in_the_end(payments, heard):
    number = await short(payments)
    told = events.PayoutWaits(number, payments.ada.person_id)
    note, problem = await reads(payments)
    assert ("Waits until your clients' money" in note, problem) == (True, "")
    patience = timedelta(hours=settings().payout_wait_hours)
    await longer(number, patience - timedelta(minutes=1))
    assert told not in heard
    await longer(number, timedelta(minutes=2))
    await longer(number, timedelta(days=9))
    assert heard.count(told) == 1
    _, problem = await reads(payments)
    assert "longer than it should" in problem
    assert (await payout(number))["status"] == "requested"
    await control.advance(4 * DAY)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "in_transit"
    assert "Expected on" in (await reads(payments))[0]
    assert (await reads(payments))[1] == ""
    assert ("coach_payable", "USD") not in await balances()
    await check_payouts()


async def test_what_never_waited_says_nothing_of_it(payments, heard):
    number = await short(payments)
    await control.advance(4 * DAY)
    await actions.carry_out_payout(number)
    await actions.carry_out_payout(number)
    assert not any(isinstance(one, events.PayoutWaits) for one in heard)
    assert (await payout(number))["waits_since"] is None
