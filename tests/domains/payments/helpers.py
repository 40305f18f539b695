"""Verbs for payment tests, and the invariants that hold after each of them."""

import itertools
import json
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Payable
from loom_app.domains.payments.ledger import invariants
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.integrations.stripe.fixtures import Sandbox

# how many do the same at once; `make prove` asks two hundred
AUDITOR = Actor.system_job("payments.test")
_numbers = itertools.count(1)


class Payments:
    def __init__(self, sandbox: Sandbox, ada: Actor, ben: Actor) -> None:
        self.sandbox = sandbox
        self.ada = ada
        self.ben = ben

    async def begin(
        self,
        amount: Money | None = None,
        payable: Payable | None = None,
        way: actions.Way = actions.ON_THE_PAGE,
    ) -> int:
        async with transaction(self.ben) as tx:
            started = await actions.begin_charge(
                tx,
                self.ben,
                payable or Payable("seat", next(_numbers)),
                amount or Money(12000, "USD"),
                payer_id=self.ben.require_person(),
                coach_id=self.ada.require_person(),
                description="Focus session with Ada",
                return_path="/book/done",
                cancel_path="/book/review",
                expires_at=clock.now() + timedelta(minutes=30),
                way=way,
            )
        return started.charge_id

    async def open(self, amount: Money | None = None) -> tuple[int, str]:
        charge_id = await self.begin(amount)
        return charge_id, await actions.open_checkout(charge_id)

    async def pay(self, amount: Money | None = None, number: str = "4242424242424242") -> int:
        """Begin, pay on the page, and settle as the return page does."""
        charge_id, url = await self.open(amount)
        answer = await self.sandbox.pay(url, number)
        assert answer.status_code == 303
        await actions.check_charge(charge_id)
        return charge_id

    async def refund(self, charge_id: int, minor: int | None = None, reason: str = "test") -> int:
        charge = await self.charge(charge_id)
        amount = None if minor is None else Money(minor, charge["currency"])
        async with transaction(self.ben) as tx:
            return await actions.refund(tx, charge_id, amount, reason=reason)

    async def deliver(self, charge_id: int) -> None:
        charge = await self.charge(charge_id)
        async with transaction(Actor.system_job("scheduling.complete")) as tx:
            await actions.recognise(tx, Payable(charge["payable_kind"], charge["payable_id"]))

    async def charge(self, charge_id: int) -> dict[str, Any]:
        return await one("SELECT * FROM charges WHERE id = :id", id=charge_id)

    async def view(self, me: Actor, charge_id: int) -> queries.ChargeView | None:
        charge = await self.charge(charge_id)
        async with transaction(me) as tx:
            payable = Payable(charge["payable_kind"], charge["payable_id"])
            return await queries.charge_of(tx, me, payable)


async def rows(sql: str, **values: Any) -> list[dict[str, Any]]:
    async with transaction(AUDITOR) as tx:
        return [dict(row) for row in (await tx.db.execute(text(sql), values)).mappings()]


async def one(sql: str, **values: Any) -> dict[str, Any]:
    found = await rows(sql, **values)
    assert len(found) == 1
    return found[0]


async def balances() -> dict[tuple[str, str], int]:
    """Every account and currency; debits positive."""
    found = await rows(
        "SELECT a.kind, e.currency, sum(e.amount)::bigint AS total FROM ledger_entries e"
        " JOIN ledger_accounts a ON a.id = e.account_id GROUP BY 1, 2"
    )
    return {(row["kind"], row["currency"]): row["total"] for row in found if row["total"]}


async def kinds(charge_id: int) -> Counter[str]:
    found = await rows("SELECT kind FROM ledger_transactions WHERE charge_id = :id", id=charge_id)
    return Counter(row["kind"] for row in found)


async def check_books() -> None:
    """The invariants of the ledger, against itself and against what Stripe says."""
    async with transaction(AUDITOR) as tx:
        assert await invariants.broken(tx) == []
    balance = await client.sdk().v1.balance.retrieve_async()
    at_stripe: Counter[str] = Counter()
    for part in [*balance.available, *balance.pending]:
        at_stripe[part.currency.upper()] += part.amount
    ours = {
        cur: total for (kind, cur), total in (await balances()).items() if kind == "stripe_platform"
    }
    assert {k: v for k, v in at_stripe.items() if v} == ours


async def thin_events() -> list[str]:
    """Take what the sandbox would deliver out of the queue, as bodies."""
    bodies: list[str] = []
    while batch := await outbox.claim(100):
        for claimed in batch:
            if claimed.name != "stripe_sandbox.deliver":
                await outbox.run(claimed)
                continue
            async with transaction(SANDBOX) as tx:
                bodies.append(
                    json.dumps(await Book(tx).find("v2.core.event", claimed.payload["event_id"]))
                )
    return bodies
