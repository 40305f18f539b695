"""Events again: one that went wrong, by hand; and those that never arrived, every night."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, text

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.payments.actions.receive import RECEIVE, process, receive
from loom_app.domains.payments.models import ExternalEvent, PayoutAccount
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.words import reason_given

# Stripe keeps events for 30 days and tries webhooks for three: two days back, every night
BACK = timedelta(days=2)
PATIENCE = timedelta(hours=1)  # a webhook that is younger may still be on its way
log = structlog.get_logger("payments")

_AGAIN = text("UPDATE external_events SET handled_at = NULL, outcome = NULL WHERE id = :id")


async def replay(event_id: int, *, by: str = "") -> None:
    """Handle a stored event once more, whether it was handled or not, asked for `by` whom. Nothing
    happens twice: the object is read again, and each step is taken from the state before it.
    Raises NotFound, and what handling raises."""
    async with transaction(RECEIVE) as tx:
        if await tx.db.get(ExternalEvent, event_id) is None:
            raise NotFound
        await tx.db.execute(_AGAIN, {"id": event_id})
        await audit(tx, "event.replay", "external_event", event_id, after={"by": by})
    await process(event_id)


async def drop_event(tx: Tx, me: Actor, event_id: int, reason: str) -> None:
    """An event that is not handled and shall not be: what it is about is read again by the nightly
    reconciliation anyhow. Idempotent.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason".
    """
    me.require("events.replay")
    require_step_up(tx, me)
    words = reason_given(reason)
    async with tx.acting_as_system("payments.desk"):
        row = await tx.db.get(ExternalEvent, event_id, with_for_update=True)
        if row is None:
            raise NotFound
        if row.handled_at is not None:
            return
        row.handled_at, row.outcome = tx.now, "dropped"
        await tx.db.flush()
    states = {"before": {"outcome": ""}, "after": {"outcome": "dropped"}}
    await audit(tx, "event.drop", "external_event", event_id, reason=words, **states)


async def backfill() -> int:
    """Receive what Stripe says happened and no webhook told; returns how many were new."""
    column: Any = PayoutAccount
    async with transaction(RECEIVE) as tx:
        since, before = tx.now - BACK, tx.now - PATIENCE
        wanted = select(column.processor_id).where(column.processor_id.is_not(None))
        accounts: list[str | None] = [None, *await tx.db.scalars(wanted)]
    new = 0
    for account in accounts:
        try:
            new += await _fill(account, since, before)
        except DomainError as error:  # one account that is closed must not keep the others waiting
            log.warning("payments.backfill", account=account, error=type(error).__name__)
    if new:
        log.warning("payments.webhooks_were_lost", events=new)
    return new


async def _fill(account: str | None, since: datetime, before: datetime) -> int:
    told = stripe.events_since(since, before=before, account_id=account)
    missed = [event async for event in told]
    return sum([await receive(event) for event in reversed(missed)])
