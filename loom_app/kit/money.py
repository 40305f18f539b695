"""Money: integer minor units and an ISO 4217 currency. Never floats.

Exponents follow Stripe's list of zero- and three-decimal currencies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency

from loom_app.kit.text import language

ZERO_DECIMAL = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def exponent(currency: str) -> int:
    """Decimals of a currency: 0, 2 or 3."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def card_step(currency: str) -> int:
    """Minor units that a card payment is a multiple of: the last of three decimals stays zero."""
    return 10 if exponent(currency) == 3 else 1


class CurrencyMismatch(ValueError):
    """Two currencies are never added."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; `minor` may be negative in sums."""

    minor: int
    currency: str

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    @property
    def exponent(self) -> int:
        return exponent(self.currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-self.exponent)

    def format(self, locale: str | None = None) -> str:
        """As people write it: "$120.00"; whole amounts drop the decimals: "$120"."""
        pattern = "¤#,##0" if self.minor % 10**self.exponent == 0 else None
        return self._words(pattern, locale)

    def exact(self, locale: str | None = None) -> str:
        """With all its decimals, for columns of figures: "$120.00"."""
        return self._words(None, locale)

    def _words(self, pattern: str | None, locale: str | None) -> str:
        words = format_currency(
            self.decimal,
            self.currency,
            format=pattern,
            locale=locale or language(),
            currency_digits=pattern is None,
        )
        # a currency without a sign of its own stands apart from the digits (CLDR's spacing rule)
        return (
            words.replace(self.currency, f"{self.currency}\u00a0")
            if self.currency in words
            else words
        )


def half_up(numerator: int, denominator: int) -> int:
    """Integer division, halves away from zero; denominator > 0."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def share_by_bps(minor: int, bps: int) -> int:
    """The part of an amount that basis points make: half_up(minor * bps / 10000)."""
    return half_up(minor * bps, 10_000)


def split_largest_remainder(minor: int, weights: Sequence[int]) -> list[int]:
    """Parts by weights that sum to the whole (Hamilton's method). Raises ValueError."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [minor * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: -(minor * weights[i] % total))
    for i in order[: minor - sum(parts)]:
        parts[i] += 1
    return parts
