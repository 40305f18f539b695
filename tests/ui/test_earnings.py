"""The pages of earnings as a coach's tab sees them."""

from datetime import date

import pytest

from loom_app.domains.payments import actions
from loom_app.domains.payments.queries import Bar, Share
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.earnings import rows
from loom_app.ui.earnings.account_state import AccountState, minor_of
from loom_app.ui.earnings.disputes_state import DisputesState
from loom_app.ui.earnings.payouts_state import PayoutsState
from loom_app.ui.earnings.state import EarningsState
from tests.domains.payments.coaches import account, active_account, earn, fund, give_bank, payout
from tests.domains.payments.conftest import heard
from tests.domains.payments.helpers import Payments, one
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab

__all__ = ["contract", "heard", "sandbox"]


@pytest.fixture
async def world(db, sandbox):
    return Payments(sandbox, await make_user(name="Ada", roles=["coach"]), await make_user())


async def test_what_is_available_is_paid_out_from_the_page(world):
    await fund()
    await active_account(world.ada)
    await earn(world)
    async with Tab(app, world.ada) as tab:
        await tab.visit("/earnings?period=year&by=month", EarningsState.load)
        state = await tab.state(EarningsState)
        assert (state.period, state.unit, state.account_note) == ("year", "month", "")
        (figures,) = state.figures
        assert (figures.available, figures.can_pay_out, figures.fees) == ("$85", True, "$15")
        assert [share.net for share in state.clients] == ["$85"]
        assert state.charts[0].bars[-1].net == "$85"
        await tab.do(EarningsState.pay_out("USD"))
        (figures,) = (await tab.state(EarningsState)).figures
        assert (figures.available, figures.on_the_way) == ("$0", "$85")
        await tab.visit("/earnings/payouts", PayoutsState.load)
        (shown,) = (await tab.state(PayoutsState)).payouts
        assert (shown.amount, shown.status, len(shown.lines)) == ("$85", "Being prepared", 1)


async def test_a_failed_payout_says_why_and_is_sent_again(world):
    await fund()
    account_id = await active_account(world.ada)
    await earn(world)
    async with Tab(app, world.ada) as tab:
        await tab.visit("/earnings", EarningsState.load)
        await tab.do(EarningsState.pay_out("USD"))
        number = (await one("SELECT id FROM payouts"))["id"]
        await actions.carry_out_payout(number)
        failed = (await payout(number))["processor_id"]
        await control.act("move_payout", id=failed, to="failed", code="account_closed")
        await actions.sync_payout(failed, account_id)
        await give_bank(account_id, "000123456789")
        await tab.visit("/earnings/payouts", PayoutsState.load)
        (shown,) = (await tab.state(PayoutsState)).payouts
        assert (shown.can_retry, "closed" in shown.problem) == (True, True)
        await tab.do(PayoutsState.retry(number))
        (shown,) = (await tab.state(PayoutsState)).payouts
        assert (shown.can_retry, shown.problem) == (False, "")


async def test_an_account_is_begun_and_its_schedule_changed(world):
    async with Tab(app, world.ada) as tab:
        await tab.visit("/earnings/account?back=1", AccountState.load)
        state = await tab.state(AccountState)
        assert (state.loaded, state.status, bool(state.note)) == (True, "", True)
        await tab.do(AccountState.begin({"country": "US", "currency": "USD"}))
        assert (await account(world.ada))["status"] == "new"
        await actions.onboarding_link(world.ada)
        await tab.visit("/earnings/account?back=1", AccountState.load)
        state = await tab.state(AccountState)
        assert "Your date of birth" in [row.words for row in state.missing]
        assert state.status in ("started", "restricted")
        form = {"interval": "monthly", "weekday": "0", "day": "31", "minimum": "40,50"}
        await tab.do(AccountState.choose("monthly"))
        await tab.do(AccountState.save(form))
        row = await account(world.ada)
        assert (row["interval"], row["anchor"], row["minimum"]) == ("monthly", 31, 4050)
        await tab.do(AccountState.save(form | {"minimum": "a lot"}))
        assert "minimum" in (await tab.state(AccountState)).errors


async def test_a_client_is_sent_to_their_own_pages(world):
    pages = (
        ("/earnings", EarningsState),
        ("/earnings/payouts", PayoutsState),
        ("/earnings/account", AccountState),
    )
    for path, state in pages:
        async with Tab(app, world.ben) as tab:
            await tab.visit(path, state.load)
            assert tab.redirected_to() == "/sessions"


@pytest.mark.parametrize(
    ("typed", "currency", "minor"), [("25", "USD", 2500), ("25", "JPY", 25), ("1,5", "KWD", 1500)]
)
def test_an_amount_as_people_type_it(typed, currency, minor):
    assert minor_of(typed, currency) == minor


@pytest.mark.parametrize("typed", ["", "x", "1.005", "NaN", "1e40", "Infinity"])
def test_what_is_no_amount(typed):
    with pytest.raises(Invalid):
        minor_of(typed, "USD")


def test_bars_are_of_one_currency_each_and_months_cross_the_year():
    def bar(month, minor, currency):
        share = Share(Money(minor, currency), Money(0, currency))
        return Bar(date(2026, month, 1), share)

    found = rows.chart_rows(
        [bar(1, 500, "USD"), bar(2, 1000, "USD"), bar(2, 7, "JPY"), bar(2, -5, "EUR")],
        "month",
        date(2026, 2, 14),
    )
    assert [chart.currency for chart in found] == ["JPY", "USD"]
    usd = found[1].bars
    assert (len(usd), usd[-1].height, usd[-2].height) == (12, "8.00rem", "4.00rem")
    assert usd[0].label == "Mar"


@pytest.mark.parametrize("state", [EarningsState, PayoutsState, DisputesState, AccountState])
async def test_a_page_that_could_not_be_read_says_so_and_is_read_at_the_next_try(
    db, monkeypatch, state
):
    async def fail(*_, **__):
        raise OSError("the database is away")

    ada = await make_user(name="Ada", roles=["coach"])
    async with Tab(app, ada) as tab:
        with monkeypatch.context() as away:
            away.setattr(state, "_fill", fail)
            await tab.visit("/earnings", state.load)
        shown = await tab.state(state)
        assert (shown.loaded, shown.broken) == (False, True)
        await tab.do(state.load())
        assert (shown.loaded, shown.broken) == (True, False)
