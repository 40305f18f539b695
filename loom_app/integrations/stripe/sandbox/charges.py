"""Charges: what an attempt to take money leaves behind."""

from typing import Any

from loom_app.integrations.stripe.sandbox import methods, money, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError

Params = dict[str, Any]
_HELD_SECONDS = 7 * times.DAY
_VISA_AWAY_SECONDS = 4 * times.DAY + 18 * 3600  # Visa's rule for charges without the cardholder


def held_until(method: Params, *, away: bool) -> int:
    """Until when a hold may be captured."""
    short = away and method.get("card", {}).get("brand") == "visa"
    return times.stamp() + (_VISA_AWAY_SECONDS if short else _HELD_SECONDS)


async def settle(book: Book, charge: Params, amount: int) -> Params:
    """The money of a charge arrives in the balance, less Stripe's fee."""
    card = methods.behaviour(charge["payment_method_details"])
    charge |= {"captured": True, "amount_captured": amount}
    movement = await money.moved(
        book,
        "charge",
        charge,
        amount=amount,
        fee=money.processing_fee(amount, charge["currency"]),
        available=times.stamp() if card.instant else None,
    )
    charge["balance_transaction"] = movement["id"]
    await book.put(charge)
    if card.disputed:  # the bank's letter comes on its own, after the payment
        await book.tx.enqueue("stripe_sandbox.open_dispute", {"charge_id": charge["id"]})
    return charge


async def decline(
    book: Book,
    intent: Params,
    method: Params,
    why: tuple[str, str | None],
    charge: Params | None = None,
) -> ApiError:
    """Record a failed charge, or that a pending one failed, and go back to asking for a way to
    pay; returns the error to raise."""
    code, decline_code = why
    problem = methods.problem(why)
    words = problem["message"]
    failed = {
        "status": "failed",
        "captured": False,
        "paid": False,
        "failure_code": code,
        "failure_message": words,
        "outcome": outcome("issuer_declined", "declined_by_network", decline_code or code, words),
    }
    charge = await book.put((charge or new(intent, method)) | failed)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": {
            **problem,
            "charge": charge["id"],
            "payment_method": objects.shown(method),
        },
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


def outcome(kind: str, network: str, reason: str | None, words: str) -> Params:
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


def approved() -> Params:
    return outcome("authorized", "approved_by_network", None, "Payment complete.")


def new(intent: Params, method: Params, **fields: Any) -> Params:
    """A charge of an intent; not stored."""
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
            payment_method_details=_details(method, intent["amount"]),
            refunded=False,
            transfer_group=intent["transfer_group"],
        )
        | fields
    )


def _details(method: Params, amount: int) -> Params:
    """What a charge says of the way it was paid."""
    kind = method["type"]
    if kind == "link":
        return {"link": {"country": None, "funding_source_group": None}, "type": kind}
    known = method[kind]
    if kind != "card":
        names = {"us_bank_account": _US_BANK, "sepa_debit": _SEPA_DEBIT}[kind].split()
        return {kind: {name: known.get(name) for name in names}, "type": kind}
    return {
        "card": {
            **{name: known[name] for name in _CARD.split()},
            "amount_authorized": amount,
            "installments": None,
            "mandate": None,
            "network": known["brand"],
            "three_d_secure": None,
        },
        "type": "card",
    }


_CARD = "brand checks country exp_month exp_year fingerprint funding last4 wallet"
_US_BANK = (
    "account_holder_type account_type bank_name expected_debit_date fingerprint last4 mandate"
    " payment_reference routing_number"
)
_SEPA_DEBIT = "bank_code branch_code country expected_debit_date fingerprint last4 mandate"
