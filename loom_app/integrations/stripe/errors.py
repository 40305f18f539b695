"""Stripe's failures in words that a client understands."""

import stripe
import structlog

from loom_app.kit.errors import Conflict, DomainError
from loom_app.kit.text import t

log = structlog.get_logger("stripe")


class PaymentUnavailable(DomainError):
    """Stripe did not answer; nothing is lost and the same try may be made again."""

    def __init__(self) -> None:
        super().__init__(
            t("We cannot reach the payment service right now. Nothing was charged. Try again soon.")
        )


class KeyReused(PaymentUnavailable):
    """One of our keys was used before with other parameters: a fault of ours, and what that first
    call did stands. Never to be taken for a refusal, after which a new key would be made."""

    def __init__(self) -> None:
        DomainError.__init__(
            self,
            t("We could not finish this step of the payment. Nothing is taken twice."),
        )


class PaymentRefused(Conflict):
    """Stripe understood and said no: it will not help to ask again unchanged."""

    def __init__(
        self, message: str, *, code: str | None = None, intent_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.intent_id = intent_id  # of a declined payment: what a later try goes on with


def decline_words(code: str | None) -> str:
    """What to tell the payer about a decline. Lost and stolen cards are not named as such."""
    words = {
        "insufficient_funds": t("There is not enough money there. Try another way to pay."),
        "account_closed": t("This bank account is closed. Try another way to pay."),
        "debit_not_authorized": t("Your bank did not let the money go. Try another way to pay."),
        "expired_card": t("This card has expired. Try another card."),
        "incorrect_cvc": t("The security code does not match the card. Check it and try again."),
        "incorrect_number": t("This card number is not right. Check it and try again."),
        "processing_error": t("The bank could not process the payment. Try again in a moment."),
        "authentication_required": t("Your bank asks you to confirm this payment. Try again."),
        "payment_intent_authentication_failure": t(
            "Your bank did not confirm the payment. Try again or use another card."
        ),
        "card_velocity_exceeded": t("This card has reached its limit. Try another card."),
        "currency_not_supported": t("This card does not take this currency. Try another card."),
    }
    return words.get(code or "", t("Your bank declined the card. Try another card."))


def in_words(error: stripe.StripeError) -> DomainError:
    """The domain's error for one of the SDK's."""
    if isinstance(error, stripe.CardError):
        detail = error.error
        code = getattr(detail, "decline_code", None) or error.code
        intent = getattr(detail, "payment_intent", None)
        return PaymentRefused(decline_words(code), code=code, intent_id=getattr(intent, "id", None))
    if isinstance(error, stripe.IdempotencyError):
        log.error("stripe.key_reused", request=error.request_id)
        return KeyReused()
    if isinstance(error, stripe.InvalidRequestError):
        return PaymentRefused(t("The payment could not be prepared."), code=error.code)
    return PaymentUnavailable()
