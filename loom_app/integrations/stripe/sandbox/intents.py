"""Payment intents: create, confirm, challenge, capture, cancel."""

import secrets
from typing import Any

from loom_app.integrations.stripe.sandbox import charges, forms, methods, objects, people, times
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid, unexpected

Params = dict[str, Any]
_CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation"})
_CANCELABLE = _CONFIRMABLE | {"requires_action", "requires_capture"}
_SMALLEST = 50
_LARGEST = 99_999_999
COPIED = (
    "capture_method",
    "customer",
    "description",
    "metadata",
    "receipt_email",
    "setup_future_usage",
    "transfer_group",
)
_HOW = ("off_session", "return_url", "error_on_requires_action")
_PLAYED = (
    "amount currency confirm payment_method automatic_payment_methods"
    f" {' '.join(_HOW)} {' '.join(COPIED)}"
)


def check_amount(amount: int, param: str = "amount") -> None:
    """Stripe's bounds, in any currency's minor units."""
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", param=param)
    if amount > _LARGEST:
        raise invalid("Amount must be no more than 99999999.", param=param, code="amount_too_large")
    if amount < _SMALLEST:
        raise invalid(
            "The amount is below the smallest that can be charged.",
            param=param,
            code="amount_too_small",
        )


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/payment_intents, confirmed at once where asked."""
    forms.heed(params, _PLAYED)
    check_amount(params["amount"])
    if "customer" in params:
        await people.living(book, params["customer"])
    method = await methods.named(book, params.get("payment_method"))
    intent = new(
        params["amount"], params["currency"], **{k: params[k] for k in COPIED if k in params}
    )
    intent["payment_method"] = method["id"] if method else None
    intent["status"] = "requires_confirmation" if method else "requires_payment_method"
    if method is not None:
        methods.belongs(method, intent["customer"])
    await book.put(intent)
    await book.happened("payment_intent.created", intent)
    if params.get("confirm"):
        return await attempt(book, intent, method, **{k: params[k] for k in _HOW if k in params})
    return intent


def new(amount: int, currency: str, **fields: Any) -> Params:
    """A payment intent in its first state; not stored."""
    intent = objects.make(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        allowed_payment_method_types=None,
        automatic_payment_methods={"allow_redirects": "always", "enabled": True},
        capture_method="automatic_async",
        confirmation_method="automatic",
        currency=currency.lower(),
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        status="requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(12)}"
    return intent | fields


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/payment_intents/{id}: words always, money before it is paid."""
    forms.heed(params, "amount description metadata receipt_email transfer_group")
    intent = await book.get("payment_intent", path["id"], "intent")
    if "amount" in params:
        if intent["status"] not in _CONFIRMABLE:
            raise unexpected(intent, "update the amount of")
        check_amount(params["amount"])
    params["metadata"] = (intent["metadata"] or {}) | (params.get("metadata") or {})
    return await book.put(intent | params)


async def confirm(book: Book, path: dict[str, str], params: Params) -> Params:
    forms.heed(params, f"payment_method {' '.join(_HOW)}")
    intent = await book.get("payment_intent", path["id"], "intent")
    if intent["status"] not in _CONFIRMABLE:
        raise unexpected(intent, "confirm")
    method = await methods.named(book, params.get("payment_method") or intent["payment_method"])
    return await attempt(book, intent, method, **{k: params[k] for k in _HOW if k in params})


async def capture(book: Book, path: dict[str, str], params: Params) -> Params:
    """Take what is held, or a part; the rest is let go."""
    forms.heed(params, "amount_to_capture metadata")
    intent = await book.get("payment_intent", path["id"], "intent")
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "capture")
    amount = params.get("amount_to_capture", intent["amount_capturable"])
    if not 1 <= amount <= intent["amount_capturable"]:
        raise invalid(
            f"The amount to capture ({amount}) is greater than the amount that can be captured"
            f" ({intent['amount_capturable']}).",
            param="amount_to_capture",
            code="amount_too_large",
        )
    intent.pop("_due", None)
    charge = await book.get("charge", intent["latest_charge"])
    charge = await charges.settle(book, charge, amount)
    await book.happened("charge.captured", charge)
    return await _paid(book, intent, charge)


async def cancel(book: Book, path: dict[str, str], params: Params) -> Params:
    intent = await book.get("payment_intent", path["id"], "intent")
    if intent["status"] not in _CANCELABLE:
        raise unexpected(intent, "cancel")
    return await end(book, intent, params.get("cancellation_reason"))


