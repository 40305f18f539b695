"""Setup intents: keeping a card for charges while its owner is away."""

import secrets
from typing import Any

from loom_app.integrations.stripe.sandbox import forms, methods, objects, people
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid, unexpected

Params = dict[str, Any]
_CARD_OPTIONS = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
_OPEN = frozenset({"requires_payment_method", "requires_confirmation"})
_PLAYED = (
    "customer payment_method confirm usage description metadata return_url"
    " automatic_payment_methods"
)


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/setup_intents, confirmed at once where asked."""
    forms.heed(params, _PLAYED)
    if "customer" in params:
        await people.living(book, params["customer"])
    method = await methods.named(book, params.get("payment_method"))
    intent = new(**{k: params[k] for k in ("customer", "usage", "description") if k in params})
    intent["metadata"] = params.get("metadata") or {}
    intent["payment_method"] = method["id"] if method else None
    intent["status"] = "requires_confirmation" if method else "requires_payment_method"
    await book.put(intent)
    await book.happened("setup_intent.created", intent)
    if params.get("confirm"):
        return await attempt(book, intent, method, return_url=params.get("return_url"))
    return intent


def new(**fields: Any) -> Params:
    """A setup intent in its first state; not stored."""
    intent = objects.make(
        "setup_intent",
        automatic_payment_methods={"allow_redirects": "always", "enabled": True},
        payment_method_options={
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(12)}"
    return intent | fields


async def confirm(book: Book, path: dict[str, str], params: Params) -> Params:
    forms.heed(params, "payment_method return_url")
    intent = await book.get("setup_intent", path["id"], "intent")
    if intent["status"] not in _OPEN:
        raise unexpected(intent, "confirm")
    method = await methods.named(book, params.get("payment_method") or intent["payment_method"])
    return await attempt(book, intent, method, return_url=params.get("return_url"))


async def cancel(book: Book, path: dict[str, str], params: Params) -> Params:
    intent = await book.get("setup_intent", path["id"], "intent")
    if intent["status"] not in _OPEN | {"requires_action"}:
        raise unexpected(intent, "cancel")
    intent |= {
        "status": "canceled",
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("setup_intent.canceled", intent)
    return intent


async def attempt(
    book: Book,
    intent: Params,
    method: Params | None,
    *,
    return_url: str | None = None,
    authenticated: bool = False,
) -> Params:
    """Ask the bank whether the card may be kept. A decline is an ApiError 402 that stays."""
    if method is None:
        raise invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            param="payment_method",
            code="setup_intent_unexpected_state",
        )
    card = methods.behaviour(method)
    intent["payment_method"] = method["id"]
    if card.challenge and not authenticated:
        return await _challenge(book, intent, return_url)
    why = methods.refusal(method)
    if why is not None and card.last4 != "0341":  # that one is kept, and declined when charged
        raise await decline(book, intent, method, why)
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    if intent["customer"]:
        await methods.keep(book, method, intent["customer"], authenticated=authenticated)
    await book.put(intent)
    await book.happened("setup_intent.succeeded", intent)
    return intent


async def _challenge(book: Book, intent: Params, return_url: str | None) -> Params:
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": page_url(f"3ds/{intent['id']}")},
        },
    }
    await book.put(intent)
    await book.happened("setup_intent.requires_action", intent)
    return intent


async def decline(
    book: Book, intent: Params, method: Params, why: tuple[str, str | None]
) -> ApiError:
    """Record that the card was not kept; returns the error to raise."""
    problem = methods.problem(why)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_setup_error": {**problem, "payment_method": objects.shown(method)},
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("setup_intent.setup_failed", intent)
    message, kind = problem.pop("message"), problem.pop("type")
    problem.pop("doc_url", None)
    return ApiError(
        402, kind, message, setup_intent=intent, payment_method=method, executed=True, **problem
    )
