"""Refunds: never more than was captured, also when two ask at once."""

from typing import Any

from loom_app.integrations.stripe.sandbox import forms, methods, money, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

Params = dict[str, Any]


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/refunds: of a charge or of an intent's charge, in full or in part."""
    forms.heed(params, "charge payment_intent amount reason metadata")
    charge = await _charge(book, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["refunded"]:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge.get("_disputed"):
        raise invalid(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    amount = params.get("amount", left)
    if not 1 <= amount <= left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = objects.make(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details=_destination(charge["payment_method_details"]["type"]),
        metadata=params.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="succeeded",
    )
    movement = await money.moved(book, "refund", refund, amount=-amount, available=times.stamp())
    refund["balance_transaction"] = movement["id"]
    await _settle(book, charge, amount)
    await book.put(refund)
    await book.happened("refund.created", refund)
    await book.happened("charge.refunded", charge)
    card = methods.behaviour(charge["payment_method_details"])
    if card.refund_fails:
        await book.tx.enqueue("stripe_sandbox.fail_refund", {"refund_id": refund["id"]})
    return refund


def _destination(kind: str) -> Params | None:
    if kind == "us_bank_account":
        return {
            "type": "us_bank_transfer",
            "us_bank_transfer": {"reference": None, "reference_status": "pending"},
        }
    if kind != "card":
        return None
    return {
        "card": {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    }


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/refunds/{id}: metadata only, as there."""
    refund = await book.get("refund", path["id"])
    refund["metadata"] = refund["metadata"] | (params.get("metadata") or {})
    await book.put(refund)
    await book.happened("refund.updated", refund)
    return refund


async def _charge(book: Book, params: Params) -> Params:
    if "charge" in params:
        return await book.get("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    intent = await book.get("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return await book.get("charge", intent["latest_charge"], "charge")


async def _settle(book: Book, charge: Params, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    await book.put(charge)


async def fail(book: Book, key: str) -> None:
    """The card's bank sends a refund back, as test card …5126 does."""
    refund = await book.get("refund", key)
    if refund["status"] == "failed":
        return
    charge = await book.get("charge", refund["charge"])
    movement = await money.moved(
        book, "refund_failure", refund, amount=refund["amount"], available=times.stamp()
    )
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": movement["id"],
    }
    await _settle(book, charge, -refund["amount"])
    await book.put(refund)
    await book.happened("refund.failed", refund)
