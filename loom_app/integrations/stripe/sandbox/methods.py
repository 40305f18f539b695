"""Payment methods as they are stored, and how their test cards behave."""

from typing import Any

from loom_app.integrations.stripe.sandbox import cards, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

Params = dict[str, Any]
_SPENT = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer"
    " attachment, shared with a connected account without Customer attachment, or was detached"
    " from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must"
    " attach it to a Customer first."
)


def new(
    card: cards.TestCard,
    month: int,
    year: int,
    *,
    name: str | None = None,
    email: str | None = None,
) -> Params:
    """A payment method of a test card or account; not stored. No number is in it."""
    if card.kind == "link":
        email = email or "ben@loom.test"
        details: Params = {"email": email}
    else:
        details = cards.public(card, month, year) if card.kind == "card" else cards.debited(card)
    return objects.make(
        "payment_method",
        allow_redisplay="unspecified",
        billing_details=objects.billing(name, email),
        type=card.kind,
        **{card.kind: details},
    )


def ready_made(alias: str) -> Params | None:
    """Stripe's `pm_card_…` become a method of their own at each use."""
    card = cards.by_alias(alias)
    return new(card, 12, 2034) if card else None


async def named(book: Book, key: str | None) -> Params | None:
    """The method that a request names. Raises for one that is spent."""
    if key is None:
        return None
    made = ready_made(key)
    if made is not None:
        return await book.put(made)
    method = await book.get("payment_method", key, "payment_method")
    if method.get("_spent"):
        raise invalid(_SPENT, param="payment_method", code="payment_method_unexpected_state")
    return method


def behaviour(method: Params) -> cards.TestCard:
    """Of a payment method, or of what a charge says of its own."""
    kind = method["type"]
    return cards.LINK if kind == "link" else cards.by_last4(method[kind]["last4"])


def refusal(method: Params) -> tuple[str, str | None] | None:
    """Why the bank says no at once, as (code, decline_code), or None."""
    known, now = behaviour(method), times.now()
    card = method.get("card")
    if card and (card["exp_year"], card["exp_month"]) < (now.year, now.month):
        return "expired_card", None
    return None if known.days else known.decline


def belongs(method: Params, customer: str | None) -> None:
    """A saved card pays for its own customer only."""
    if method["customer"] not in (None, customer):
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to another Customer: it can only be used"
            " with the Customer it is attached to.",
            param="payment_method",
        )


async def keep(
    book: Book, method: Params, customer: str, *, authenticated: bool, redisplay: str = "limited"
) -> Params:
    """Attach it; a card that was confirmed with its bank by now need not be off session."""
    fresh = method["customer"] is None
    method |= {"customer": customer, "_ready": authenticated or method.get("_ready", False)}
    if fresh:
        method["allow_redisplay"] = redisplay
    await book.put(method)
    if fresh:
        await book.happened("payment_method.attached", method)
    return method


async def spend(book: Book, method: Params) -> None:
    """A card that pays once and is nobody's is not used again."""
    await book.put(method | {"_spent": True})


def problem(why: tuple[str, str | None]) -> Params:
    """The fields of an error that a refusal makes."""
    code, decline_code = why
    found: Params = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": cards.MESSAGES.get(code, cards.MESSAGES["card_declined"]),
        "type": "card_error",
    }
    if decline_code:
        found["decline_code"] = decline_code
    return found


def declined(why: tuple[str, str | None]) -> ApiError:
    """A refusal that leaves nothing behind."""
    fields = problem(why)
    message, kind = fields.pop("message"), fields.pop("type")
    fields.pop("doc_url")
    return ApiError(402, kind, message, **fields)
