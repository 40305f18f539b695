"""What can be done with money. Calls to Stripe happen outside any transaction; see each module."""

from loom_app.domains.payments.actions.charge import (
    ChargeStart,
    begin_charge,
    cancel_checkout,
    check_charge,
    open_checkout,
)
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.actions.receive import process, receive
from loom_app.domains.payments.actions.refund import carry_out_refund, refund, sync_refund
from loom_app.domains.payments.actions.release import release
from loom_app.domains.payments.actions.settle import recognise, settle
from loom_app.domains.payments.actions.sweep import sweep

__all__ = [
    "ChargeStart",
    "Payable",
    "begin_charge",
    "cancel_checkout",
    "carry_out_refund",
    "check_charge",
    "open_checkout",
    "process",
    "receive",
    "recognise",
    "refund",
    "release",
    "settle",
    "sweep",
    "sync_refund",
]
