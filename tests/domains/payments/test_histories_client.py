"""Random histories of a client's money: cards, credit, refunds either way, crashes between."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loom_app.domains.payments import actions
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.actions import paying as pay_module
from loom_app.domains.payments.errors import NothingToRefund, RefundTooHigh
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import check_books, rows
from tests.domains.payments.test_credit import give
from tests.domains.payments.test_methods import saved
from tests.sizes import HISTORIES

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "page",
                "page",
                "card",
                "card declined",
                "card crash",
                "give credit",
                "refund",
                "refund",
                "as credit",
                "deliver",
                "webhooks",
                "leave open",
                "give up",
            ]
        ),
        st.integers(1, 6000),
        st.sampled_from(["USD", "JPY", "KWD"]),
        st.booleans(),
    ),
    min_size=4,
    max_size=8,
)
NUMBERS = ("4242424242424242", "4000000000005126", "4000000000000077")


class Walk:
    """One client's history; every step leaves the books right."""

    def __init__(self, payments, monkeypatch, good: int, bad: int) -> None:
        self.payments, self.monkeypatch = payments, monkeypatch
        self.good, self.bad = good, bad
        self.open: list[int] = []
        self.given = 0

    async def step(self, name: str, number: int, currency: str, use_credit: bool) -> None:
        if name == "give credit":
            self.given += 1
            await give(self.payments, number, currency, number=self.given)
        elif name == "webhooks":
            await outbox.drain()
        elif name == "give up":
            if self.open:
                await actions.cancel_checkout(self.open.pop())
        elif name in ("refund", "as credit", "deliver"):
            await self.after(name, number)
        else:
            await self.pay(name, number, Money(50 + number, currency), use_credit)

    async def pay(self, name: str, number: int, price: Money, use_credit: bool) -> None:
        card = {"page": None, "leave open": None, "card declined": self.bad}.get(name, self.good)
        way = Way(card, use_credit=use_credit)
        charge_id = await self.payments.begin(price, way=way)
        if name == "leave open":
            self.open.append(charge_id)
            return
        try:
            if name == "card crash":
                await self.crash(charge_id)
            answer = await actions.pay(charge_id)
        except PaymentRefused:
            return
        if answer.url:
            await self.payments.sandbox.pay(answer.url, NUMBERS[number % 3])
            await actions.check_charge(charge_id)

    async def crash(self, charge_id: int) -> None:
        async def fall(*_args, **_more):
            raise KeyboardInterrupt

        with self.monkeypatch.context() as patch:
            patch.setattr(pay_module, "settle", fall)
            patch.setattr(pay_module, "covered", fall)
            with pytest.raises(KeyboardInterrupt):
                await actions.pay(charge_id)

    async def after(self, name: str, number: int) -> None:
        paid = await rows("SELECT id, currency FROM charges WHERE paid_at IS NOT NULL ORDER BY id")
        if not paid:
            return
        target = paid[number % len(paid)]
        if name == "deliver":
            await self.payments.deliver(target["id"])
            return
        try:
            async with transaction(self.payments.ben) as tx:
                await actions.refund(
                    tx,
                    target["id"],
                    Money(number, target["currency"]),
                    reason="history",
                    as_credit=name == "as credit",
                )
        except (NothingToRefund, RefundTooHigh):
            return


@settings(
    max_examples=HISTORIES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
async def test_any_history_of_a_client_leaves_the_books_right(payments, monkeypatch, steps):
    good = await saved(payments)
    bad = await saved(payments, "pm_card_chargeCustomerFail")
    walk = Walk(payments, monkeypatch, good, bad)
    walk.given = 10_000 * len(await rows("SELECT id FROM credit_lots"))  # of the example before
    for step in steps:
        await walk.step(*step)
        await check_books()
    await outbox.drain()
    await check_books()
