"""Transfers from Loom's balance to coaches' accounts, and their reversals."""

from typing import Any

from loom_app.integrations.stripe.sandbox import accounts, forms, money, objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

Params = dict[str, Any]


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/transfers: from the available balance, or out of one charge."""
    forms.heed(
        params,
        "amount currency destination source_transaction transfer_group metadata description",
    )
    account = await book.get("v2.core.account", params["destination"], "destination")
    if not accounts.may_receive(account):
        raise ApiError(
            400,
            "invalid_request_error",
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    charge = await _source(book, params)
    amount = params.get("amount", charge["amount"] if charge else 0)
    currency = params["currency"].lower()
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", param="amount")
    available = times.stamp()
    if charge is None:
        await money.require(book, amount, currency)
    else:
        available = await _fits(book, charge, amount, currency)
    group = params.get("transfer_group") or (charge["transfer_group"] if charge else None)
    if charge and not group:
        group = f"group_{charge['id']}"
    transfer = objects.make(
        "transfer",
        amount=amount,
        amount_reversed=0,
        currency=currency,
        description=params.get("description"),
        destination=account["id"],
        metadata=params.get("metadata") or {},
        reversed=False,
        source_transaction=charge["id"] if charge else None,
        source_type="card",
        transfer_group=group,
    )
    transfer["reversals"] = objects.listing(f"/v1/transfers/{transfer['id']}/reversals", [])
    movement = await money.moved(book, "transfer", transfer, amount=-amount, available=available)
    transfer["balance_transaction"] = movement["id"]
    transfer["destination_payment"] = await _arrive(book, transfer, available)
    await book.put(transfer)
    await book.happened("transfer.created", transfer)
    return transfer


async def _source(book: Book, params: Params) -> Params | None:
    if "source_transaction" not in params:
        if "amount" not in params:
            raise invalid(
                "Missing required param: amount.", param="amount", code="parameter_missing"
            )
        return None
    charge = await book.get("charge", params["source_transaction"], "source_transaction")
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise invalid("The source charge has not succeeded.", param="source_transaction")
    return charge


async def _fits(book: Book, charge: Params, amount: int, currency: str) -> int:
    """All transfers of a charge together stay within it; returns when its money is there."""
    if currency != charge["currency"]:
        raise invalid(
            "The currency of source_transaction's balance transaction and of the transfer must be"
            " the same.",
            param="currency",
        )
    sent = await book.every("transfer", "data->>'source_transaction' = :id", id=charge["id"])
    used = sum(t["amount"] - t["amount_reversed"] for t in sent)
    if used + amount > charge["amount_captured"]:
        raise invalid(
            "Cannot create a transfer with an amount larger than the source_transaction: it has"
            f" {charge['amount_captured'] - used} left.",
            param="amount",
        )
    movement = await book.get("balance_transaction", charge["balance_transaction"])
    return max(movement["available_on"], times.stamp())


async def _arrive(book: Book, transfer: Params, available: int) -> str:
    """The payment that the coach's account sees; returns its id."""
    there = book.of(transfer["destination"])
    payment = objects.make(
        "charge",
        id=objects.new_id("charge").replace("ch_", "py_"),
        amount=transfer["amount"],
        amount_captured=transfer["amount"],
        amount_refunded=0,
        billing_details=objects.billing(),
        captured=True,
        currency=transfer["currency"],
        description=transfer["description"],
        disputed=False,
        fraud_details={},
        outcome=None,
        paid=True,
        payment_method_details={"stripe_account": {}, "type": "stripe_account"},
        refunded=False,
        source_transfer=transfer["id"],
        status="succeeded",
    )
    movement = await money.moved(
        there, "payment", payment, amount=transfer["amount"], available=available
    )
    payment["balance_transaction"] = movement["id"]
    await there.put(payment)
    return payment["id"]


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/transfers/{id}: words only."""
    transfer = await book.get("transfer", path["id"], "transfer")
    params["metadata"] = transfer["metadata"] | (params.get("metadata") or {})
    transfer |= params
    await book.put(transfer)
    await book.happened("transfer.updated", transfer)
    return transfer


async def reverse(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/transfers/{id}/reversals: the coach's balance must still hold it."""
    forms.heed(params, "amount metadata description")
    transfer = await book.get("transfer", path["id"], "transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if left == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.")
    if not 1 <= amount <= left:
        raise invalid(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left}).",
            param="amount",
        )
    there = book.of(transfer["destination"])
    await money.require(there, amount, transfer["currency"], pending=True)
    reversal = objects.make(
        "transfer_reversal",
        amount=amount,
        currency=transfer["currency"],
        metadata=params.get("metadata") or {},
        transfer=transfer["id"],
    )
    movement = await money.moved(
        book, "transfer_refund", reversal, amount=amount, available=times.stamp()
    )
    reversal["balance_transaction"] = movement["id"]
    reversal["destination_payment_refund"] = await _leave(there, transfer, amount)
    await book.put(reversal)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    transfer["reversals"] = transfer["reversals"] | {
        "data": transfer["reversals"]["data"][:10],
        "has_more": len(transfer["reversals"]["data"]) > 10 or transfer["reversals"]["has_more"],
    }
    await book.put(transfer)
    await book.happened("transfer.reversed", transfer)
    return reversal


async def _leave(there: Book, transfer: Params, amount: int) -> str:
    """The refund of the payment in the coach's account; returns its id."""
    payment = await there.get("charge", transfer["destination_payment"])
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    await there.put(payment)
    refund = objects.make(
        "refund",
        id=objects.new_id("refund").replace("re_", "pyr_"),
        amount=amount,
        charge=payment["id"],
        currency=payment["currency"],
        metadata={},
        status="succeeded",
    )
    movement = await money.moved(
        there, "payment_refund", refund, amount=-amount, available=times.stamp()
    )
    refund["balance_transaction"] = movement["id"]
    await there.put(refund)
    return refund["id"]


async def reversals(book: Book, path: dict[str, str], params: Params) -> Params:
    url = f"/v1/transfers/{path['id']}/reversals"
    return await book.page("transfer_reversal", params | {"transfer": path["id"]}, url)
