"""Reading about money, by what is asked."""

from loom_app.domains.payments.queries.charges import (
    BalanceView,
    ChargeView,
    balances,
    charge_of,
    fee_for,
)
from loom_app.domains.payments.queries.credit import CreditView, credit, credit_towards
from loom_app.domains.payments.queries.methods import MethodView, method, methods

__all__ = [
    "BalanceView",
    "ChargeView",
    "CreditView",
    "MethodView",
    "balances",
    "charge_of",
    "credit",
    "credit_towards",
    "fee_for",
    "method",
    "methods",
]
