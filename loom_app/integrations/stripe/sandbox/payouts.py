"""Payouts: pending, then in transit, then paid; or failed by the bank, and the money is back."""

from typing import Any

from loom_app.integrations.stripe.sandbox import banks, forms, money, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

Params = dict[str, Any]
LEAVES_DAYS, ARRIVES_DAYS = 1, 2


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/payouts: of the available balance, to the account's bank."""
    forms.heed(
        params,
        "amount currency description metadata method source_type statement_descriptor destination",
    )
    if params.get("method", "standard") != "standard":
        raise invalid("The sandbox makes standard payouts.", param="method")
    if params["amount"] < 1:
        raise invalid("This value must be greater than or equal to 1.", param="amount")
    return await send(book, params["amount"], params["currency"].lower(), params)


async def send(
    book: Book, amount: int, currency: str, params: Params, *, automatic: bool = False
) -> Params:
    bank = await banks.of(book, currency)
    if bank is None:
        raise ApiError(
            400,
            "invalid_request_error",
            f"Sorry, you don't have any external accounts in that currency ({currency}).",
            code="no_account",
        )
    if params.get("destination", bank["id"]) != bank["id"]:
        raise invalid("No such external account.", param="destination", code="resource_missing")
    await money.require(book, amount, currency)
    payout = objects.make(
        "payout",
        amount=amount,
        arrival_date=times.midnight(ARRIVES_DAYS),
        automatic=automatic,
        currency=currency,
        description=params.get("description") or ("STRIPE PAYOUT" if automatic else None),
        destination=bank["id"],
        metadata=params.get("metadata") or {},
        method="standard",
        reconciliation_status="in_progress" if automatic else "not_applicable",
        source_type="card",
        statement_descriptor=params.get("statement_descriptor"),
        status="pending",
        type="bank_account",
        _due=times.midnight(LEAVES_DAYS),
    )
    movement = await money.moved(book, "payout", payout, amount=-amount, available=times.stamp())
    payout["balance_transaction"] = movement["id"]
    await book.put(payout)
    await book.later(payout["_due"])
    await book.happened("payout.created", payout)
    return payout


async def get(book: Book, path: dict[str, str], _: Params) -> Params:
    return await book.get("payout", path["id"], "payout")


async def cancel(book: Book, path: dict[str, str], _: Params) -> Params:
    """POST /v1/payouts/{id}/cancel: while it is pending and was made by hand."""
    payout = await book.get("payout", path["id"], "payout")
    if payout["status"] != "pending" or payout["automatic"]:
        raise invalid(
            f"Payouts with a status of {payout['status']} cannot be canceled.",
            code="payout_unexpected_state",
        )
    await _return(book, payout, "payout_cancel")
    payout["status"] = "canceled"
    await book.put(payout)
    await book.happened("payout.canceled", payout)
    return payout


async def _return(book: Book, payout: Params, kind: str) -> None:
    movement = await money.moved(
        book, kind, payout, amount=payout["amount"], available=times.stamp()
    )
    payout.pop("_due", None)
    payout["failure_balance_transaction"] = movement["id"]


async def due(book: Book, payout: Params) -> None:
    """A day has come: it leaves, or it arrives."""
    if payout["status"] == "pending":
        payout |= {"status": "in_transit", "_due": payout["arrival_date"]}
        await book.put(payout)
        await book.later(payout["_due"])
        await book.happened("payout.updated", payout)
        return
    bank = await book.find("bank_account", payout["destination"])
    why = banks.refusal(bank)
    if why:
        await fail(book, payout, why)
    else:
        await pay(book, payout)


async def pay(book: Book, payout: Params) -> None:
    """The bank has it."""
    payout.pop("_due", None)
    payout |= {
        "status": "paid",
        "trace_id": {"status": "supported", "value": f"TRACE{payout['id'][3:15].upper()}"},
    }
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
    await book.put(payout)
    await book.happened("payout.paid", payout)
    if payout["automatic"]:
        await book.happened("payout.reconciliation_completed", payout)


async def fail(book: Book, payout: Params, code: str) -> None:
    """The bank sends it back, also days after it was paid; the money is in the balance again."""
    if payout["status"] in ("failed", "canceled"):
        return
    await _return(book, payout, "payout_failure")
    payout |= {
        "status": "failed",
        "failure_code": code,
        "failure_message": banks.FAILURES.get(code, "The bank returned the payout."),
    }
    await book.put(payout)
    await book.happened("payout.failed", payout)
