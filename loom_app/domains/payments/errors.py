"""Facts about money, with words for people."""

from loom_app.kit.errors import Conflict, Invalid
from loom_app.kit.text import t


class AlreadyPaid(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is paid already."))


class CheckoutOver(Conflict):
    def __init__(self) -> None:
        super().__init__(t("The time to pay has run out. Nothing was charged."))


class NothingToRefund(Conflict):
    def __init__(self) -> None:
        super().__init__(t("There is nothing left to refund on this payment."))


class RefundTooHigh(Invalid):
    def __init__(self, left: str) -> None:
        super().__init__(t("At most {left} can be refunded.", left=left), field="amount")


class AmountMismatch(Exception):
    """Stripe took another amount than we asked for: staff must look."""
