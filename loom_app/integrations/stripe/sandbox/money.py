"""The sandbox's side of the money: its fee, balance transactions and the balance they sum to."""

from collections import defaultdict
from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import objects, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid
from loom_app.kit.money import exponent, half_up

Params = dict[str, Any]
_FIXED = {0: 30, 2: 30, 3: 100}
_DISPUTE_FEE = {0: 1500, 2: 1500, 3: 15_000}
DELAY_DAYS = 2

# what a type of movement is called in reports, where that is another word
_CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
}
_SUMS = text(
    "SELECT data->>'currency', (data->>'available_on')::bigint <= :now,"
    " sum((data->>'net')::bigint)::bigint FROM stripe_sandbox.objects"
    " WHERE kind = :kind GROUP BY 1, 2"
)


def processing_fee(amount: int, currency: str) -> int:
    """2.9 % and a fixed part, as a card in the United States costs."""
    return min(amount, half_up(amount * 290, 10_000) + _FIXED[exponent(currency.upper())])


def dispute_fee(currency: str) -> int:
    return _DISPUTE_FEE[exponent(currency.upper())]


async def moved(  # noqa: PLR0913 - as the object has them
    book: Book,
    kind: str,
    of: Params,
    *,
    amount: int,
    fee: int = 0,
    available: int | None = None,
    category: str | None = None,
) -> Params:
    """A balance transaction of an object; without `available` it waits for its day, T+2."""
    currency = of["currency"]
    due = times.midnight(DELAY_DAYS) if available is None else available
    name = "Stripe dispute fee" if category == "dispute" else "Stripe processing fees"
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": name,
            "type": "stripe_fee",
        }
    ]
    movement = objects.make(
        "balance_transaction",
        amount=amount,
        available_on=due,
        balance_type="payments",
        currency=currency,
        description=of.get("description"),
        fee=fee,
        fee_details=details if fee else [],
        net=amount - fee,
        reporting_category=category or _CATEGORIES.get(kind, kind),
        source=of["id"],
        status="available" if due <= times.stamp() else "pending",
        type=kind,
    )
    if due > times.stamp():
        movement["_due"] = due
        await book.later(due)
    if of["object"] == "payout":
        movement["_payout"] = of["id"]
    return await book.put(movement)


async def sums(book: Book) -> dict[bool, dict[str, int]]:
    """True: available, False: pending; by currency in lower case, every currency in both."""
    values = {"now": times.stamp(), "kind": book.scoped("balance_transaction")}
    found: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for currency, available, net in await book.tx.db.execute(_SUMS, values):
        found[available][currency] += net
    for currency in {*found[True], *found[False]}:
        found[True][currency] += 0
        found[False][currency] += 0
    return found


async def read(book: Book, _: dict[str, str], __: Params) -> Params:
    """GET /v1/balance."""
    return await balance(book)


async def balance(book: Book) -> Params:
    """Available and pending, by currency: sums of the balance transactions."""
    found = await sums(book)
    return {
        "object": "balance",
        "livemode": False,
        "available": _amounts(found[True]),
        "pending": _amounts(found[False]),
    }


async def require(book: Book, amount: int, currency: str, *, pending: bool = False) -> None:
    """Raises `balance_insufficient`. One request of an account at a time may ask."""
    await book.alone("balance")
    found = await sums(book)
    there = found[True][currency] + (found[False][currency] if pending else 0)
    if there < amount:
        raise invalid(
            f"You have insufficient funds in your Stripe account: {there} {currency} of {amount}"
            " are available.",
            param="amount",
            code="balance_insufficient",
        )


def _amounts(by_currency: dict[str, int]) -> list[Params]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(by_currency.items())
    ]
