"""The database itself keeps the books: unbalanced, edited, deleted and late entries are refused."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from loom_app.domains.payments import actions
from loom_app.domains.payments.errors import NothingToRefund, RefundTooHigh
from loom_app.domains.payments.ledger.post import Leg, post, reverse
from loom_app.domains.payments.models import Charge
from loom_app.integrations.stripe import client
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import AUDITOR, check_books, rows
from tests.sizes import HISTORIES


async def legs(charge: Charge | None, *legs: Leg, ref: str = "test") -> bool:
    async with transaction(AUDITOR) as tx:
        return await post(tx, "test", ref, legs, charge=charge)


NOBODY = Charge(payable_kind="seat", payable_id=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "wrong",
    [
        [Leg("stripe_platform", Money(1, "USD"))],
        [Leg("stripe_platform", Money(1, "USD")), Leg("deferred", Money(-2, "USD"))],
        [Leg("stripe_platform", Money(1, "USD")), Leg("deferred", Money(-1, "EUR"))],
        [],
    ],
)
async def test_an_unbalanced_movement_does_not_commit(db, wrong):
    with pytest.raises(DBAPIError, match=r"not balanced|is empty"):
        await legs(NOBODY, *wrong)
    assert await rows("SELECT * FROM ledger_entries") == []


async def test_one_cause_is_one_movement(db):
    both = (Leg("stripe_platform", Money(5, "USD")), Leg("deferred", Money(-5, "USD")))
    assert await legs(NOBODY, *both)
    assert not await legs(NOBODY, *both)
    assert len(await rows("SELECT * FROM ledger_entries")) == 2


async def test_what_never_was_is_not_undone(db):
    async with transaction(AUDITOR) as tx:
        assert not await reverse(tx, "none", as_ref="undone")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount = amount + 1",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "UPDATE ledger_transactions SET kind = 'x'",
        "DELETE FROM ledger_transactions",
        "UPDATE ledger_accounts SET kind = 'deferred'",
        "DELETE FROM ledger_accounts",
    ],
)
async def test_nothing_is_edited_or_deleted_by_anybody(db, statement):
    await legs(NOBODY, Leg("stripe_platform", Money(5, "USD")), Leg("deferred", Money(-5, "USD")))
    with pytest.raises(DBAPIError, match="permission denied"):
        await rows(statement)
    if statement.startswith("TRUNCATE"):
        return
    owner = create_engine(db)
    with owner.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    owner.dispose()


async def test_a_closed_movement_takes_no_more_entries_even_balanced_ones(db):
    await legs(NOBODY, Leg("stripe_platform", Money(5, "USD")), Leg("deferred", Money(-5, "USD")))
    late = (
        "INSERT INTO ledger_entries (transaction_id, account_id, amount, currency)"
        " SELECT t.id, a.id, v.n, 'USD' FROM ledger_transactions t,"
        " (SELECT min(id) AS id FROM ledger_accounts) a, (VALUES (1), (-1)) v(n)"
    )
    with pytest.raises(DBAPIError, match="is closed"):
        await rows(late)


async def test_an_entrys_time_is_its_transactions_whatever_is_said(db):
    async with transaction(AUDITOR) as tx:
        await post(
            tx,
            "test",
            "ref:timed",
            [Leg("stripe_platform", Money(5, "USD")), Leg("deferred", Money(-5, "USD"))],
        )
        forged = (
            "INSERT INTO ledger_entries (transaction_id, account_id, amount, currency, occurred_at)"
            " SELECT t.id, a.id, v.n, 'USD', '2001-01-01' FROM ledger_transactions t,"
            " (SELECT min(id) AS id FROM ledger_accounts) a, (VALUES (1), (-1)) v(n)"
        )
        await tx.db.execute(text(forged))
    found = await rows(
        "SELECT count(*) AS n FROM ledger_entries e JOIN ledger_transactions t"
        " ON t.id = e.transaction_id WHERE e.occurred_at = t.occurred_at"
    )
    assert found[0]["n"] == 4


async def test_people_write_nothing_into_the_ledger(payments):
    async def gift(me):
        async with transaction(me) as tx:
            await post(tx, "gift", "gift", [Leg("coach_payable", Money(-5, "USD"))])

    for me in (payments.ada, payments.ben):
        with pytest.raises(DBAPIError, match="row-level security"):
            await gift(me)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "decline", "refund", "deliver", "crash", "webhooks", "give up"]),
        st.integers(1, 6000),
        st.sampled_from(["USD", "JPY", "KWD"]),
    ),
    min_size=3,
    max_size=9,
)
CARDS = ("4242424242424242", "4000000000005126", "4000000000000077")


@settings(
    max_examples=HISTORIES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
async def test_any_history_leaves_the_books_right(payments, monkeypatch, steps):
    paid: list[int] = []
    for step, number, currency in steps:
        await walk(payments, monkeypatch, paid, step, number, currency)
        await check_books()
    await outbox.drain()
    await check_books()


async def walk(
    payments, monkeypatch, paid: list[int], step: str, number: int, currency: str
) -> None:
    target = paid[number % len(paid)] if paid else None
    if step == "pay":
        paid.append(await payments.pay(Money(50 + number, currency), CARDS[number % 3]))
    elif step == "decline":
        _, url = await payments.open(Money(50 + number, currency))
        await payments.sandbox.pay(url, "4000000000000002")
    elif step == "give up":
        charge_id, _ = await payments.open(Money(50 + number, currency))
        await actions.cancel_checkout(charge_id)
    elif step == "webhooks":
        await outbox.drain()
    elif target is not None and step == "deliver":
        await payments.deliver(target)
    elif target is not None:
        await refund(payments, monkeypatch, target, number, crash=step == "crash")


async def refund(payments, monkeypatch, target: int, minor: int, *, crash: bool) -> None:
    try:
        refund_id = await payments.refund(target, minor)
    except (NothingToRefund, RefundTooHigh):
        return
    if crash:
        real = client.make_refund

        async def fall(**values):
            await real(**values)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(client, "make_refund", fall)
            with pytest.raises(KeyboardInterrupt):
                await actions.carry_out_refund(refund_id)
    await actions.carry_out_refund(refund_id)