async def end(book: Book, intent: Params, reason: str | None) -> Params:
    """Cancel; what was held goes back, and no balance ever knew of it."""
    if intent["status"] == "requires_capture":
        charge = await book.get("charge", intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        await book.put(charge)
        lapsed = reason == "automatic"
        await book.happened("charge.expired" if lapsed else "charge.refunded", charge)
    intent.pop("_due", None)
    intent |= {
        "status": "canceled",
        "canceled_at": objects.stamp(),
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("payment_intent.canceled", intent)
    return intent


async def attempt(  # noqa: PLR0913 - as the call has them
    book: Book,
    intent: Params,
    method: Params | None,
    *,
    off_session: Any = False,
    return_url: str | None = None,
    error_on_requires_action: bool = False,
    authenticated: bool = False,
) -> Params:
    """Try to take the money. A decline is an ApiError 402 whose effects stay."""
    if method is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            param="payment_method",
            code="payment_intent_unexpected_state",
        )
    methods.belongs(method, intent["customer"])
    card = methods.behaviour(method)
    away = bool(off_session) and off_session != "false"
    intent["payment_method"] = method["id"]
    if card.challenge and not authenticated and not (card.once and method.get("_ready")):
        if away or error_on_requires_action:
            why = ("authentication_required", "authentication_required")
            raise await charges.decline(book, intent, method, why)
        return await _challenge(book, intent, return_url)
    why = methods.refusal(method)
    if why is not None:
        raise await charges.decline(book, intent, method, why)
    if card.days:
        return await _wait(book, intent, method, card.days)
    return await _authorise(book, intent, method, away=away, authenticated=authenticated)


async def _wait(book: Book, intent: Params, method: Params, days: int) -> Params:
    """A bank account is debited in days: until its bank has answered nobody knows."""
    waiting = charges.new(intent, method, status="pending", captured=True, paid=False)
    charge = await book.put(waiting)
    await _kept_or_spent(book, intent, method)
    due = times.stamp() + days * times.DAY
    intent |= {
        "status": "processing",
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "_due": due,
    }
    await book.put(intent)
    await book.later(due)
    await book.happened("charge.pending", charge)
    await book.happened("payment_intent.processing", intent)
    return intent


async def answered(book: Book, intent: Params) -> Params:
    """The bank of a debit has paid, or not; returns the intent."""
    intent.pop("_due", None)
    charge = await book.get("charge", intent["latest_charge"])
    why = methods.behaviour(charge["payment_method_details"]).decline
    if why is not None:
        method = await book.get("payment_method", intent["payment_method"])
        await charges.decline(book, intent, method, why, charge)
        return intent
    charge |= {"status": "succeeded", "paid": True, "outcome": charges.approved()}
    charge["receipt_url"] = page_url(f"receipts/{charge['id']}")
    charge = await charges.settle(book, charge, intent["amount"])
    await book.happened("charge.succeeded", charge)
    return await _paid(book, intent, charge)


async def _kept_or_spent(
    book: Book, intent: Params, method: Params, *, authenticated: bool = False
) -> None:
    if intent["setup_future_usage"] and intent["customer"]:
        await methods.keep(book, method, intent["customer"], authenticated=authenticated)
    elif method["customer"] is None:
        await methods.spend(book, method)


async def _authorise(
    book: Book, intent: Params, method: Params, *, away: bool, authenticated: bool
) -> Params:
    charge = charges.new(
        intent,
        method,
        status="succeeded",
        captured=False,
        paid=True,
        outcome=charges.approved(),
    )
    charge["receipt_url"] = page_url(f"receipts/{charge['id']}")
    await _kept_or_spent(book, intent, method, authenticated=authenticated)
    intent |= {"latest_charge": charge["id"], "last_payment_error": None, "next_action": None}
    if intent["capture_method"] == "manual":
        until = charges.held_until(method, away=away)
        charge["payment_method_details"]["card"]["capture_before"] = until
        await book.put(charge)
        intent |= {
            "status": "requires_capture",
            "amount_capturable": intent["amount"],
            "_due": until,
        }
        await book.put(intent)
        await book.later(until)
        await book.happened("charge.succeeded", charge)
        await book.happened("payment_intent.amount_capturable_updated", intent)
        return intent
    charge = await charges.settle(book, charge, intent["amount"])
    await book.happened("charge.succeeded", charge)
    return await _paid(book, intent, charge)


async def _paid(book: Book, intent: Params, charge: Params) -> Params:
    intent |= {
        "status": "succeeded",
        "amount_received": charge["amount_captured"],
        "amount_capturable": 0,
    }
    await book.put(intent)
    await book.happened("payment_intent.succeeded", intent)
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
    await book.happened("payment_intent.requires_action", intent)
    return intent
