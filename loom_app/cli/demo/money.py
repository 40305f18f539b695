"""The demo's money at the sandbox: coaches who can be paid, and the past as Stripe knows it."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount

from loom_app.cli.demo.practice import Made
from loom_app.domains.payments import actions as payments
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.app import sandbox_app
from loom_app.integrations.stripe.sandbox.onboarded import onboard
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.kit.settings import settings

SEED = Actor.system_job("payments.seed")
EVER = datetime(2000, 1, 1, tzinfo=UTC)
# where a currency is at home, as far as the sandbox's banks go
COUNTRIES = {"EUR": "DE", "GBP": "GB", "JPY": "JP"}


@contextlib.asynccontextmanager
async def inside() -> AsyncGenerator[None]:
    """The server is not up yet, so the sandbox is reached without a network."""
    app = Starlette(routes=[Mount(MOUNT, app=sandbox_app())])
    stripe.connect_through(httpx.ASGITransport(app))
    try:
        yield
    finally:
        await stripe.close()
        stripe.connect_through(None)


async def accounts(made: list[Made]) -> None:
    """Every coach may sell and be paid out."""
    async with inside():
        for coach in made:
            currency = coach.demo.currency
            async with transaction(coach.actor) as tx:
                country = COUNTRIES.get(currency, "US")
                await payments.begin_account(tx, coach.actor, country=country, currency=currency)
            await payments.onboarding_link(coach.actor)
            async with transaction(SEED) as tx:
                found = text("SELECT processor_id FROM payout_accounts WHERE user_id = :id")
                account_id = await tx.db.scalar(found, {"id": coach.actor.person_id})
            await onboard(account_id, name=coach.demo.name)
            await payments.sync_account(account_id)
            await _in_some_days(coach.actor)


async def _in_some_days(coach: Actor) -> None:
    """On whatever day of the week the demo is made, there is something to pay out."""
    now = clock.now()
    day = (now + timedelta(days=3)).weekday()
    me = replace(coach, stepped_up_at=now)
    minimum = settings().payout_minimum_minor
    async with transaction(me) as tx:
        await payments.save_schedule(tx, me, interval="weekly", anchor=day, minimum=minimum)


async def past() -> int:
    """What was paid and given back before is at the sandbox, too, so that it can be paid out."""
    async with inside():
        async with transaction(SEED) as tx:
            rows = (
                await tx.db.execute(
                    text(
                        "SELECT c.id, c.amount, c.currency, c.description, r.id AS refund"
                        " FROM charges c LEFT JOIN refunds r ON r.charge_id = c.id"
                        " WHERE c.intent_id IS NULL AND c.paid_at IS NOT NULL ORDER BY c.id"
                    )
                )
            ).all()
        for row in rows:
            await _one(row)
        await _told_already()
    return len(rows)


async def _told_already() -> None:
    """All of it is written down: hundreds of webhooks of the past would keep the first hour busy,
    and the night would take them for lost."""
    async with transaction(SEED) as tx:
        found = await tx.db.scalars(text("SELECT processor_id FROM payout_accounts"))
        accounts = [None, *found]
    for account in accounts:
        async for event in stripe.events_since(EVER, account_id=account):
            await payments.receive(event)
    engine = owner_engine()
    with engine.begin() as db:
        db.execute(text("UPDATE external_events SET handled_at = now(), outcome = 'handled'"))
        db.execute(
            text(
                "DELETE FROM outbox_jobs"
                " WHERE name IN ('stripe_sandbox.deliver', 'payments.process_event')"
            )
        )
    engine.dispose()


async def _one(row: Any) -> None:
    params: Any = {
        "amount": row.amount,
        "currency": row.currency.lower(),
        "payment_method": "pm_card_bypassPending",
        "confirm": True,
        "description": row.description,
        "metadata": {"loom_charge": str(row.id)},
        "return_url": "http://localhost",
    }
    intent = await stripe.sdk().v1.payment_intents.create_async(params)
    back = None
    if row.refund:
        back = await stripe.make_refund(
            refund_id=row.refund,
            intent_id=intent.id,
            amount=Money(row.amount, row.currency),
            reason="client_cancelled",
        )
    async with transaction(SEED) as tx:
        values = {"intent": intent.id, "id": row.id, "refund": row.refund}
        await tx.db.execute(text("UPDATE charges SET intent_id = :intent WHERE id = :id"), values)
        if back is not None:
            values |= {"back": back.id}
            await tx.db.execute(
                text("UPDATE refunds SET processor_id = :back WHERE id = :refund"), values
            )
    await payments.check_charge(row.id)
