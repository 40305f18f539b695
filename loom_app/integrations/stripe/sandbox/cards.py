"""The published test numbers, and nothing else: a real number is refused and forgotten at once.

Cards answer at once; bank accounts take days (`days`) until their bank has paid, or not.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class TestCard:
    """How a card or a bank account behaves. `decline` is (code, decline_code)."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    number: str
    label: str
    alias: str
    decline: tuple[str, str | None] | None = None
    challenge: bool = False
    once: bool = False  # asks its bank no more once it was set up
    disputed: bool = False
    instant: bool = False
    refund_fails: bool = False
    brand: str = "visa"
    funding: str = "credit"
    kind: str = "card"
    days: int = 0

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(reason: str) -> tuple[str, str]:
    return ("card_declined", reason)


CARDS = (
    TestCard("4242424242424242", "Pays", "pm_card_visa"),
    TestCard("5555555555554444", "Pays, Mastercard", "pm_card_mastercard", brand="mastercard"),
    TestCard("378282246310005", "Pays, American Express", "pm_card_amex", brand="amex"),
    TestCard("4000056655665556", "Pays, debit", "pm_card_visa_debit", funding="debit"),
    TestCard("4000000000000077", "Pays, at once available", "pm_card_bypassPending", instant=True),
    TestCard(
        "4000002760003184", "Asks for 3-D Secure", "pm_card_authenticationRequired", challenge=True
    ),
    TestCard(
        "4000000000003220", "Asks for 3-D Secure", "pm_card_threeDSecure2Required", challenge=True
    ),
    TestCard(
        "4000002500003155",
        "Asks for 3-D Secure until saved",
        "pm_card_authenticationRequiredOnSetup",
        challenge=True,
        once=True,
    ),
    TestCard(
        "4000000000000002", "Declined", "pm_card_visa_chargeDeclined", _declined("generic_decline")
    ),
    TestCard(
        "4000000000009995",
        "Declined, not enough money",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        _declined("insufficient_funds"),
    ),
    TestCard(
        "4000000000009987",
        "Declined, lost",
        "pm_card_visa_chargeDeclinedLostCard",
        _declined("lost_card"),
    ),
    TestCard(
        "4000000000009979",
        "Declined, stolen",
        "pm_card_visa_chargeDeclinedStolenCard",
        _declined("stolen_card"),
    ),
    TestCard(
        "4000000000000069",
        "Declined, expired",
        "pm_card_chargeDeclinedExpiredCard",
        ("expired_card", None),
    ),
    TestCard(
        "4000000000000127",
        "Declined, security code",
        "pm_card_chargeDeclinedIncorrectCvc",
        ("incorrect_cvc", None),
    ),
    TestCard(
        "4000000000000119",
        "Declined, error at the bank",
        "pm_card_chargeDeclinedProcessingError",
        ("processing_error", None),
    ),
    TestCard("4242424242424241", "Wrong number", "", ("incorrect_number", None)),
    TestCard(
        "4000000000000341",
        "Saved, then declined",
        "pm_card_chargeCustomerFail",
        _declined("generic_decline"),
    ),
    TestCard("4000000000005126", "Pays, a refund fails", "pm_card_refundFail", refund_fails=True),
    TestCard("4000000000000259", "Pays, then disputed", "pm_card_createDispute", disputed=True),
)
_US: dict[str, Any] = {"kind": "us_bank_account", "days": 4, "brand": "STRIPE TEST BANK"}
_SEPA: dict[str, Any] = {"kind": "sepa_debit", "days": 6, "brand": ""}
DEBITS = (
    TestCard("000123456789", "Pays after four days", "pm_usBankAccount_success", **_US),
    TestCard(
        "000111111116",
        "Fails after four days, account closed",
        "pm_usBankAccount_accountClosed",
        ("account_closed", None),
        **_US,
    ),
    TestCard(
        "000222222227",
        "Fails after four days, not enough money",
        "pm_usBankAccount_insufficientFunds",
        ("insufficient_funds", None),
        **_US,
    ),
    TestCard("AT611904300234573201", "Pays after six days", "pm_sepaDebit_success", **_SEPA),
    TestCard(
        "AT861904300235473202",
        "Fails after six days, debit not authorised",
        "pm_sepaDebit_failed",
        ("debit_not_authorized", None),
        **_SEPA,
    ),
)
LINK = TestCard("", "Pays by Link", "pm_link", kind="link")
_BY_NUMBER = {card.number: card for card in (*CARDS, *DEBITS)}
_BY_ALIAS = {card.alias: card for card in (*CARDS, *DEBITS, LINK) if card.alias}

MESSAGES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "account_closed": "The customer's bank account has been closed.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "debit_not_authorized": "The customer has notified their bank that this was unauthorized.",
}


class NotATestCard(Exception):
    """Somebody typed a number that is not on the list. The number is not part of this."""


def find(number: str) -> TestCard:
    """The test card or account of a number. Raises NotATestCard, which does not repeat it."""
    card = _BY_NUMBER.get("".join(c for c in number.upper() if c.isalnum()))
    if card is None:
        raise NotATestCard
    return card


def by_number(number: str) -> TestCard:
    """For the API: Stripe's words for a number that must not be sent."""
    try:
        return find(number)
    except NotATestCard:
        raise ApiError(
            402,
            "card_error",
            "Your card was declined. This sandbox accepts the published test cards only.",
            code="card_declined",
            decline_code="live_mode_test_card",
            param="number",
        ) from None


def by_alias(alias: str) -> TestCard | None:
    return _BY_ALIAS.get(alias)


def by_last4(last4: str) -> TestCard:
    """How a stored card or account behaves: only the last four digits are kept."""
    return next(card for card in (*CARDS, *DEBITS) if card.last4 == last4)


def public(card: TestCard, month: int, year: int) -> dict[str, Any]:
    """The `card` of a payment method: no number in it."""
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def debited(card: TestCard) -> dict[str, Any]:
    """The bank's part of a payment method: no whole number in it."""
    fingerprint = hashlib.sha256(card.number.encode()).hexdigest()[:16]
    if card.kind == "sepa_debit":
        return {
            "bank_code": "19043",
            "branch_code": "",
            "country": "AT",
            "fingerprint": fingerprint,
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": card.last4,
        }
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": card.brand,
        "financial_connections_account": None,
        "fingerprint": fingerprint,
        "last4": card.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


def listed(kinds: Sequence[str] = ("card",)) -> list[tuple[str, str]]:
    """For the banner on the page: the number in groups, and what it does."""
    shown = [card for card in (*CARDS, *DEBITS) if card.alias and card.last4 != "3220"]
    return [(_grouped(card.number), t(card.label)) for card in shown if card.kind in kinds]


def _grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
