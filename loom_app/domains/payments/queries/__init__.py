"""Reading about money, by what is asked."""

from loom_app.domains.payments.queries.charges import (
    BalanceView,
    ChargeView,
    balances,
    charge_of,
    fee_for,
    standard_fee,
)
from loom_app.domains.payments.queries.credit import CreditView, credit, credit_towards
from loom_app.domains.payments.queries.disputes import (
    DisputeView,
    dispute,
    dispute_facts,
    dispute_over,
    dispute_reason,
    dispute_status,
    disputes,
    every_dispute,
)
from loom_app.domains.payments.queries.methods import MethodView, method, methods
from loom_app.domains.payments.queries.payouts import (
    AccountView,
    Missing,
    PayoutFacts,
    PayoutLine,
    account,
    failure_words,
    payout_facts,
    payout_lines,
    payouts,
    requirement_words,
)
from loom_app.domains.payments.queries.reconciliation import (
    EventView,
    FindingView,
    events,
    findings,
)
from loom_app.domains.payments.queries.selling import may_sell, sellers

__all__ = [
    "AccountView",
    "BalanceView",
    "ChargeView",
    "CreditView",
    "DisputeView",
    "EventView",
    "FindingView",
    "MethodView",
    "Missing",
    "PayoutFacts",
    "PayoutLine",
    "account",
    "balances",
    "charge_of",
    "credit",
    "credit_towards",
    "dispute",
    "dispute_facts",
    "dispute_over",
    "dispute_reason",
    "dispute_status",
    "disputes",
    "events",
    "every_dispute",
    "failure_words",
    "fee_for",
    "findings",
    "may_sell",
    "method",
    "methods",
    "payout_facts",
    "payout_lines",
    "payouts",
    "requirement_words",
    "sellers",
    "standard_fee",
]
