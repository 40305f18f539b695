"""The sandbox's side of the money: its fee, balance transactions and the balance they sum to."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import objects
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.kit import clock
from loom_app.kit.money import exponent, half_up

_FIXED = {0: 30, 2: 30, 3: 100}


def processing_fee(amount: int, currency: str) -> int:
    """2.9 % and a fixed part, as a card in the United States costs."""
    return min(amount, half_up(amount * 290, 10_000) + _FIXED[exponent(currency.upper())])


async def moved(
    book: Book, kind: str, of: dict[str, Any], *, amount: int, fee: int = 0, instant: bool = False
) -> dict[str, Any]:
    """A balance transaction of an object; money from charges is available two days later."""
    currency = of["currency"]
    available = clock.now() if instant else clock.now() + timedelta(days=2)
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return await book.put(
        objects.make(
            "balance_transaction",
            amount=amount,
            available_on=int(available.timestamp()),
            balance_type="payments",
            currency=currency,
            fee=fee,
            fee_details=details if fee else [],
            net=amount - fee,
            reporting_category=kind,
            source=of["id"],
            status="available" if instant else "pending",
            type=kind,
        )
    )


async def balance(book: Book) -> dict[str, Any]:
    """Available and pending, by currency: sums of the balance transactions."""
    rows = await book.tx.db.execute(
        text(
            "SELECT data->>'currency', (data->>'available_on')::bigint <= :now,"
            " sum((data->>'net')::bigint)::bigint FROM stripe_sandbox.objects"
            " WHERE kind = 'balance_transaction' GROUP BY 1, 2"
        ),
        {"now": objects.stamp()},
    )
    sums: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for currency, available, net in rows:
        sums[available][currency] += net
    for currency in {*sums[True], *sums[False]}:
        sums[True][currency] += 0
        sums[False][currency] += 0
    return {
        "object": "balance",
        "livemode": False,
        "available": _amounts(sums[True]),
        "pending": _amounts(sums[False]),
    }


def _amounts(sums: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(sums.items())
    ]
