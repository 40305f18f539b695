"""What can be done with money. Calls to Stripe happen outside any transaction; see each module."""

from loom_app.domains.payments.actions.charge import (
    ChargeStart,
    begin_charge,
    cancel_checkout,
    check_charge,
    open_checkout,
)
from loom_app.domains.payments.actions.collect import announce as announce_dues
from loom_app.domains.payments.actions.collect import charge_due
from loom_app.domains.payments.actions.collect import collect as collect_dues
from loom_app.domains.payments.actions.collect import finish as finish_due
from loom_app.domains.payments.actions.credit import expire as expire_credit
from loom_app.domains.payments.actions.credit import reward
from loom_app.domains.payments.actions.credit import tell_of_expiry as tell_of_credit
from loom_app.domains.payments.actions.disputes import (
    SessionEvidence,
    keep_evidence,
    submit_evidence,
    sync_dispute,
)
from loom_app.domains.payments.actions.documents import (
    issue_correction,
    issue_credit_note,
    issue_receipt,
    save_billing,
)
from loom_app.domains.payments.actions.due import (
    Plan,
    call_off,
    coach_missed,
    give_back,
    missed,
    move_dues,
    pay_due,
    pay_in_person,
    plan_due,
)
from loom_app.domains.payments.actions.fees import Fee, fee_rule, set_fee
from loom_app.domains.payments.actions.methods import (
    add_method,
    ensure_customer,
    make_default,
    remove_method,
    sync_methods,
    warn_expiring,
)
from loom_app.domains.payments.actions.onboarding import (
    INTERVALS,
    dashboard_link,
    onboarding_link,
    refresh_account,
    save_schedule,
    sync_account,
)
from loom_app.domains.payments.actions.onboarding import begin as begin_account
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.actions.paying import Answer, pay
from loom_app.domains.payments.actions.payouts import pay_out_due, pay_out_now, retry_payout
from loom_app.domains.payments.actions.receive import process, receive
from loom_app.domains.payments.actions.reconcile import Finding, check_invariants, reconcile
from loom_app.domains.payments.actions.refund import (
    carry_out_refund,
    refund,
    sync_refund,
    take_as_credit,
)
from loom_app.domains.payments.actions.release import release
from loom_app.domains.payments.actions.replay import backfill, drop_event, replay
from loom_app.domains.payments.actions.requests import ask_refund, decide_request, withdraw_request
from loom_app.domains.payments.actions.sending import carry_out_payout, sync_payout, sync_transfer
from loom_app.domains.payments.actions.settle import (
    lock,
    recognise,
    recognise_part,
    settle,
    take_back_part,
)
from loom_app.domains.payments.actions.sweep import sweep
from loom_app.domains.payments.actions.way import ON_THE_PAGE, Way

__all__ = [
    "INTERVALS",
    "ON_THE_PAGE",
    "Answer",
    "ChargeStart",
    "Fee",
    "Finding",
    "Payable",
    "Plan",
    "SessionEvidence",
    "Way",
    "add_method",
    "announce_dues",
    "ask_refund",
    "backfill",
    "begin_account",
    "begin_charge",
    "call_off",
    "cancel_checkout",
    "carry_out_payout",
    "carry_out_refund",
    "charge_due",
    "check_charge",
    "check_invariants",
    "coach_missed",
    "collect_dues",
    "dashboard_link",
    "decide_request",
    "drop_event",
    "ensure_customer",
    "expire_credit",
    "fee_rule",
    "finish_due",
    "give_back",
    "issue_correction",
    "issue_credit_note",
    "issue_receipt",
    "keep_evidence",
    "lock",
    "make_default",
    "missed",
    "move_dues",
    "onboarding_link",
    "open_checkout",
    "pay",
    "pay_due",
    "pay_in_person",
    "pay_out_due",
    "pay_out_now",
    "plan_due",
    "process",
    "receive",
    "recognise",
    "recognise_part",
    "reconcile",
    "refresh_account",
    "refund",
    "release",
    "remove_method",
    "replay",
    "retry_payout",
    "reward",
    "save_billing",
    "save_schedule",
    "set_fee",
    "settle",
    "submit_evidence",
    "sweep",
    "sync_account",
    "sync_dispute",
    "sync_methods",
    "sync_payout",
    "sync_refund",
    "sync_transfer",
    "take_as_credit",
    "take_back_part",
    "tell_of_credit",
    "warn_expiring",
    "withdraw_request",
]
