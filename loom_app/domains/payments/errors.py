"""Facts about money, with words for people."""

from loom_app.integrations.stripe.errors import PaymentRefused as PaymentRefused  # noqa: PLC0414 - told on
from loom_app.integrations.stripe.errors import PaymentUnavailable as PaymentUnavailable  # noqa: PLC0414 - told on
from loom_app.kit.errors import Conflict, Invalid
from loom_app.kit.text import t


class AlreadyPaid(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is paid already."))


class CardNeeded(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Save a card first: a part of this is taken from it later."))


class PaidInPerson(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is paid in person, to your coach."))


class NothingDue(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Nothing is due here any more."))


class CheckoutOver(Conflict):
    def __init__(self) -> None:
        super().__init__(t("The time to pay has run out. Nothing was charged."))


class PaymentUnderWay(Conflict):
    def __init__(self) -> None:
        super().__init__(
            t("Your bank is sending this payment already. We write to you when it is there.")
        )


class NothingToRefund(Conflict):
    def __init__(self) -> None:
        super().__init__(t("There is nothing left to refund on this payment."))


class RefundTooHigh(Invalid):
    def __init__(self, left: str) -> None:
        super().__init__(t("At most {left} can be refunded.", left=left), field="amount")


class AmountMismatch(Exception):
    """Stripe took another amount than we asked for: staff must look."""


class NoAccount(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Set up your payout account first."))


class AccountClosed(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Your payout account is closed. Write to us to open a new one."))


class AccountNotReady(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Your payout account is not ready yet: see what is missing."))


class NotSelling(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This coach does not take paid bookings yet. Free sessions are open."))


class NotSettled(NotSelling):
    """The platform is not paid in this currency: what it would take could not be paid out."""

    def __init__(self, currency: str) -> None:
        Conflict.__init__(
            self, t("Prices in {currency} cannot be paid here. Ask the coach.", currency=currency)
        )


class TooLittle(Conflict):
    def __init__(self, available: str, minimum: str) -> None:
        super().__init__(
            t(
                "{available} is available; a payout begins at {minimum}.",
                available=available,
                minimum=minimum,
            )
        )


class PayoutUnderWay(Conflict):
    def __init__(self) -> None:
        super().__init__(t("A payout is being prepared already. Nothing is paid twice."))


class NothingToRetry(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Only a payout that failed can be sent again."))


class Disputed(NothingToRefund):
    def __init__(self) -> None:
        Conflict.__init__(
            self,
            t("The payer's bank is deciding about this payment. It cannot be refunded meanwhile."),
        )


class EvidenceTooLate(Conflict):
    def __init__(self) -> None:
        super().__init__(t("The time to answer this dispute is over."))


class EvidenceSent(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Your answer is with the bank already. It can be sent once."))


class EvidenceWrong(Invalid):
    def __init__(self, words: str) -> None:
        super().__init__(words, field="evidence")
