"""Payment intents: create, confirm, challenge, cancel; and the charges that come of them."""

import secrets
from typing import Any

from loom_app.integrations.stripe.sandbox import cards, money, objects
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

_CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation"})
_CANCELABLE = _CONFIRMABLE | {"requires_action", "requires_capture"}
SMALLEST = 50


def check_amount(amount: int, param: str = "amount") -> None:
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", param=param)
    if amount < SMALLEST:
        raise invalid(
            "The amount is below the smallest that can be charged.",
            param=param,
            code="amount_too_small",
        )


async def create(book: Book, params: dict[str, Any]) -> dict[str, Any]:
    """A payment intent, confirmed at once where asked."""
    check_amount(params["amount"])
    confirm = params.pop("confirm", False)
    options = {k: params.pop(k) for k in ("off_session", "return_url") if k in params}
    method = await _method(book, params.pop("payment_method", None))
    intent = new(params["amount"], params["currency"], **_known(params))
    intent["payment_method"] = method["id"] if method else None
    intent["status"] = "requires_confirmation" if method else "requires_payment_method"
    await book.put(intent)
    await book.happened("payment_intent.created", intent)
    if confirm:
        return await attempt(book, intent, method, **options)
    return intent


COPIED = (
    "customer",
    "description",
    "metadata",
    "receipt_email",
    "setup_future_usage",
    "transfer_group",
)


def _known(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in COPIED if name in params}


def new(amount: int, currency: str, **fields: Any) -> dict[str, Any]:
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


async def _method(book: Book, named: str | None) -> dict[str, Any] | None:
    if named is None:
        return None
    card = cards.by_alias(named)
    if card is not None:  # Stripe's ready-made methods become a real one at first use
        return await book.put(new_method(card, 12, 2034))
    return await book.get("payment_method", named, "payment_method")


def new_method(
    card: cards.TestCard,
    month: int,
    year: int,
    *,
    name: str | None = None,
    email: str | None = None,
) -> dict[str, Any]:
    return objects.make(
        "payment_method",
        allow_redisplay="unspecified",
        billing_details=objects.billing(name, email),
        card=cards.public(card, month, year),
        type="card",
    )


async def confirm(book: Book, key: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = await book.get("payment_intent", key, "intent")
    if intent["status"] not in _CONFIRMABLE:
        raise _unexpected(intent, "confirm")
    method = await _method(book, params.get("payment_method") or intent["payment_method"])
    options = {k: params[k] for k in ("off_session", "return_url") if k in params}
    return await attempt(book, intent, method, **options)


async def cancel(book: Book, key: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = await book.get("payment_intent", key, "intent")
    if intent["status"] not in _CANCELABLE:
        raise _unexpected(intent, "cancel")
    intent |= {
        "status": "canceled",
        "canceled_at": objects.stamp(),
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("payment_intent.canceled", intent)
    return intent


def _unexpected(intent: dict[str, Any], verb: str) -> ApiError:
    return ApiError(
        400,
        "invalid_request_error",
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


async def attempt(
    book: Book,
    intent: dict[str, Any],
    method: dict[str, Any] | None,
    *,
    off_session: Any = False,
    return_url: str | None = None,
    authenticated: bool = False,
) -> dict[str, Any]:
    """Try to take the money. A decline is an ApiError 402 whose effects stay."""
    if method is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            param="payment_method",
            code="payment_intent_unexpected_state",
        )
    card = cards.by_last4(method["card"]["last4"])
    intent["payment_method"] = method["id"]
    if card.challenge and not authenticated:
        if off_session and off_session != "false":
            raise await decline(
                book, intent, method, ("authentication_required", "authentication_required")
            )
        return await _challenge(book, intent, return_url)
    if card.decline is not None:
        raise await decline(book, intent, method, card.decline)
    return await _succeed(book, intent, method, card)


async def _challenge(book: Book, intent: dict[str, Any], return_url: str | None) -> dict[str, Any]:
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


async def decline(
    book: Book, intent: dict[str, Any], method: dict[str, Any], why: tuple[str, str | None]
) -> ApiError:
    """Record a failed charge and go back to asking for a card; returns the error to raise."""
    code, decline_code = why
    words = cards.MESSAGES.get(code, cards.MESSAGES["card_declined"])
    charge = await book.put(
        _charge(
            intent,
            method,
            status="failed",
            captured=False,
            paid=False,
            failure_code=code,
            failure_message=words,
            outcome=_outcome("issuer_declined", "declined_by_network", decline_code or code, words),
        )
    )
    problem = {
        "charge": charge["id"],
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": words,
        "payment_method": method,
        "type": "card_error",
    }
    if decline_code:
        problem["decline_code"] = decline_code
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": problem,
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("charge.failed", charge)
    await book.happened("payment_intent.payment_failed", intent)
    return ApiError(
        402,
        "card_error",
        words,
        code=code,
        decline_code=decline_code,
        charge=charge["id"],
        payment_intent=intent,
        payment_method=method,
        executed=True,
    )


async def _succeed(
    book: Book, intent: dict[str, Any], method: dict[str, Any], card: cards.TestCard
) -> dict[str, Any]:
    amount, currency = intent["amount"], intent["currency"]
    charge = _charge(
        intent,
        method,
        status="succeeded",
        captured=True,
        paid=True,
        amount_captured=amount,
        outcome=_outcome("authorized", "approved_by_network", None, "Payment complete."),
    )
    fee = money.processing_fee(amount, currency)
    movement = await money.moved(
        book, "charge", charge, amount=amount, fee=fee, instant=card.instant
    )
    charge |= {
        "balance_transaction": movement["id"],
        "receipt_url": page_url(f"receipts/{charge['id']}"),
    }
    await book.put(charge)
    intent |= {
        "status": "succeeded",
        "amount_received": amount,
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    await book.put(intent)
    await book.happened("charge.succeeded", charge)
    await book.happened("payment_intent.succeeded", intent)
    return intent


def _outcome(kind: str, network: str, reason: str | None, words: str) -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": words,
        "type": kind,
    }


def _charge(intent: dict[str, Any], method: dict[str, Any], **fields: Any) -> dict[str, Any]:
    card = method["card"]
    return (
        objects.make(
            "charge",
            amount=intent["amount"],
            amount_captured=0,
            amount_refunded=0,
            billing_details=method["billing_details"],
            currency=intent["currency"],
            customer=intent["customer"],
            description=intent["description"],
            disputed=False,
            fraud_details={},
            metadata=intent["metadata"],
            payment_intent=intent["id"],
            payment_method=method["id"],
            payment_method_details={
                "card": {
                    "amount_authorized": intent["amount"],
                    "brand": card["brand"],
                    "checks": card["checks"],
                    "country": card["country"],
                    "exp_month": card["exp_month"],
                    "exp_year": card["exp_year"],
                    "fingerprint": card["fingerprint"],
                    "funding": card["funding"],
                    "installments": None,
                    "last4": card["last4"],
                    "mandate": None,
                    "network": card["brand"],
                    "three_d_secure": None,
                    "wallet": None,
                },
                "type": "card",
            },
            refunded=False,
            transfer_group=intent["transfer_group"],
        )
        | fields
    )
