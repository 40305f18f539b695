"""Figures of earnings: each equals a fresh sum of the ledger, whatever happened before."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.queries import Period
from loom_app.domains.scheduling import queries as scheduling
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.money import Money
from tests.domains.payments.coaches import (
    active_account,
    ask,
    check_payouts,
    earn,
    fund,
    payout,
)
from tests.domains.payments.helpers import balances, rows
from tests.sizes import HISTORIES

EVER = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


async def figures(coach):
    async with transaction(coach) as tx:
        return {one.currency: one for one in await queries.earnings(tx, coach)}


async def test_money_moves_from_figure_to_figure_and_none_is_lost(payments):
    await fund()
    await active_account(payments.ada)
    charge_id = await payments.pay(Money(10000, "USD"), "4000000000000077")
    one = (await figures(payments.ada))["USD"]
    assert (one.upcoming.minor, one.earned.minor) == (10000, 0)
    async with transaction(payments.ada) as tx:
        assert await queries.next_release(tx, payments.ada) is None
    await payments.deliver(charge_id)
    one = (await figures(payments.ada))["USD"]
    assert (one.upcoming.minor, one.pending.minor, one.fees.minor) == (0, 8500, 1500)
    async with transaction(payments.ada) as tx:
        at = await queries.next_release(tx, payments.ada)
    assert at is not None
    assert timedelta(hours=23) < at - clock.now() < timedelta(hours=25)
    await earn(payments, 20000)
    assert (await figures(payments.ada))["USD"].available.minor == 17000
    number = await ask(payments.ada)
    one = (await figures(payments.ada))["USD"]
    assert (one.available.minor, one.on_the_way.minor) == (0, 17000)
    await actions.carry_out_payout(number)
    assert (await figures(payments.ada))["USD"].on_the_way.minor == 17000
    for _ in range(2):
        await control.act("move_payout", id=(await payout(number))["processor_id"])
    await actions.carry_out_payout(number)
    one = (await figures(payments.ada))["USD"]
    assert (one.on_the_way.minor, one.paid_out.minor, one.earned.minor) == (0, 17000, 25500)


async def test_shares_by_time_and_client_and_movement_agree(payments, cleo):
    for minor in (10000, 5000):
        await earn(payments, minor)
    charge_id = await earn(payments, 4000, "EUR")
    await actions.carry_out_refund(await payments.refund(charge_id, 1000))
    ada = payments.ada
    async with transaction(ada) as tx:
        bars = {
            bar.share.net.currency: bar for bar in await queries.earned_by(tx, ada, "week", EVER)
        }
        clients = await queries.earned_by_client(tx, ada, EVER)
        first = await queries.earning_lines(tx, ada, EVER, most=2)
        rest = await queries.earning_lines(tx, ada, EVER, after=first[-1])
        offerings = await scheduling.earned_by_offering(tx, ada, EVER)
        folded = await scheduling.earned_by_offering(tx, ada, EVER, most=0)
    assert [one.title for one in offerings] == ["Focus session with Ada"] * 2
    assert [one.title for one in folded] == ["", ""]
    for found in (offerings, folded):
        assert {one.share.net.currency: one.share for one in found} == {
            bar.share.net.currency: bar.share for bar in bars.values()
        }
    assert bars["USD"].share.net == Money(12750, "USD")
    assert bars["EUR"].share.net == Money(2550, "EUR")
    assert bars["USD"].start.weekday() == 0
    assert {one.share.net.currency: one.sales for one in clients} == {"USD": 2, "EUR": 1}
    assert [line.kind for line in (*first, *rest)] == ["delivery"] * 3 + ["refund"]
    assert rest[-1].share.gross == Money(-1000, "EUR")
    assert queries.line_words("refund") != queries.line_words("unheard_of")
    async with transaction(cleo) as tx:
        assert await queries.earnings(tx, cleo) == []
        assert await queries.earned_by_client(tx, cleo, EVER) == []
        assert await queries.earning_lines(tx, cleo, EVER) == []


@pytest.mark.parametrize(
    ("word", "first"),
    [("month", date(2026, 11, 1)), ("year", date(2026, 1, 1)), ("nonsense", date(2000, 1, 1))],
)
def test_a_period_begins_by_the_coachs_clock(word, first):
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    found = queries.period_of(word, now, "Europe/Berlin")
    assert found.since.astimezone(UTC).date() == first - timedelta(days=1)
    assert found.until == datetime(2026, 11, 22, 23, tzinfo=UTC)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "pay", "refund", "pay out", "arrive", "fail", "retry"]),
        st.integers(60, 30000),
        st.sampled_from(["USD", "JPY", "KWD"]),
    ),
    min_size=4,
    max_size=10,
)


@settings(
    max_examples=HISTORIES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
async def test_any_history_leaves_figures_that_are_sums(payments, steps):
    await active_account(payments.ada)
    for currency in ("usd", "jpy", "kwd"):
        await fund(1_000_000, currency)
    async with transaction(payments.ada) as tx:
        await actions.save_schedule(tx, payments.ada, interval="manual", anchor=0, minimum=1)
    for step, minor, currency in steps:
        await _do(payments, step, minor, currency)
        await check_payouts()
        await check_figures(payments.ada)


async def _do(payments, step, minor, currency):
    with contextlib.suppress(DomainError):
        if step == "earn":
            await earn(payments, minor, currency)
        elif step == "pay":
            await payments.pay(Money(minor, currency))
        elif step == "refund":
            for row in await rows("SELECT id FROM charges WHERE paid_at IS NOT NULL LIMIT 1"):
                await actions.carry_out_refund(await payments.refund(row["id"]))
        elif step == "pay out":
            await actions.carry_out_payout(await ask(payments.ada, currency))
        else:
            await _move(payments, step)


async def _move(payments, step):
    for row in await rows("SELECT * FROM payouts ORDER BY id DESC LIMIT 1"):
        await _move_one(payments, step, row)


async def _move_one(payments, step, row):
    if step == "retry":
        async with transaction(payments.ada) as tx:
            await actions.retry_payout(tx, payments.ada, row["id"])
        await actions.carry_out_payout(row["id"])
    elif row["processor_id"] and row["status"] in ("in_transit", "paid"):
        more = {"to": "failed"} if step == "fail" else {}
        if step == "fail" or row["status"] == "in_transit":
            await control.act("move_payout", id=row["processor_id"], **more)
        await actions.carry_out_payout(row["id"])
        account = await rows("SELECT processor_id FROM payout_accounts")
        await actions.sync_payout(row["processor_id"], account[0]["processor_id"])


async def check_figures(coach):
    """The page's figures against plain sums of whole accounts, and payouts against the ledger."""
    found, sums = await figures(coach), await balances()

    def total(kind, currency):
        return -sums.get((kind, currency), 0)

    paid = await rows(
        "SELECT currency, sum(amount) AS n FROM payouts WHERE status='paid' GROUP BY 1"
    )
    arrived = {row["currency"]: row["n"] for row in paid}
    for currency, one in found.items():
        assert one.upcoming.minor == total("deferred", currency)
        assert one.pending.minor == total("coach_pending", currency)
        assert one.paid_out.minor == arrived.get(currency, 0)
        assert one.available.minor + one.on_the_way.minor == total(
            "coach_payable", currency
        ) + total("coach_balance", currency)
    fees = await rows(
        "SELECT e.currency, -sum(e.amount) AS n FROM ledger_entries e JOIN ledger_accounts a"
        " ON a.id = e.account_id WHERE a.kind = 'platform_fee_income' GROUP BY 1"
    )
    for row in fees:
        assert found[row["currency"]].fees.minor == row["n"]
