"""A payout that failed and whose transfer was taken back: the money is the coach's to ask for."""

import pytest

from loom_app.domains.payments import actions
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.coaches import BYPASS, active_account, ask, check_payouts, earn, payout
from tests.domains.payments.helpers import Payments, balances, check_books, rows


async def sent(payments: Payments) -> tuple[str, int]:
    """A payout on its way to the bank, and enough on Loom's own balance; account and number."""
    await payments.pay(Money(90000, "USD"), BYPASS)
    account_id = await active_account(payments.ada)
    await earn(payments)
    number = await ask(payments.ada)
    await actions.carry_out_payout(number)
    return account_id, number


async def taken_back(number: int) -> None:
    """The bank would not take it, and staff then took the transfer back in Stripe's dashboard."""
    row = await payout(number)
    await control.act("move_payout", id=row["processor_id"], to="failed", code="account_closed")
    await client.reverse_transfer(row["transfer_id"], key="loom:back:1")


# p: payout.failed, t: transfer.reversed; what is not heard, the daily look finds
@pytest.mark.parametrize("told", ["pt", "tp", "tpt", "ttpp", "p", "t", ""])
@pytest.mark.parametrize("was", ["in_transit", "paid"])
async def test_it_is_the_coachs_again_in_whatever_order_stripe_tells(payments, told, was):
    account_id, number = await sent(payments)
    row = await payout(number)
    if was == "paid":
        for _ in range(2):
            await control.act("move_payout", id=row["processor_id"])
        await actions.sync_payout(row["processor_id"], account_id)
    await taken_back(number)
    for letter in told:
        if letter == "p":
            assert await actions.sync_payout(row["processor_id"], account_id)
        else:
            assert await actions.sync_transfer(row["transfer_id"])
    if "p" in told:
        assert (await payout(number))["status"] == "canceled"
    assert await actions.reconcile() == []
    after = await payout(number)
    assert (after["status"], after["failure_code"]) == ("canceled", "pulled_back")
    found = await balances()
    assert found["coach_payable", "USD"] == -8500
    assert ("stripe_connected", "USD") not in found
    assert ("coach_balance", "USD") not in found
    await check_books()
    await check_payouts()
    assert (await payout(await ask(payments.ada)))["amount"] == 8500


async def test_what_was_taken_back_is_not_sent_again_from_where_it_no_longer_is(payments):
    account_id, number = await sent(payments)
    row = await payout(number)
    await control.act("move_payout", id=row["processor_id"], to="failed", code="account_closed")
    await actions.sync_payout(row["processor_id"], account_id)
    await client.reverse_transfer(row["transfer_id"], key="loom:back:1")
    async with transaction(payments.ada) as tx:  # before anybody has heard of that
        await actions.retry_payout(tx, payments.ada, number)
    await actions.carry_out_payout(number)
    assert (await payout(number))["status"] == "canceled"
    await check_books()
    assert (await payout(await ask(payments.ada)))["amount"] == 8500


async def test_a_part_that_was_taken_back_is_left_for_staff_to_look_at(payments):
    _account, number = await sent(payments)
    row = await payout(number)
    await control.act("move_payout", id=row["processor_id"], to="failed", code="account_closed")
    back = Money(500, "USD")
    await client.reverse_transfer(row["transfer_id"], key="loom:back:1", amount=back)
    assert await actions.sync_transfer(row["transfer_id"])
    found = {one.kind for one in await actions.reconcile()}
    assert found == {"missing_in_ledger", "totals_differ"}
    assert (await payout(number))["status"] == "failed"
    assert len(await rows("SELECT 1 FROM payout_items")) == 1
