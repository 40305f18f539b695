"""Pure rules of money: the fee, what is left of it after refunds, how a refund moves on."""

import calendar
from datetime import date

from loom_app.kit.money import half_up, share_by_bps


def fee(gross: int, bps: int, fixed: int) -> int:
    """The platform's fee: half up, plus the fixed part, never below zero nor above the gross."""
    return max(0, min(gross, share_by_bps(gross, bps) + fixed))


def fee_kept(fee_whole: int, amount: int, refunded: int) -> int:
    """The fee that is left after everything refunded so far.

    Cumulative, so that any sequence of partial refunds ends at exactly zero: one refund's part of
    the fee is what is kept before it minus what is kept after it.
    """
    return fee_whole - half_up(fee_whole * refunded, amount)


# How far along a refund is; it only moves up. A bank may send back what had succeeded.
REFUND_RANK = {"requested": 0, "pending": 1, "succeeded": 2, "failed": 3, "canceled": 3}


def refund_moves(now: str, told: str) -> bool:
    """Whether what we are told is news."""
    return REFUND_RANK[told] > REFUND_RANK[now]


SMALLEST = 50  # minor units: Stripe takes no less from a card


def credit_for(price: int, available: int) -> int:
    """How much credit goes into a price: all of it, or so much that a card can pay the rest."""
    if available >= price:
        return price
    return max(0, min(available, price - SMALLEST))


def tax_within(gross: int, bps: int) -> int:
    """The tax that a gross amount holds, half up: gross is net and tax of `bps` on the net."""
    return half_up(gross * bps, 10_000 + bps)


def tax_given_back(tax: int, whole: int, before: int, taxed: int, amount: int) -> int:
    """The tax within a refund of `amount`, where `before` of the `whole` went back and `taxed` of
    its `tax` with it.

    Cumulative: the taxes of all refunds never sum to more than the tax, and of the whole to it.
    """
    return max(0, half_up(tax * (before + amount), whole) - taxed)


def card_left(amount: int, credit: int, refunded: int, to_card: int) -> int:
    """What may still go back to the card: never more than was taken from it (`to_card` of that
    went back), nor more than is left of the charge."""
    return min(amount - refunded, amount - credit - to_card)


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def payout_due(interval: str, anchor: int, day: date) -> bool:
    """Whether a coach is paid out on this day (UTC). A day that a month has not is its last."""
    if interval == "weekly":
        return day.weekday() == anchor
    if interval == "monthly":
        return day.day == min(max(anchor, 1), calendar.monthrange(day.year, day.month)[1])
    return interval == "daily"


# How far along a dispute is; it only moves up. An inquiry (warning) takes no money and may become
# a dispute; the last three are the bank's last word.
DISPUTE_RANK = {
    "warning_needs_response": 0,
    "warning_under_review": 1,
    "warning_closed": 2,
    "needs_response": 3,
    "under_review": 4,
    "prevented": 5,
    "won": 5,
    "lost": 5,
}
DISPUTE_OVER = ("warning_closed", "prevented", "won", "lost")


def dispute_moves(now: str, told: str) -> bool:
    """Whether what we are told is news."""
    return DISPUTE_RANK[told] > DISPUTE_RANK[now]


def same_part(part: str) -> tuple[str, ...]:
    """The parts of which one may be paid: a price is paid in full or begun by a deposit."""
    return ("full", "deposit") if part in ("full", "deposit") else (part,)


def fee_of_part(fee_whole: int, whole: int, before: int, amount: int) -> int:
    """The fee on a part of a price that comes after `before` of it.

    Cumulative, so that the fees of all parts sum to the fee of the whole, whatever the parts.
    """
    return half_up(fee_whole * (before + amount), whole) - half_up(fee_whole * before, whole)
