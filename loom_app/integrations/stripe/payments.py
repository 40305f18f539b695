"""Payment intents and refunds: what was taken, held, let go and given back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, id_of, maybe, options, ref, sdk
from loom_app.kit.money import Money

_WHOLE: Any = ["latest_charge.balance_transaction"]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment intent with what came of its latest charge.

    `status` is Stripe's: requires_payment_method, requires_confirmation, requires_action,
    processing, requires_capture, succeeded or canceled. `capturable` is held and not yet taken,
    until `capture_before`. `kind` with `brand` (a bank's name for a bank account) and `last4` say
    what it was paid with. `available_at` is when the money may be sent on. `disputed` is about
    the latest charge.
    """

    id: str
    status: str
    received: Money
    charge_id: str | None
    processing_fee: Money | None
    decline_code: str | None
    charge_ref: str | None
    capturable: Money | None = None
    capture_before: datetime | None = None
    available_at: datetime | None = None
    customer_id: str | None = None
    card_id: str | None = None
    kind: str = "card"
    brand: str | None = None
    last4: str | None = None
    receipt_url: str | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund; `status` is pending, requires_action, succeeded, failed or canceled.

    A refund that succeeded may fail days later (`v1.refund.failed`): the money is back with us.
    """

    id: str
    status: str
    amount: Money
    refund_ref: str | None
    failure_reason: str | None = None
    charge_id: str | None = None
    intent_id: str | None = None


async def payment(intent_id: str) -> Payment:
    """The intent with its charge and what the processing cost, where that is known by now."""
    params: Any = {"expand": _WHOLE}
    return _payment(await ask(sdk().v1.payment_intents.retrieve_async(intent_id, params)))


async def charge_off_session(  # noqa: PLR0913 - by keyword only
    *,
    key: str,
    charge_id: int,
    customer_id: str,
    card_id: str,
    amount: Money,
    description: str,
    hold: bool = False,
) -> Payment:
    """Charge a saved card while its owner is away; the money is there when this returns.

    Raises PaymentRefused with the decline's `code`: on "authentication_required" the bank wants
    the owner, so send a Checkout link (`intent_id` names what was tried). `hold` reserves only.
    """
    params: Any = {
        "amount": amount.minor,
        "currency": amount.currency.lower(),
        "customer": customer_id,
        "payment_method": card_id,
        "off_session": True,
        "confirm": True,
        "error_on_requires_action": True,
        "description": description,
        "metadata": {"loom_charge": str(charge_id)},
        "transfer_group": f"charge_{charge_id}",
        "expand": _WHOLE,
    }
    if hold:
        params["capture_method"] = "manual"
    return _payment(await ask(sdk().v1.payment_intents.create_async(params, options(key=key))))


async def capture(intent_id: str, *, key: str, amount: Money | None = None) -> Payment:
    """Take what is held, or a part of it; the rest is let go at once."""
    params: Any = {"expand": _WHOLE}
    if amount is not None:
        params["amount_to_capture"] = amount.minor
    call = sdk().v1.payment_intents.capture_async(intent_id, params, options(key=key))
    return _payment(await ask(call))


async def cancel_intent(intent_id: str, *, key: str) -> Payment:
    """Let go of what is held, or end a payment that was never made. Paid: PaymentRefused."""
    params: Any = {"cancellation_reason": "requested_by_customer", "expand": _WHOLE}
    call = sdk().v1.payment_intents.cancel_async(intent_id, params, options(key=key))
    return _payment(await ask(call))


def _payment(intent: Any) -> Payment:
    currency = intent.currency.upper()
    charge = maybe(intent, "latest_charge")
    charge = None if isinstance(charge, str) else charge
    movement = maybe(charge, "balance_transaction")
    movement = None if isinstance(movement, str) else movement
    problem = maybe(intent, "last_payment_error")
    kind = maybe(charge, "payment_method_details", "type") or "card"
    known = maybe(charge, "payment_method_details", kind)
    return Payment(
        id=intent.id,
        status=intent.status,
        received=Money(intent.amount_received, currency),
        charge_id=id_of(maybe(intent, "latest_charge")),
        processing_fee=Money(movement.fee, movement.currency.upper()) if movement else None,
        decline_code=maybe(problem, "decline_code") or maybe(problem, "code"),
        charge_ref=ref(intent, "loom_charge"),
        capturable=Money(intent.amount_capturable, currency),
        capture_before=moment(maybe(known, "capture_before")),
        available_at=moment(maybe(movement, "available_on")),
        customer_id=id_of(maybe(intent, "customer")),
        card_id=id_of(maybe(intent, "payment_method")),
        kind=kind,
        brand=maybe(known, "brand") or maybe(known, "bank_name"),
        last4=maybe(known, "last4"),
        receipt_url=maybe(charge, "receipt_url"),
        disputed=bool(maybe(charge, "disputed")),
    )


def moment(stamp: int | None) -> datetime | None:
    """Stripe's seconds as aware UTC."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


async def intent_of_charge(charge_id: str) -> str | None:
    found: Any = await ask(sdk().v1.charges.retrieve_async(charge_id))
    return id_of(maybe(found, "payment_intent"))


async def make_refund(*, refund_id: int, intent_id: str, amount: Money, reason: str) -> Refunded:
    """Give money back. The same refund is never made twice."""
    params: Any = {
        "payment_intent": intent_id,
        "amount": amount.minor,
        "reason": "requested_by_customer",
        "metadata": {"loom_refund": str(refund_id), "loom_reason": reason},
    }
    call = sdk().v1.refunds.create_async(params, options(key=f"loom:refund:{refund_id}"))
    return _refunded(await ask(call))


async def refund(refund_id: str) -> Refunded:
    return _refunded(await ask(sdk().v1.refunds.retrieve_async(refund_id)))


def _refunded(done: Any) -> Refunded:
    return Refunded(
        id=done.id,
        status=maybe(done, "status") or "pending",
        amount=Money(done.amount, done.currency.upper()),
        refund_ref=ref(done, "loom_refund"),
        failure_reason=maybe(done, "failure_reason"),
        charge_id=id_of(maybe(done, "charge")),
        intent_id=id_of(maybe(done, "payment_intent")),
    )
