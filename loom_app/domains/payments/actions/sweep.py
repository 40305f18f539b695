"""Finish what a crash, a lost webhook or an outage left half done. All of it is idempotent."""

from collections.abc import Awaitable
from datetime import timedelta

import structlog
from sqlalchemy import text

from loom_app.domains.payments.actions.charge import cancel_checkout, open_checkout
from loom_app.domains.payments.actions.paying import charge_card
from loom_app.domains.payments.actions.refund import carry_out_refund
from loom_app.domains.payments.actions.sending import carry_out_payout
from loom_app.domains.payments.actions.settle import settle
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError

SWEEP = Actor.system_job("payments.sweep")
PATIENCE = timedelta(minutes=2)
BATCH = 200

log = structlog.get_logger("payments")

_CHARGES = text(
    "SELECT id, status, expires_at <= :now AS over, card_id IS NOT NULL AS by_card,"
    " checkout_id IS NOT NULL OR under_way_at IS NOT NULL AS asked FROM charges"
    " WHERE status IN ('created', 'pending')"
    # a bank that is asked takes days: once an hour will do
    " AND updated_at < CASE WHEN under_way_at IS NULL THEN :before ELSE :hour_ago END"
    " ORDER BY updated_at LIMIT :batch"
)
_REFUNDS = text(
    "SELECT id FROM refunds WHERE status IN ('requested', 'pending') AND created_at < :before"
    " ORDER BY created_at LIMIT :batch"
)
# a bank takes days: what is on its way there is asked about once an hour, lest a webhook was lost
_PAYOUTS = text(
    "SELECT id FROM payouts WHERE status IN ('requested', 'transferred') AND updated_at < :before"
    " OR status = 'in_transit' AND updated_at < :hour_ago ORDER BY updated_at LIMIT :batch"
)


async def sweep() -> int:
    """Look at everything that has stood still; returns how much there was."""
    async with transaction(SWEEP) as tx:
        values = {"now": tx.now, "before": tx.now - PATIENCE, "batch": BATCH}
        values |= {"hour_ago": tx.now - timedelta(hours=1)}
        charges = (await tx.db.execute(_CHARGES, values)).all()
        refunds = (await tx.db.execute(_REFUNDS, values)).all()
        payouts = (await tx.db.execute(_PAYOUTS, values)).all()
    for charge in charges:
        if charge.status == "created":
            if charge.over:
                await _try(cancel_checkout(charge.id), "charge", charge.id)
        elif charge.asked:
            await _try(settle(charge.id), "charge", charge.id)
        elif charge.by_card:
            await _try(charge_card(charge.id), "charge", charge.id)
        else:
            await _try(open_checkout(charge.id), "charge", charge.id)
    for refund in refunds:
        await _try(carry_out_refund(refund.id), "refund", refund.id)
    for payout in payouts:
        await _try(carry_out_payout(payout.id), "payout", payout.id)
    return len(charges) + len(refunds) + len(payouts)


async def _try(step: Awaitable[object], what: str, number: int) -> None:
    """One that fails must not keep the others waiting; the next sweep tries it again."""
    try:
        await step
    except DomainError as error:
        log.info("payments.sweep_waits", what=what, id=number, error=type(error).__name__)
    except Exception:
        log.exception("payments.sweep_failed", what=what, id=number)
