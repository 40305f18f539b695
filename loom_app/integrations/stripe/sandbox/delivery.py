"""Webhooks out: signed, at least once, tried again with backoff by the outbox."""

import json
from typing import Any

import httpx
import stripe

from loom_app.integrations.stripe.sandbox import refunds
from loom_app.integrations.stripe.sandbox.addresses import webhook_url
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.integrations.stripe.secrets import sandbox_webhook_secret
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs.outbox import job

_transport: httpx.AsyncBaseTransport | None = None


class NotDelivered(Exception):
    """The receiver did not answer 2xx; the outbox tries again."""


def deliver_through(transport: httpx.AsyncBaseTransport | None) -> None:
    """Tests hand in an ASGI transport; None is the network."""
    global _transport  # noqa: PLW0603
    _transport = transport


@job("stripe_sandbox.deliver")
async def deliver(payload: dict[str, Any]) -> None:
    async with transaction(SANDBOX) as tx:
        thin = await Book(tx).find("v2.core.event", payload["event_id"])
    if thin is None:  # the sandbox was emptied meanwhile
        return
    await send(json.dumps(thin))


@job("stripe_sandbox.fail_refund")
async def fail_refund(payload: dict[str, Any]) -> None:
    async with transaction(SANDBOX) as tx:
        await refunds.fail(Book(tx), payload["refund_id"])


async def send(body: str, *, secret: str | None = None) -> None:
    """Post a signed event. Raises NotDelivered."""
    signature = sign(body, secret or sandbox_webhook_secret())
    async with httpx.AsyncClient(transport=_transport, timeout=20) as http:
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        answer = await http.post(webhook_url(), content=body.encode(), headers=headers)
    if not answer.is_success:
        raise NotDelivered(f"webhook answered {answer.status_code}")


def sign(body: str, secret: str) -> str:
    stamp = int(clock.now().timestamp())
    return stripe.WebhookSignature.generate_signature_header(body, secret, stamp)
