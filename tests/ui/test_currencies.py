"""Money without two decimals, from the client's card to the coach's bank, and what pages say."""

from dataclasses import dataclass
from typing import Any

import pytest

from loom_app.domains.payments import actions
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.earnings.payouts_state import PayoutsState
from loom_app.ui.earnings.state import EarningsState
from loom_app.ui.payments.history_state import HistoryState
from loom_app.ui.payments.payment_state import PaymentState
from tests.domains.payments.coaches import (
    BYPASS,
    active_account,
    ask,
    check_payouts,
    free,
    payout,
)
from tests.domains.payments.conftest import heard
from tests.domains.payments.helpers import Payments, balances, check_books
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab

__all__ = ["contract", "heard", "sandbox"]
KWD = "KWD\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Said:
    """What the pages say of a price of 12,340 of which 5,000 went back, in minor units."""

    price: str
    back: str
    left: str
    fee: str
    net: str


SAID = {
    "JPY": Said("¥12,340", "¥5,000", "¥7,340", "¥1,101", "¥6,239"),
    "KWD": Said(f"{KWD}12.340", f"{KWD}5", f"{KWD}7.340", f"{KWD}1.101", f"{KWD}6.239"),
}


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
async def test_paid_refunded_in_part_released_and_paid_out(db, sandbox, currency):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    payments = Payments(sandbox, ada, ben)
    account_id = await active_account(ada, currency)
    async with transaction(ada) as tx:  # the papers' own decimals
        await actions.save_billing(tx, ada, name="", address="", tax_name="VAT", tax_bps=1900)
    charge_id = await payments.pay(Money(12_340, currency), BYPASS)
    await check_books()
    await payments.deliver(charge_id)
    await payments.refund(charge_id, 5000)
    await outbox.drain()
    await check_books()
    await the_client_reads(ben, charge_id, SAID[currency])
    await free(charge_id)
    await check_books()
    async with Tab(app, ada) as tab:
        await tab.visit("/earnings?period=all", EarningsState.load)
        what_was_earned(await tab.state(EarningsState), currency)
        await paid_out(ada, account_id, currency)
        await tab.visit("/earnings/payouts", PayoutsState.load)
        (shown,) = (await tab.state(PayoutsState)).payouts
        assert (shown.amount, shown.status) == (SAID[currency].net, "Paid out")
    assert ("coach_balance", currency) not in await balances()
    await check_payouts()
    await check_books()
    assert await actions.reconcile() == []


async def the_client_reads(ben: Actor, charge_id: int, said: Said) -> None:
    async with Tab(app, ben) as tab:
        await tab.visit("/payments", HistoryState.load)
        state = await tab.state(HistoryState)
        assert [row.amount for row in state.rows] == [said.price]
        assert [(one.paid, one.refunded) for one in state.totals] == [(said.price, said.back)]
        await tab.visit(f"/payments/{charge_id}", PaymentState.load)
        page = await tab.state(PaymentState)
        assert (page.row.amount, page.refundable) == (said.price, said.left)
        assert [one.amount for one in page.refunds] == [said.back]
        assert len(page.papers) == 2


def what_was_earned(state: Any, currency: str) -> None:
    said = SAID[currency]
    (figures,) = state.figures
    shown = (figures.currency, figures.available, figures.fees)
    assert shown == (currency, said.net, said.fee)
    for shares in (state.clients, state.offerings):
        assert [(one.net, one.fee) for one in shares] == [(said.net, said.fee)]


async def paid_out(ada: Actor, account_id: str, currency: str) -> None:
    number = await ask(ada, currency)
    await actions.carry_out_payout(number)
    sent = (await payout(number))["processor_id"]
    for _ in range(2):
        await control.act("move_payout", id=sent)
    await actions.sync_payout(sent, account_id)
