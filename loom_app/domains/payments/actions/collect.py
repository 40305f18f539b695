"""Asking for what is due when its time has come: told a day before, tried daily, taken once."""

import contextlib
from datetime import timedelta

import structlog
from sqlalchemy import text

from loom_app.domains.payments.actions.due import begin, seen_due
from loom_app.domains.payments.actions.following import due_of, let_go, moved
from loom_app.domains.payments.actions.paying import pay
from loom_app.domains.payments.actions.settle import settle
from loom_app.domains.payments.actions.way import Way
from loom_app.domains.payments.errors import CheckoutOver
from loom_app.domains.payments.events import DueAnnounced, DueFailed
from loom_app.domains.payments.models import WAITING, Charge, Due
from loom_app.domains.payments.rows import card_for, lock_payable
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError

COLLECT = Actor.system_job("payments.collect")
TOLD_AHEAD = timedelta(hours=24)
EVERY = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)
BATCH = 500
log = structlog.get_logger("payments")

_TO_TELL = text(
    "UPDATE dues SET announced_at = :now WHERE how = 'card' AND status = 'planned'"
    " AND announced_at IS NULL AND due_at > :now AND due_at <= :until RETURNING id"
)
_DUE = text(
    "SELECT id FROM dues WHERE how = 'card' AND status IN ('planned', 'failed')"
    " AND due_at <= :now AND until_at > :now AND (tried_at IS NULL OR tried_at <= :yesterday)"
    " ORDER BY due_at, id LIMIT :batch"
)
_TO_FREE = text(
    "SELECT id FROM dues WHERE status = 'held' AND release_at <= :now ORDER BY id LIMIT :batch"
)
_UNFINISHED = text(
    "SELECT id FROM dues WHERE status IN ('taking', 'letting_go') AND updated_at < :before"
    " ORDER BY id LIMIT :batch"
)


async def announce() -> int:
    """A word to the client a day before a card is asked; once. Returns how many."""
    async with transaction(COLLECT) as tx:
        found = list(await tx.db.scalars(_TO_TELL, {"now": tx.now, "until": tx.now + TOLD_AHEAD}))
        for due_id in found:
            await tx.emit(DueAnnounced(due_id))
    return len(found)


async def collect() -> int:
    """Ask for everything whose time has come, let go of what is held for nothing, and finish what
    a crash left. Idempotent, also when many run at once. Returns how many were looked at."""
    async with transaction(COLLECT) as tx:
        values = {"now": tx.now, "batch": BATCH, "yesterday": tx.now - EVERY}
        due = list(await tx.db.scalars(_DUE, values))
        over = list(await tx.db.scalars(_TO_FREE, values))
        left = list(await tx.db.scalars(_UNFINISHED, values | {"before": tx.now - PATIENCE}))
    steps = [(ask, one) for one in due] + [(_free, one) for one in over]
    for step, due_id in [*steps, *((finish, one) for one in left)]:
        try:
            await step(due_id)
        except DomainError as error:  # one must not keep the others waiting
            log.info("payments.due_waits", id=due_id, error=type(error).__name__)
    return len(due) + len(over) + len(left)


async def ask(due_id: int) -> None:
    """Begin a charge of the client's card, and queue it: a crash after this loses nothing."""
    async with transaction(COLLECT) as tx:
        due = await _locked(tx, due_id)
        again = due.tried_at is not None and due.tried_at > tx.now - EVERY
        if due.status not in WAITING or again or not due.due_at <= tx.now < due.until_at:
            return
        due.tried_at = tx.now
        card = await card_for(tx, due)
        if card is None:
            before, due.status, due.problem = due.status, "failed", "no_card"
            due.attempts += 1
            await moved(tx, due, before)
            await tx.emit(DueFailed(due_id, due.attempts))
            return
        charge_id = await begin(tx, COLLECT, due, Way(card.id))
        key = f"payments.charge_card:{charge_id}"
        await tx.enqueue("payments.charge_card", {"charge_id": charge_id}, key=key)


async def charge_due(charge_id: int) -> None:
    """The queued half of `ask`. A refusal is recorded, and told to both sides, on the way."""
    with contextlib.suppress(PaymentRefused, CheckoutOver):
        await pay(charge_id)


async def finish(due_id: int) -> None:
    """Take what is held, or let it go, as was decided. Begin, call, record."""
    async with transaction(COLLECT) as tx:
        due = await seen_due(tx, due_id)
        charge = await tx.db.get(Charge, due.charge_id or 0)
        if due.status not in ("taking", "letting_go") or charge is None:
            return
        taking, intent_id, charge_id = due.status == "taking", charge.intent_id or "", charge.id
    with contextlib.suppress(PaymentRefused):  # it is over already: settling tells which way
        if taking:
            await stripe.capture(intent_id, key=f"loom:capture:{charge_id}")
        else:
            await stripe.cancel_intent(intent_id, key=f"loom:let_go:{charge_id}")
    await settle(charge_id or 0)


async def _free(due_id: int) -> None:
    async with transaction(COLLECT) as tx:
        due = await _locked(tx, due_id)
        if due.status == "held" and due.release_at <= tx.now:
            await let_go(tx, due)
            await moved(tx, due, "held")


async def _locked(tx: Tx, due_id: int) -> Due:
    due = await seen_due(tx, due_id)
    await lock_payable(tx, due.payable_kind, due.payable_id)
    found = await due_of(tx, due.payable_kind, due.payable_id, due.part)
    assert found is not None  # noqa: S101 - a due is never deleted
    return found
