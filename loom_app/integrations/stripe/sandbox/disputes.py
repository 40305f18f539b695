"""Disputes: opened by a bank (a test card or the control page), answered once, won or lost."""

from typing import Any

import stripe

from loom_app.integrations.stripe.sandbox import forms, money, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

Params = dict[str, Any]
REASONS = (
    "fraudulent",
    "product_not_received",
    "product_unacceptable",
    "credit_not_processed",
    "duplicate",
    "unrecognized",
    "general",
)
ANSWER_DAYS = 10
DECIDE_DAYS = 60
LONGEST_EVIDENCE = 150_000
_FILES = {
    "appeal",
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "enhanced_evidence",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
}


async def open_on(
    book: Book, charge_id: str, *, reason: str = "fraudulent", amount: int | None = None
) -> Params:
    """A cardholder's bank takes the money back, with a fee, until it has decided."""
    charge = await book.get("charge", charge_id, "charge")
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    wanted = left if amount is None else amount
    if charge["disputed"] or not 1 <= wanted <= left:
        raise invalid("This charge cannot be disputed, or not for that much.", param="charge")
    dispute = objects.make(
        "dispute",
        amount=wanted,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={**dict.fromkeys(_names()), "enhanced_evidence": {}},
        evidence_details={
            "due_by": times.midnight(ANSWER_DAYS) - 1,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        payment_method_details={
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network": charge["payment_method_details"]["card"]["brand"],
                "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
            },
            "type": "card",
        },
        reason=reason,
        status="needs_response",
        _due=times.midnight(ANSWER_DAYS) - 1,
    )
    fee = money.dispute_fee(charge["currency"])
    await _move(book, dispute, -wanted, "dispute", fee)
    charge |= {"disputed": True, "_disputed": True}
    await book.put(charge)
    await book.put(dispute)
    await book.later(dispute["_due"])
    await book.happened("charge.dispute.created", dispute)
    await book.happened("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _names() -> list[str]:
    return [name for name in stripe.Dispute.Evidence.__annotations__ if not name.startswith("_")]


async def _move(book: Book, dispute: Params, amount: int, category: str, fee: int = 0) -> None:
    movement = await money.moved(
        book,
        "adjustment",
        dispute,
        amount=amount,
        fee=fee,
        available=times.stamp(),
        category=category,
    )
    dispute["balance_transactions"].append(movement)


async def get(book: Book, path: dict[str, str], _: Params) -> Params:
    return await book.get("dispute", path["id"], "dispute")


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/disputes/{id}: evidence is kept, and sent to the bank unless `submit` is false."""
    forms.heed(params, "evidence submit metadata")
    dispute = await book.get("dispute", path["id"], "dispute")
    dispute["metadata"] = dispute["metadata"] | (params.get("metadata") or {})
    given = params.get("evidence") or {}
    for name in given.keys() & _FILES:
        raise invalid("The sandbox takes evidence in words only.", param=f"evidence[{name}]")
    if given or params.get("submit", "evidence" in params):
        if dispute["status"] != "needs_response":
            raise invalid("This dispute is closed for evidence: it was submitted, or is over.")
        await _take(book, dispute, given, submit=params.get("submit", True))
    await book.put(dispute)
    await book.happened("charge.dispute.updated", dispute)
    return dispute


async def _take(book: Book, dispute: Params, given: Params, *, submit: bool) -> None:
    evidence = dispute["evidence"]
    evidence |= {name: words or None for name, words in given.items()}
    said = [words for words in evidence.values() if isinstance(words, str)]
    if sum(len(words) for words in said) > LONGEST_EVIDENCE:
        raise invalid("The combined evidence must be under 150,000 characters.", param="evidence")
    details = dispute["evidence_details"]
    details["has_evidence"] = bool(said)
    if submit:
        details |= {"submission_count": 1, "submission_method": "manual"}
        decides = times.stamp() + DECIDE_DAYS * times.DAY
        dispute |= {"status": "under_review", "_due": decides}
        await book.later(decides)
        if evidence["uncategorized_text"] in _SAID:
            job = {"dispute_id": dispute["id"], "won": _SAID[evidence["uncategorized_text"]]}
            await book.tx.enqueue("stripe_sandbox.decide_dispute", job)


_SAID = {"winning_evidence": True, "losing_evidence": False}  # Stripe's own words for tests


async def close(book: Book, path: dict[str, str], _: Params) -> Params:
    """POST /v1/disputes/{id}/close: accepted as lost."""
    dispute = await book.get("dispute", path["id"], "dispute")
    if dispute["status"] not in ("needs_response", "under_review"):
        raise invalid("This dispute is already closed.")
    return await decide(book, dispute, won=False)


async def decide(book: Book, dispute: Params, *, won: bool) -> Params:
    """The bank's last word. A won dispute brings the amount back, not the fee."""
    if dispute["status"] in ("won", "lost"):
        return dispute
    dispute.pop("_due", None)
    dispute["status"] = "won" if won else "lost"
    charge = await book.get("charge", dispute["charge"])
    if won:
        await _move(book, dispute, dispute["amount"], "dispute_reversal")
        await book.put(charge | {"_disputed": False})
        await book.put(dispute)
        await book.happened("charge.dispute.funds_reinstated", dispute)
    await book.put(dispute)
    await book.happened("charge.dispute.closed", dispute)
    return dispute


async def due(book: Book, dispute: Params) -> None:
    """Nobody answered in time, or the bank took all the time it has: the cardholder is right."""
    if dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
    await decide(book, dispute, won=False)
