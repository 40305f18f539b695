"""Tables of payments, by what they are about."""

from loom_app.domains.payments.models.charges import (
    LIVE,
    PAID,
    Charge,
    FeeRule,
    Refund,
    RefundRequest,
    WaitingRefund,
)
from loom_app.domains.payments.models.clients import (
    BillingDetails,
    Document,
    DocumentCounter,
    Payer,
    PaymentMethod,
)
from loom_app.domains.payments.models.dues import OF_THE_PRICE, OPEN, PARTS, WAITING, Due
from loom_app.domains.payments.models.ledger import (
    CreditLot,
    CreditUse,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
)
from loom_app.domains.payments.models.outside import (
    Dispute,
    ExternalEvent,
    ProcessorMovement,
    ReconciliationFinding,
)
from loom_app.domains.payments.models.payouts import Payout, PayoutAccount, PayoutItem

__all__ = [
    "LIVE",
    "OF_THE_PRICE",
    "OPEN",
    "PAID",
    "PARTS",
    "WAITING",
    "BillingDetails",
    "Charge",
    "CreditLot",
    "CreditUse",
    "Dispute",
    "Document",
    "DocumentCounter",
    "Due",
    "ExternalEvent",
    "FeeRule",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Payer",
    "PaymentMethod",
    "Payout",
    "PayoutAccount",
    "PayoutItem",
    "ProcessorMovement",
    "ReconciliationFinding",
    "Refund",
    "RefundRequest",
    "WaitingRefund",
]
