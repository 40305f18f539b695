"""Random histories of money: whatever happens, in whatever order, the books hold after each step.

A history is a seed: people pay in four currencies, are refunded to the card or as credit, sessions
take place or are refused, banks dispute and decide, coaches are paid out and banks send it back,
Stripe goes away between two steps, webhooks come late, twice, in any order or never.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.ledger import invariants
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from tests.domains.payments.booked import WORKER, Booked
from tests.domains.payments.coaches import BYPASS, active_account
from tests.domains.payments.helpers import AUDITOR, Payments, check_books, one, rows
from tests.domains.payments.test_methods import saved
from tests.sizes import FULL

SEEDS = range(60 if FULL else 4)
STEPS = 60 if FULL else 20
CURRENCIES = ("USD", "EUR", "JPY", "KWD")
DECLINES = "pm_card_chargeCustomerFail"
CARDS = (BYPASS, BYPASS, "4242424242424242", "4000000000009995")


class History:
    """One history; every verb is one thing that somebody does."""

    def __init__(self, payments: Payments, seed: int) -> None:
        self.payments = payments
        self.chance = random.Random(seed)
        self.told: Counter[str] = Counter()
        self.cards: list[int] = []
        self.booked = 0

    async def step(self) -> str:
        verb = self.chance.choice(VERBS)
        try:
            await verb(self)
        except (DomainError, ApiError) as refused:  # saying no is fine: the books must hold
            self.told[type(refused).__name__] += 1
        self.told[verb.__name__] += 1
        return verb.__name__

    async def some(self, query: str) -> int | None:
        found = [row["id"] for row in await rows(query)]
        return self.chance.choice(found) if found else None

    async def paid(self) -> int | None:
        return await self.some("SELECT id FROM charges WHERE paid_at IS NOT NULL ORDER BY id")

    async def pay(self) -> None:
        currency = self.chance.choice(CURRENCIES)
        minor = self.chance.choice((50, 999, 10000, 33333)) * (10 if currency == "KWD" else 1)
        way = actions.Way(use_credit=self.chance.random() < 0.4)
        charge_id = await self.payments.begin(Money(minor, currency), way=way)
        answer = await actions.pay(charge_id)
        if answer.url:
            await self.payments.sandbox.pay(answer.url, self.chance.choice(CARDS))
        if self.chance.random() < 0.5:  # else the page was closed, and others must find out
            await actions.check_charge(charge_id)

    async def abandon(self) -> None:
        charge_id = await self.payments.begin(Money(5000, "USD"), way=actions.Way(use_credit=True))
        await actions.cancel_checkout(charge_id)

    async def refund(self) -> None:
        if charge_id := await self.paid():
            charge = await self.payments.charge(charge_id)
            minor = self.chance.choice((None, 1, charge["amount"] // 3, charge["amount"]))
            amount = Money(minor, charge["currency"]) if minor else None
            as_credit = self.chance.random() < 0.4
            async with transaction(self.payments.ben) as tx:
                await actions.refund(tx, charge_id, amount, reason="test", as_credit=as_credit)

    async def carry_out(self) -> None:
        waiting = "SELECT id FROM refunds WHERE status IN ('requested', 'pending') ORDER BY id"
        if number := await self.some(waiting):
            await actions.carry_out_refund(number)

    async def bank_returns_refund(self) -> None:
        done = "SELECT id FROM refunds WHERE processor_id IS NOT NULL ORDER BY id"
        if number := await self.some(done):
            key = (await one("SELECT * FROM refunds WHERE id = :id", id=number))["processor_id"]
            await control.act("fail_refund", id=key)
            await actions.sync_refund(key)

    async def deliver(self) -> None:
        if charge_id := await self.paid():
            await self.payments.deliver(charge_id)

    async def deliver_a_part(self) -> None:
        """Of a package, and mostly it was not held after all."""
        if charge_id := await self.paid():
            charge = await self.payments.charge(charge_id)
            payable = actions.Payable(charge["payable_kind"], charge["payable_id"])
            money = Money(max(1, charge["amount"] // 3), charge["currency"])
            self.booked += 1
            async with transaction(WORKER) as tx:
                await actions.recognise_part(tx, payable, money, ref=f"part:{self.booked}")
            if self.chance.random() < 0.3:
                await self.release()
            if self.chance.random() < 0.7:
                for _ in range(2):
                    async with transaction(WORKER) as tx:
                        ref = f"part:{self.booked}"
                        await actions.take_back_part(tx, payable, money, ref=ref)

    async def release(self) -> None:
        async with transaction(AUDITOR) as tx:  # as if a day had passed
            await tx.db.execute(text("UPDATE charges SET available_on = now() - interval '1 day'"))
        await actions.release()

    async def dispute(self) -> None:
        if charge_id := await self.paid():
            intent_id = (await self.payments.charge(charge_id))["intent_id"]
            if intent_id is None:
                return  # all of it was credit
            intent = await client.payment(intent_id)
            part = self.chance.choice((None, 40))
            await control.act("open_dispute", id=intent.charge_id, amount=part)
            async for found in client.disputes(intent_id=intent_id):
                await actions.sync_dispute(found.id)

    async def decide(self) -> None:
        if number := await self.some("SELECT id FROM disputes WHERE closed_at IS NULL ORDER BY id"):
            row = await one("SELECT * FROM disputes WHERE id = :id", id=number)
            if self.chance.random() < 0.3:
                words = self.chance.choice(("We met.", "winning_evidence", "losing_evidence"))
                await actions.submit_evidence(self.payments.ada, number, words)
            else:
                won = self.chance.random() < 0.5
                await control.act("decide_dispute", id=row["processor_id"], won=won)
                await actions.sync_dispute(row["processor_id"])

    async def pay_out(self) -> None:
        async with transaction(self.payments.ada) as tx:
            number = await actions.pay_out_now(tx, self.payments.ada, "USD")
        await actions.carry_out_payout(number)

    async def bank_takes_payout(self) -> None:
        moving = "SELECT id FROM payouts WHERE processor_id IS NOT NULL ORDER BY id"
        if number := await self.some(moving):
            row = await one("SELECT * FROM payouts WHERE id = :id", id=number)
            how = {"to": "failed"} if self.chance.random() < 0.4 else {}
            await control.act("move_payout", id=row["processor_id"], **how)
            await actions.carry_out_payout(number)

    async def retry_payout(self) -> None:
        if number := await self.some("SELECT id FROM payouts WHERE status = 'failed' ORDER BY id"):
            async with transaction(self.payments.ada) as tx:
                await actions.retry_payout(tx, self.payments.ada, number)

    async def away(self) -> None:
        """Stripe is away for a few calls, or takes one and its answer is lost."""
        mode = self.chance.choice(("500", "lost_answer", "429"))
        await control.switch(outage={"mode": mode, "calls": self.chance.randint(1, 6)})

    async def webhooks(self) -> None:
        """Some come, late, twice and shuffled; some are lost."""
        await control.switch(drop=self.chance.random() < 0.3 or None, duplicate=True, reorder=True)
        batch = await outbox.claim(30)
        self.chance.shuffle(batch)
        for job in batch:
            await outbox.run(job)

    async def sweep(self) -> None:
        async with transaction(AUDITOR) as tx:  # as if it had stood still
            for table in ("charges", "payouts", "dues"):
                await tx.db.execute(
                    text(f"UPDATE {table} SET updated_at = updated_at - interval '5 minutes'")
                )
            old = "UPDATE refunds SET created_at = created_at - interval '5 minutes'"
            await tx.db.execute(text(old))
        await actions.sweep()

    async def part(self) -> None:
        """A deposit is paid; the rest is due, and perhaps a fee is to be held."""
        if not self.cards:
            self.cards = [await saved(self.payments), await saved(self.payments, DECLINES)]
        currency = self.chance.choice(CURRENCIES)
        minor = self.chance.choice((999, 10000, 33333)) * (10 if currency == "KWD" else 1)
        self.booked += 1
        number, price = 1_000_000 + self.booked, Money(minor, currency)
        deposit = minor // 30 * 10
        made = Booked(self.payments, number, price, deposit, self.cards[0])
        await made.plan(hours=10)
        if self.chance.random() < 0.5:
            await made.plan("no_show", hours=10)
        await made.pay_deposit()

    async def collect(self) -> None:
        """As if the day had come; many ask at once."""
        async with transaction(AUDITOR) as tx:
            day = "UPDATE dues SET due_at = now() - interval '1 hour', tried_at = NULL"
            await tx.db.execute(text(day))
        await asyncio.gather(*(actions.collect_dues() for _ in range(2)))

    async def due(self) -> dict[str, Any] | None:
        number = await self.some("SELECT id FROM dues ORDER BY id")
        return await one("SELECT * FROM dues WHERE id = :id", id=number) if number else None

    async def pay_due(self) -> None:
        if due := await self.due():
            ways = [actions.ON_THE_PAGE, *(actions.Way(card) for card in self.cards)]
            way = self.chance.choice(ways)
            async with transaction(self.payments.ben) as tx:
                charge_id = await actions.pay_due(tx, self.payments.ben, due["id"], way)
            answer = await actions.pay(charge_id)
            if answer.url and self.chance.random() < 0.7:
                await self.payments.sandbox.pay(answer.url, self.chance.choice(CARDS))

    async def in_person(self) -> None:
        if due := await self.due():
            async with transaction(self.payments.ada) as tx:
                await actions.pay_in_person(tx, self.payments.ada, due["id"])

    async def end_due(self) -> None:
        """It is called off, missed by the client or the coach, moved, or paid back."""
        if due := await self.due():
            payable = actions.Payable(due["payable_kind"], due["payable_id"])
            async with transaction(WORKER) as tx:
                match self.chance.choice(("off", "missed", "absent", "moved", "back")):
                    case "off":
                        await actions.call_off(tx, payable)
                    case "missed":
                        await actions.recognise(tx, payable)
                        await actions.missed(tx, payable)
                    case "absent":
                        await actions.coach_missed(tx, payable, reason="coach_missed")
                        await actions.give_back(tx, payable, reason="coach_missed")
                    case "moved":
                        await actions.move_dues(tx, payable, timedelta(days=2))
                    case _:
                        await actions.give_back(tx, payable, reason="test")

    async def figures_agree(self) -> None:
        """What the coach is shown is what the ledger says, currency by currency."""
        async with transaction(self.payments.ada) as tx:
            shown = await queries.balances(tx, self.payments.ada)
        ledger = await rows(
            "SELECT a.kind, e.currency, -sum(e.amount)::bigint AS minor FROM ledger_entries e"
            " JOIN ledger_accounts a ON a.id = e.account_id WHERE a.person_id = :id GROUP BY 1, 2",
            id=self.payments.ada.person_id,
        )
        assert {(s.kind, s.money.currency, s.money.minor) for s in shown} == {
            (row["kind"], row["currency"], row["minor"]) for row in ledger
        }


Verb = Callable[[History], Awaitable[None]]
VERBS: list[Verb] = [
    *(History.pay, History.pay, History.pay),
    History.abandon,
    *(History.part, History.part, History.collect, History.collect),
    *(History.pay_due, History.in_person, History.end_due),
    *(History.refund, History.carry_out, History.carry_out),
    History.bank_returns_refund,
    *(History.deliver, History.deliver, History.release),
    *(History.deliver_a_part, History.deliver_a_part),
    *(History.dispute, History.decide),
    *(History.pay_out, History.bank_takes_payout, History.retry_payout),
    *(History.away, History.webhooks, History.webhooks, History.sweep),
]


async def calm(history: History) -> None:
    """All trouble ends, and what was left half done is finished."""
    await control.switch(outage=None, drop=None, duplicate=None, reorder=None)
    await outbox.drain(5000)
    for _ in range(3):
        await history.sweep()
        await actions.collect_dues()
        await outbox.drain(5000)


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_happens_the_books_hold(payments, seed, monkeypatch):
    monkeypatch.setattr(settings(), "release_hours", 0)  # else no step would see a payout
    history = History(payments, seed)
    await active_account(payments.ada)
    await payments.pay(Money(50_000, "USD"), BYPASS)  # enough at Stripe to be paid out of
    steps: list[str] = []
    for _ in range(STEPS):
        steps.append(await history.step())
        async with transaction(AUDITOR) as tx:
            wrong = await invariants.broken(tx)
        assert wrong == [], (seed, steps)
        await history.figures_agree()
    await calm(history)
    assert await actions.reconcile() == [], (seed, steps)
    await check_books()
    assert await rows("SELECT * FROM reconciliation_findings WHERE resolved_at IS NULL") == []
