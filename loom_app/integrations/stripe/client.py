"""What Loom asks of Stripe, by the official SDK: narrow functions, small frozen answers.

Every write carries an idempotency key made from Loom's own ids (`loom:{what}:{id}:{attempt}`), so
that a repeat after a crash or a lost answer is the same write. A key is bound to its parameters,
and a decline is repeated under it: a person's new try needs a new attempt number.

All of them raise PaymentRefused (Stripe understood and said no; `code` says why) and
PaymentUnavailable (no answer: the same call with the same key may be made again).

The parts stand beside this file; callers use the names gathered here.
"""

from loom_app.integrations.stripe.accounts import (
    Account,
    AccountLink,
    Problem,
    Requirement,
    account,
    account_link,
    close_account,
    create_account,
    login_link,
)
from loom_app.integrations.stripe.balances import (
    Balance,
    Movement,
    PayoutSchedule,
    balance,
    balance_settings,
    balance_transactions,
    set_payout_schedule,
)
from loom_app.integrations.stripe.checkouts import (
    Checkout,
    Order,
    checkout,
    expire_checkout,
    open_checkout,
    setup_checkout,
)
from loom_app.integrations.stripe.connection import close, connect_through, sdk
from loom_app.integrations.stripe.disputes import (
    Dispute,
    close_dispute,
    dispute,
    disputes,
    update_dispute,
)
from loom_app.integrations.stripe.happenings import event, events_since
from loom_app.integrations.stripe.payments import (
    Payment,
    Refunded,
    cancel_intent,
    capture,
    charge_off_session,
    intent_of_charge,
    make_refund,
    payment,
    refund,
)
from loom_app.integrations.stripe.saved_cards import (
    Card,
    Setup,
    attach_card,
    card,
    create_customer,
    default_card,
    delete_customer,
    detach,
    payment_methods,
    set_default,
    setup,
)
from loom_app.integrations.stripe.transfers import (
    Payout,
    Reversal,
    Transfer,
    cancel_payout,
    payout,
    payouts,
    read_payout,
    read_transfer,
    reverse_transfer,
    reversed_by,
    transfer,
    transfers,
)

__all__ = [
    "Account",
    "AccountLink",
    "Balance",
    "Card",
    "Checkout",
    "Dispute",
    "Movement",
    "Order",
    "Payment",
    "Payout",
    "PayoutSchedule",
    "Problem",
    "Refunded",
    "Requirement",
    "Reversal",
    "Setup",
    "Transfer",
    "account",
    "account_link",
    "attach_card",
    "balance",
    "balance_settings",
    "balance_transactions",
    "cancel_intent",
    "cancel_payout",
    "capture",
    "card",
    "charge_off_session",
    "checkout",
    "close",
    "close_account",
    "close_dispute",
    "connect_through",
    "create_account",
    "create_customer",
    "default_card",
    "delete_customer",
    "detach",
    "dispute",
    "disputes",
    "event",
    "events_since",
    "expire_checkout",
    "intent_of_charge",
    "login_link",
    "make_refund",
    "open_checkout",
    "payment",
    "payment_methods",
    "payout",
    "payouts",
    "read_payout",
    "read_transfer",
    "refund",
    "reverse_transfer",
    "reversed_by",
    "sdk",
    "set_default",
    "set_payout_schedule",
    "setup",
    "setup_checkout",
    "transfer",
    "transfers",
    "update_dispute",
]
