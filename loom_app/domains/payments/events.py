"""What became of money that was asked for."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Event):
    charge_id: int
    payable_kind: str
    payable_id: int


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """For good: a declined card alone is not this, since the payer may try again."""

    charge_id: int
    payable_kind: str
    payable_id: int


@dataclass(frozen=True, slots=True)
class CheckoutExpired(Event):
    charge_id: int
    payable_kind: str
    payable_id: int


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    refund_id: int
    charge_id: int
    payable_kind: str
    payable_id: int
    amount_minor: int
    currency: str
    reason: str
