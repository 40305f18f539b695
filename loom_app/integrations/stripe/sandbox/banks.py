"""Bank accounts that payouts go to: Stripe's published test numbers only."""

import hashlib
from dataclasses import dataclass
from typing import Any

from loom_app.integrations.stripe.sandbox import objects
from loom_app.integrations.stripe.sandbox.book import Book

Params = dict[str, Any]
PLATFORM_BANK = "ba_sandboxPlatform000000000"

FAILURES = {
    "no_account": "The bank account could not be located.",
    "account_closed": "The bank account has been closed.",
    "insufficient_funds": "The account has insufficient funds to cover the payout.",
    "debit_not_authorized": "Debit transactions are not approved on this bank account.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
}


@dataclass(frozen=True, slots=True)
class TestBank:
    """A published number; `failure` is what becomes of a payout to it."""

    __test__ = False

    number: str
    label: str
    failure: str | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]


# routing number 110000000 in the United States; elsewhere an IBAN alone
NATIONAL = (
    TestBank("000123456789", "Payouts arrive"),
    TestBank("000111111116", "Payouts fail: no such account", "no_account"),
    TestBank("000111111113", "Payouts fail: account closed", "account_closed"),
    TestBank("000222222227", "Payouts fail: not enough money", "insufficient_funds"),
    TestBank("000333333335", "Payouts fail: not allowed", "debit_not_authorized"),
    TestBank("000444444440", "Payouts fail: currency", "invalid_currency"),
)
INTERNATIONAL = (
    TestBank("DE89370400440532013000", "Payouts arrive"),
    TestBank("DE62370400440532013001", "Payouts fail: no such account", "no_account"),
    TestBank("DE35370400440532013002", "Payouts fail: account closed", "account_closed"),
)
_ALL = {bank.number: bank for bank in (*NATIONAL, *INTERNATIONAL)}


def numbers(country: str) -> tuple[TestBank, ...]:
    """What an owner in this country may type."""
    return NATIONAL if country.upper() == "US" else INTERNATIONAL


def find(number: str, country: str) -> TestBank | None:
    """The test account with this number; a real one is refused and not repeated."""
    found = _ALL.get("".join(c for c in number.upper() if c.isalnum()))
    return found if found in numbers(country) else None


async def attach(book: Book, bank: TestBank, *, country: str, currency: str, name: str) -> Params:
    """Make it the account's bank, in place of the one before."""
    for old in await book.every("bank_account", "data->>'default_for_currency' = 'true'"):
        await book.put(old | {"default_for_currency": False})
    national = bank in NATIONAL
    return await book.put(
        objects.make(
            "bank_account",
            account=book.account or None,
            account_holder_name=name,
            account_holder_type="individual",
            available_payout_methods=["standard"],
            bank_name="STRIPE TEST BANK",
            country=country.upper(),
            currency=currency.lower(),
            default_for_currency=True,
            fingerprint=hashlib.sha256(bank.number.encode()).hexdigest()[:16],
            last4=bank.last4,
            routing_number="110000000" if national else "37040044",
            status="new",
            _failure=bank.failure,
        )
    )


async def of(book: Book, currency: str | None = None) -> Params | None:
    """The bank that payouts of the account go to."""
    if not book.account:
        return {"id": PLATFORM_BANK}  # Loom's own: always there, in every currency
    found = await book.every("bank_account", "data->>'default_for_currency' = 'true'")
    return next((b for b in found if currency in (None, b["currency"])), None)


def refusal(bank: Params | None) -> str | None:
    """Why a payout to it comes back, or None."""
    return (bank or {}).get("_failure")
