"""What became of money that was asked for."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Event):
    """`part` is full, deposit, rest or no_show, here and below."""

    charge_id: int
    payable_kind: str
    payable_id: int
    part: str = "full"


@dataclass(frozen=True, slots=True)
class PaymentUnderWay(Event):
    """The payer's bank has been asked; it may take days to say whether it pays."""

    charge_id: int
    payable_kind: str
    payable_id: int


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """For good: a declined card alone is not this, since the payer may try again."""

    charge_id: int
    payable_kind: str
    payable_id: int
    part: str = "full"


@dataclass(frozen=True, slots=True)
class CheckoutExpired(Event):
    charge_id: int
    payable_kind: str
    payable_id: int
    part: str = "full"


@dataclass(frozen=True, slots=True)
class DueAnnounced(Event):
    """A rest is charged, or a fee held, within a day from now."""

    due_id: int


@dataclass(frozen=True, slots=True)
class DueFailed(Event):
    """The card did not give it: both sides should know. `attempt` counts the tries."""

    due_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    refund_id: int
    charge_id: int
    payable_kind: str
    payable_id: int
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundFailed(Event):
    """The bank would not take it, perhaps days after it had: the money is with us again."""

    refund_id: int
    charge_id: int
    payer_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardExpiring(Event):
    method_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class CreditExpiring(Event):
    lot_id: int
    person_id: int
    minor: int
    currency: str
    expires_at: str  # ISO 8601


@dataclass(frozen=True, slots=True)
class DocumentIssued(Event):
    """A receipt or a credit note can be sent and downloaded."""

    document_id: int
    payer_id: int


@dataclass(frozen=True, slots=True)
class RefundAsked(Event):
    request_id: int
    charge_id: int
    coach_id: int
    payer_id: int


@dataclass(frozen=True, slots=True)
class RefundDecided(Event):
    request_id: int
    charge_id: int
    coach_id: int
    payer_id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class CoachAccountChanged(Event):
    """`status` is started, pending, restricted, active or closed."""

    coach_id: int
    status: str


@dataclass(frozen=True, slots=True)
class PayoutPaid(Event):
    payout_id: int
    coach_id: int


@dataclass(frozen=True, slots=True)
class PayoutFailed(Event):
    """The bank sent it back, or Stripe would not send it; also after it was paid."""

    payout_id: int
    coach_id: int


@dataclass(frozen=True, slots=True)
class PayoutWaits(Event):
    """Stripe has not had the money for it for longer than is usual: staff should look. Once."""

    payout_id: int
    coach_id: int


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    """A payer's bank asks for money back; the coach may answer with evidence."""

    dispute_id: int
    charge_id: int
    coach_id: int


@dataclass(frozen=True, slots=True)
class DisputeClosed(Event):
    """`outcome` is won, lost, prevented or warning_closed."""

    dispute_id: int
    charge_id: int
    coach_id: int
    outcome: str


@dataclass(frozen=True, slots=True)
class BooksDiffer(Event):
    """The ledger differs from Stripe, or from itself, in what nobody knew yet."""

    finding_ids: tuple[int, ...]
