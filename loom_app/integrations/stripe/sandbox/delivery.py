"""Webhooks out: signed, at least once, tried again with backoff by the outbox; and other jobs."""

import json
from typing import Any

import httpx
import stripe

from loom_app.integrations.stripe.sandbox import disputes, refunds, ticking
from loom_app.integrations.stripe.sandbox.addresses import webhook_url
from loom_app.integrations.stripe.sandbox.book import opened
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.integrations.stripe.sandbox.objects import shown
from loom_app.integrations.stripe.secrets import sandbox_connect_secret, sandbox_webhook_secret
from loom_app.kit import clock
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
    async with opened() as book:
        thin = await book.find_anywhere("v2.core.event", payload["event_id"])
    if thin is None:  # the sandbox was emptied meanwhile
        return
    secret = sandbox_connect_secret() if thin["context"] else sandbox_webhook_secret()
    await send(json.dumps(shown(thin)), secret=secret)


@job("stripe_sandbox.fail_refund")
async def fail_refund(payload: dict[str, Any]) -> None:
    async with ticking.opened_now() as book:
        await refunds.fail(book, payload["refund_id"])


@job("stripe_sandbox.open_dispute")
async def open_dispute(payload: dict[str, Any]) -> None:
    async with ticking.opened_now() as book:
        try:
            await disputes.open_on(book, payload["charge_id"])
        except ApiError:  # refunded or disputed before the bank's letter came
            return


@job("stripe_sandbox.decide_dispute")
async def decide_dispute(payload: dict[str, Any]) -> None:
    async with ticking.opened_now() as book:
        dispute = await book.get("dispute", payload["dispute_id"])
        await disputes.decide(book, dispute, won=payload["won"])


@job("stripe_sandbox.tick")
async def tick(_: dict[str, Any]) -> None:
    """Something fell due that nobody has asked about."""
    async with opened() as book:
        await ticking.run(book)


async def send(body: str, *, secret: str | None = None) -> None:
    """Post a signed event. Raises NotDelivered."""
    signature = sign(body, secret or sandbox_webhook_secret())
    async with httpx.AsyncClient(transport=_transport, timeout=20) as http:
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        answer = await http.post(webhook_url(), content=body.encode(), headers=headers)
    if not answer.is_success:
        raise NotDelivered(f"webhook answered {answer.status_code}")


def sign(body: str, secret: str) -> str:
    """By the real clock: the receiver's is not moved."""
    stamp = int(clock.now().timestamp())
    return stripe.WebhookSignature.generate_signature_header(body, secret, stamp)
