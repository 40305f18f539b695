"""Stripe's door: signature on the raw body, store once, answer at once."""

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loom_app.domains.payments import actions as payments
from loom_app.integrations.stripe import webhooks as stripe
from loom_app.kit import outside

LARGEST = 1_000_000

log = structlog.get_logger("webhooks")


async def stripe_webhook(request: Request) -> Response:
    """Loom's own account; both endpoints may point here."""
    return await _take(request, connected=False)


async def stripe_connect_webhook(request: Request) -> Response:
    """Coaches' accounts, under a secret of their own."""
    return await _take(request, connected=True)


async def _take(request: Request, *, connected: bool) -> Response:
    if not stripe.is_on(connected=connected):
        return PlainTextResponse("not found", 404)
    raw = await _body(request)
    if raw is None:
        return PlainTextResponse("too large", 413)
    try:
        signature = request.headers.get("stripe-signature", "")
        event = stripe.read(raw, signature, connected=connected)
    except stripe.BadSignature as error:
        log.warning(
            "webhooks.refused", reason=str(error)
        )  # never the body: it is not to be trusted
        return PlainTextResponse("bad signature", 400)
    outside.worked("stripe.webhooks")
    new = await payments.receive(event)
    return PlainTextResponse("kept" if new else "known", 202 if new else 200)


async def _body(request: Request) -> bytes | None:
    """The raw bytes, or None as soon as there are too many."""
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > LARGEST:
            return None
    return bytes(whole)


routes = [
    Route("/webhooks/stripe", stripe_webhook, methods=["POST"]),
    Route("/webhooks/stripe-connect", stripe_connect_webhook, methods=["POST"]),
]
