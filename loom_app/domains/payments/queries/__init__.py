"""Reading about money, by what is asked."""

from loom_app.domains.payments.queries.charges import (
    BalanceView,
    ChargeView,
    balances,
    charge_of,
    fee_for,
)

__all__ = ["BalanceView", "ChargeView", "balances", "charge_of", "fee_for"]
