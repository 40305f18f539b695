"""What Loom asks of Stripe, by the official SDK: narrow functions, small frozen answers.

Every write carries an idempotency key made from Loom's own ids, so that a repeat after a crash or a
lost answer is the same write. One SDK client per event loop: its connections belong to the loop.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
import stripe

from loom_app.integrations.stripe.errors import in_words
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.secrets import api_key
from loom_app.kit.money import Money
from loom_app.kit.settings import settings

stripe.enable_telemetry = False  # it would write an id file into the home directory

TIMEOUT_SECONDS = 20.0
RETRIES = 2

T = TypeVar("T")
_transport: httpx.AsyncBaseTransport | None = None
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, stripe.StripeClient] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Order:
    """What a Checkout page asks for. All of it is stored, so that a repeat is equal."""

    charge_id: int
    amount: Money
    description: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted Checkout session. `url` is None when it is no longer open."""

    id: str
    status: str
    paid: bool
    total: Money
    url: str | None
    intent_id: str | None
    charge_ref: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment intent with what came of its latest charge."""

    id: str
    status: str
    received: Money
    charge_id: str | None
    processing_fee: Money | None
    decline_code: str | None
    charge_ref: str | None


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund; `status` is pending, requires_action, succeeded, failed or canceled."""

    id: str
    status: str
    amount: Money
    refund_ref: str | None


def connect_through(transport: httpx.AsyncBaseTransport | None) -> None:
    """Use this transport from now on: tests hand in the sandbox as an ASGI app."""
    global _transport  # noqa: PLW0603
    _transport = transport
    _clients.clear()


def sdk() -> stripe.StripeClient:
    """The SDK's client of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        http = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS)
        if _transport is not None:
            http._client_async = httpx.AsyncClient(transport=_transport)  # noqa: SLF001 - no public way
        elsewhere: Any = {"base_addresses": {"api": page_url("").rstrip("/")}}
        _clients[loop] = stripe.StripeClient(
            api_key(),
            http_client=http,
            max_network_retries=RETRIES,
            **(elsewhere if settings().stripe_sandbox else {}),
        )
    return _clients[loop]


async def close() -> None:
    """At shutdown: end this loop's connections."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        http: Any = client._requestor._client  # noqa: SLF001 - the SDK keeps it to itself
        await http.close_async()


async def _ask(call: Awaitable[T]) -> T:
    try:
        return await call
    except stripe.StripeError as error:
        raise in_words(error) from error


def _maybe(thing: Any, name: str) -> Any:
    """An optional field: Stripe leaves some out and sends others as null."""
    return getattr(thing, name, None) if thing is not None else None


def _ref(thing: Any, name: str) -> str | None:
    metadata = _maybe(thing, "metadata")
    return _maybe(metadata, name)


def _id(thing: Any) -> str | None:
    return thing if thing is None or isinstance(thing, str) else thing.id


async def open_checkout(order: Order) -> Checkout:
    """A hosted page to pay on. The same charge always gets the same session."""
    metadata = {"loom_charge": str(order.charge_id)}
    params: Any = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": str(order.charge_id),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": order.amount.minor,
                    "product_data": {"name": order.description},
                },
            }
        ],
        "payment_intent_data": {
            "metadata": metadata,
            "transfer_group": f"charge_{order.charge_id}",
        },
        "metadata": metadata,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
    }
    options: Any = {"idempotency_key": f"loom:checkout:{order.charge_id}"}
    return _checkout(await _ask(sdk().v1.checkout.sessions.create_async(params, options)))


async def checkout(session_id: str) -> Checkout:
    return _checkout(await _ask(sdk().v1.checkout.sessions.retrieve_async(session_id)))


async def expire_checkout(session_id: str) -> Checkout:
    """Close the page. Raises PaymentRefused where it is closed already."""
    options: Any = {"idempotency_key": f"loom:expire:{session_id}"}
    done = await _ask(sdk().v1.checkout.sessions.expire_async(session_id, None, options))
    return _checkout(done)


def _checkout(session: Any) -> Checkout:
    return Checkout(
        id=session.id,
        status=session.status,
        paid=session.payment_status == "paid",
        total=Money(session.amount_total, session.currency.upper()),
        url=_maybe(session, "url"),
        intent_id=_id(_maybe(session, "payment_intent")),
        charge_ref=_ref(session, "loom_charge"),
    )


async def payment(intent_id: str) -> Payment:
    """The intent with its charge and what the processing cost, where that is known by now."""
    params: Any = {"expand": ["latest_charge.balance_transaction"]}
    return _payment(await _ask(sdk().v1.payment_intents.retrieve_async(intent_id, params)))


def _payment(intent: Any) -> Payment:
    currency = intent.currency.upper()
    charge = _maybe(intent, "latest_charge")
    movement = _maybe(charge, "balance_transaction")
    problem = _maybe(intent, "last_payment_error")
    return Payment(
        id=intent.id,
        status=intent.status,
        received=Money(intent.amount_received, currency),
        charge_id=_id(charge),
        processing_fee=Money(movement.fee, movement.currency.upper()) if movement else None,
        decline_code=_maybe(problem, "decline_code") or _maybe(problem, "code"),
        charge_ref=_ref(intent, "loom_charge"),
    )


async def intent_of_charge(charge_id: str) -> str | None:
    found: Any = await _ask(sdk().v1.charges.retrieve_async(charge_id))
    return _id(_maybe(found, "payment_intent"))


async def make_refund(*, refund_id: int, intent_id: str, amount: Money, reason: str) -> Refunded:
    """Give money back. The same refund is never made twice."""
    params: Any = {
        "payment_intent": intent_id,
        "amount": amount.minor,
        "reason": "requested_by_customer",
        "metadata": {"loom_refund": str(refund_id), "loom_reason": reason},
    }
    options: Any = {"idempotency_key": f"loom:refund:{refund_id}"}
    return _refunded(await _ask(sdk().v1.refunds.create_async(params, options)))


async def refund(refund_id: str) -> Refunded:
    return _refunded(await _ask(sdk().v1.refunds.retrieve_async(refund_id)))


def _refunded(done: Any) -> Refunded:
    return Refunded(
        id=done.id,
        status=_maybe(done, "status") or "pending",
        amount=Money(done.amount, done.currency.upper()),
        refund_ref=_ref(done, "loom_refund"),
    )
