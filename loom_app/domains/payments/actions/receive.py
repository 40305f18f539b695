"""What Stripe tells us: stored once, handled from the queue, asked again before it counts."""

import json
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from loom_app.domains.payments.actions.disputes import sync_dispute
from loom_app.domains.payments.actions.methods import sync_card, sync_customer, sync_setup
from loom_app.domains.payments.actions.onboarding import sync_account
from loom_app.domains.payments.actions.refund import sync_refund
from loom_app.domains.payments.actions.sending import sync_payout, sync_transfer
from loom_app.domains.payments.actions.settle import settle
from loom_app.domains.payments.models import ExternalEvent
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.webhooks import Incoming
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

RECEIVE = Actor.system_job("payments.receive")
SOURCE = "stripe"

_STORE = text(
    "INSERT INTO external_events"
    " (source, event_id, type, object_type, object_id, account, payload, received_at)"
    " VALUES (:source, :event_id, :type, :object_type, :object_id, :account,"
    "  CAST(:payload AS jsonb), :now)"
    " ON CONFLICT (source, event_id) DO NOTHING RETURNING id"
)

_HANDLED = text("UPDATE external_events SET handled_at = :now, outcome = :outcome WHERE id = :id")


async def receive(event: Incoming) -> bool:
    """Keep an event and queue it. False where it was here before."""
    async with transaction(RECEIVE) as tx:
        values = {
            "source": SOURCE,
            "event_id": event.id,
            "type": event.type,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "account": event.account,
            "payload": json.dumps(event.payload),
            "now": tx.now,
        }
        event_id = await tx.db.scalar(_STORE, values)
        if event_id is None:
            return False
        await tx.enqueue(
            "payments.process_event",
            {"event_id": event_id},
            key=f"payments.process_event:{event_id}",
        )
    return True


async def process(event_id: int) -> None:
    """Handle one stored event. Anything that fails is tried again; what is not ours is kept."""
    async with transaction(RECEIVE) as tx:
        event = await tx.db.get(ExternalEvent, event_id)
        if event is None or event.handled_at is not None:
            return
        about, key, account = event.object_type, event.object_id, event.account
    ours = await read_again(about, key, account)
    async with transaction(RECEIVE) as tx:
        await tx.db.execute(
            _HANDLED,
            {"now": tx.now, "outcome": "handled" if ours else "ignored", "id": event_id},
        )


async def read_again(about: str, key: str, account: str | None) -> bool:
    """The object is fetched; what the event itself says is not believed. False: none of ours."""
    syncs = _PLATFORM if account is None else _CONNECTED
    sync = syncs.get(about)
    return await sync(key, account or "") if sync else False


async def _refund(key: str, _account: str) -> bool:
    return await sync_refund(key)


async def _account(key: str, _account: str) -> bool:
    return await sync_account(key)


async def _checkout(key: str, _account: str) -> bool:
    page = await stripe.checkout(key)
    if page.mode == "setup":
        return await sync_customer(page.customer_id) if page.customer_id else False
    return await _settle(page.charge_ref, None)


async def _method(key: str, _account: str) -> bool:
    return await sync_card(key)


async def _setup(key: str, _account: str) -> bool:
    return await sync_setup(key)


async def _customer(key: str, _account: str) -> bool:
    return await sync_customer(key)


async def _charge(key: str, _account: str) -> bool:
    intent_id = await stripe.intent_of_charge(key)
    return await _intent(intent_id, "") if intent_id else False


async def _intent(key: str, _account: str) -> bool:
    return await _settle((await stripe.payment(key)).charge_ref, key)


async def _settle(charge_ref: str | None, intent_id: str | None) -> bool:
    if charge_ref is None or not charge_ref.isdigit():
        return False
    async with transaction(RECEIVE) as tx:
        known = await tx.db.scalar(
            text("SELECT 1 FROM charges WHERE id = :id"), {"id": int(charge_ref)}
        )
    if known is None:
        return False
    await settle(int(charge_ref), intent_id=intent_id)
    return True


Sync = Callable[[str, str], Awaitable[bool]]

# kind of object → what reads it again, given its id and the account it is in
_PLATFORM: dict[str, Sync] = {
    "refund": _refund,
    "checkout.session": _checkout,
    "charge": _charge,
    "payment_intent": _intent,
    "payment_method": _method,
    "setup_intent": _setup,
    "customer": _customer,
    "transfer": sync_transfer,
    "dispute": sync_dispute,
    "v2.core.account": _account,
}
_CONNECTED: dict[str, Sync] = {
    "payout": sync_payout,
    "v2.core.account": _account,
}
