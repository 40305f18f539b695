"""The ways to pay: what each is called, which currency it takes, how long its bank may need."""

from dataclasses import dataclass
from datetime import timedelta

from loom_app.kit.settings import settings
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class Kind:
    """`currency` is the only one it takes, "" for any. `days` is the longest until its bank has
    answered; 0: at once."""

    currency: str = ""
    days: int = 0


# four and fourteen business days at the most, by Stripe's word; a weekend lies between
KINDS = {
    "card": Kind(),
    "link": Kind(),
    "us_bank_account": Kind("USD", 6),
    "sepa_debit": Kind("EUR", 20),
}


def offered(currency: str, left: timedelta | None = None) -> tuple[str, ...]:
    """Of the ways that the settings name, those that take this currency and answer in time; what
    answers at once does, however late it is."""
    return tuple(
        name
        for name in settings().payment_methods.split(",")
        if KINDS[name].currency in ("", currency)
        and (left is None or timedelta(days=KINDS[name].days) <= max(left, timedelta()))
    )


def home_currency() -> str:
    """Which bank accounts may be saved: those of the first currency that the settings name."""
    found = (KINDS[name].currency for name in settings().payment_methods.split(","))
    return next((currency for currency in found if currency), "USD")


def fits(kind: str, currency: str, left: timedelta | None) -> bool:
    """Whether a saved way can pay this: cards always, the others where they are offered."""
    return kind == "card" or kind in offered(currency, left)


def method_words(kind: str, brand: str | None, last4: str | None) -> str:
    """As people know it: "Visa ···· 4242", "Chase ···· 6789"; "" where it is not known.

    The brand of a bank account is its bank, that of Link the mail address.
    """
    if kind == "link":
        return t("Link, {email}", email=brand) if brand else t("Link")
    if not last4 or (kind == "card" and not brand):
        return ""
    if kind == "card":
        names = {"amex": "American Express", "jcb": "JCB", "unionpay": "UnionPay"}
        name = names.get(brand or "", (brand or "").capitalize())
    else:
        name = brand or {"sepa_debit": t("SEPA account")}.get(kind, t("Bank account"))
    return f"{name} ···· {last4}"
