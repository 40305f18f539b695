"""Queued work of payments: shallow, idempotent."""

from typing import Any

from loom_app.domains.payments import actions
from loom_app.kit.jobs.outbox import every, job


@job("payments.process_event")
async def process_event(payload: dict[str, Any]) -> None:
    await actions.process(payload["event_id"])


@job("payments.refund")
async def refund(payload: dict[str, Any]) -> None:
    await actions.carry_out_refund(payload["refund_id"])


@job("payments.payout")
async def payout(payload: dict[str, Any]) -> None:
    await actions.carry_out_payout(payload["payout_id"])


@job("payments.close_checkout")
async def close_checkout(payload: dict[str, Any]) -> None:
    await actions.cancel_checkout(payload["charge_id"])


@job("payments.charge_card")
async def charge_card(payload: dict[str, Any]) -> None:
    await actions.charge_due(payload["charge_id"])


@job("payments.finish_due")
async def finish_due(payload: dict[str, Any]) -> None:
    await actions.finish_due(payload["due_id"])


@every("payments.collect", minutes=10)
async def collect(_payload: dict[str, Any]) -> None:
    """Rests are charged and fees held when their time has come; clients are told a day before."""
    await actions.announce_dues()
    await actions.collect_dues()


@every("payments.release", minutes=10)
async def release(_payload: dict[str, Any]) -> None:
    await actions.release()


@every("payments.payouts", minutes=60)
async def payouts(_payload: dict[str, Any]) -> None:
    await actions.pay_out_due()


@every("payments.sweep", minutes=2)
async def sweep(_payload: dict[str, Any]) -> None:
    await actions.sweep()


@job("payments.sync_methods")
async def sync_methods(payload: dict[str, Any]) -> None:
    await actions.sync_methods(payload["user_id"])


@every("payments.expiring", minutes=24 * 60)
async def expiring(_payload: dict[str, Any]) -> None:
    """Cards and credit that run out are told of; credit whose time is over goes."""
    await actions.warn_expiring()
    await actions.tell_of_credit()
    await actions.expire_credit()


@every("payments.reconcile", minutes=24 * 60)
async def reconcile(_payload: dict[str, Any]) -> None:
    """The ledger against Stripe, movement by movement and in sum."""
    await actions.reconcile()


@every("payments.invariants", minutes=15)
async def invariants(_payload: dict[str, Any]) -> None:
    """The ledger against itself."""
    await actions.check_invariants()


@every("payments.backfill", minutes=24 * 60)
async def backfill(_payload: dict[str, Any]) -> None:
    """What no webhook told in the last two days."""
    await actions.backfill()


@job("payments.receipt")
async def receipt(payload: dict[str, Any]) -> None:
    await actions.issue_receipt(payload["charge_id"])


@job("payments.credit_note")
async def credit_note(payload: dict[str, Any]) -> None:
    await actions.issue_credit_note(payload["refund_id"])


@job("payments.correction")
async def correction(payload: dict[str, Any]) -> None:
    await actions.issue_correction(payload["refund_id"])
