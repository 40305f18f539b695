"""Pure rules of money: the fee, what is left of it after refunds, how a refund moves on."""

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
