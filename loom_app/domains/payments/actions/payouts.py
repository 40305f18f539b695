"""Deciding what a coach is paid: begun in a transaction, carried out by a job (`sending`)."""

from datetime import UTC, datetime, time
from typing import Any

import structlog
from sqlalchemy import select, text

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.payments import rules
from loom_app.domains.payments.errors import (
    AccountNotReady,
    NothingToRetry,
    PayoutUnderWay,
    TooLittle,
)
from loom_app.domains.payments.models import Payout, PayoutAccount
from loom_app.domains.payments.rows import alone
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.money import Money

PAYOUTS = Actor.system_job("payments.payouts")
BATCH = 500
log = structlog.get_logger("payments")

# what no payout has settled yet: earned, and given back since. A transfer itself is no earning.
FREE = (
    "FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
    " JOIN ledger_transactions t ON t.id = e.transaction_id"
    " WHERE a.kind = 'coach_payable' AND a.person_id = :coach AND t.payout_id IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM payout_items i WHERE i.entry_id = e.id)"
)
_FREE = text(f"SELECT e.id, -e.amount AS minor {FREE} AND e.currency = :currency")
_FREE_CURRENCIES = text(f"SELECT e.currency {FREE} GROUP BY 1 HAVING sum(e.amount) < 0 ORDER BY 1")
_TAKE = text(
    "INSERT INTO payout_items (entry_id, payout_id)"
    " SELECT unnest(CAST(:entries AS bigint[])), :payout"
)
_ACCOUNTS = text(
    "SELECT user_id, interval, anchor FROM payout_accounts"
    " WHERE status = 'active' AND interval <> 'manual' AND user_id > :after"
    " ORDER BY user_id LIMIT :batch"
)
_TODAYS = text(
    "SELECT 1 FROM payouts WHERE coach_id = :coach AND currency = :currency"
    " AND asked_by = 'schedule' AND created_at >= :midnight LIMIT 1"
)


async def pay_out_due() -> int:
    """Begin what the coaches' schedules say for today (UTC), once a day; returns how many."""
    begun, after = 0, 0
    while True:
        async with transaction(PAYOUTS) as tx:
            today = tx.now.astimezone(UTC).date()
            page = (await tx.db.execute(_ACCOUNTS, {"after": after, "batch": BATCH})).all()
        for row in page:
            if rules.payout_due(row.interval, row.anchor, today):
                begun += await _pay_out_coach(row.user_id)
        if len(page) < BATCH:
            return begun
        after = page[-1].user_id


async def _pay_out_coach(coach_id: int) -> int:
    """Each currency by itself: one that cannot must not keep the others waiting."""
    async with transaction(PAYOUTS) as tx:
        currencies = list(await tx.db.scalars(_FREE_CURRENCIES, {"coach": coach_id}))
    begun = 0
    for currency in currencies:
        try:
            async with transaction(PAYOUTS) as tx:
                begun += await _begin_scheduled(tx, coach_id, currency)
        except DomainError as error:
            log.info("payments.payout_waits", coach=coach_id, error=type(error).__name__)
        except Exception:
            log.exception("payments.payout_failed", coach=coach_id)
    return begun


async def _begin_scheduled(tx: Tx, coach_id: int, currency: str) -> bool:
    await alone(tx, "payout", coach_id)
    midnight = datetime.combine(tx.now.astimezone(UTC).date(), time(), UTC)
    values = {"coach": coach_id, "currency": currency, "midnight": midnight}
    if await tx.db.scalar(_TODAYS, values):
        return False
    await _begin(tx, coach_id, currency, asked_by="schedule")
    return True


async def pay_out_now(tx: Tx, me: Actor, currency: str) -> int:
    """Ask for everything that is available in a currency; returns the payout's id.

    Raises AccountNotReady, TooLittle, PayoutUnderWay, StepUpNeeded.
    """
    require_step_up(tx, me)
    async with tx.acting_as_system("payments.pay_out"):
        coach_id = me.require_person()
        await alone(tx, "payout", coach_id)
        return await _begin(tx, coach_id, currency.upper(), asked_by="coach")


async def _begin(tx: Tx, coach_id: int, currency: str, *, asked_by: str) -> int:
    account = await tx.db.get(PayoutAccount, coach_id, populate_existing=True)
    if account is None or account.status != "active":
        raise AccountNotReady
    column: Any = Payout
    waiting = select(column.id).where(
        column.coach_id == coach_id, column.currency == currency, column.status == "requested"
    )
    if await tx.db.scalar(waiting):
        raise PayoutUnderWay
    free = (await tx.db.execute(_FREE, {"coach": coach_id, "currency": currency})).all()
    available = sum(row.minor for row in free)
    if available < max(account.minimum, 1):
        minimum = Money(account.minimum, currency).format()
        raise TooLittle(Money(available, currency).format(), minimum)
    row = Payout(
        coach_id=coach_id,
        amount=available,
        currency=currency,
        asked_by=asked_by,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.db.add(row)
    await tx.db.flush()
    await tx.db.execute(_TAKE, {"entries": [one.id for one in free], "payout": row.id})
    await audit(
        tx,
        "payout.begin",
        "payout",
        row.id or 0,
        after={"amount": available, "currency": currency, "by": asked_by},
    )
    await tx.enqueue("payments.payout", {"payout_id": row.id}, key=f"payments.payout:{row.id}:0")
    tx.signal(f"person:{coach_id}:money")
    return row.id or 0


async def retry_payout(tx: Tx, me: Actor, payout_id: int) -> None:
    """Send a payout again that the bank returned. Raises NotFound, NothingToRetry, StepUpNeeded."""
    require_step_up(tx, me)
    async with tx.acting_as_system("payments.retry_payout"):
        row = await tx.db.get(Payout, payout_id, with_for_update=True, populate_existing=True)
        if row is None or row.coach_id != me.require_person():
            raise NotFound
        if row.status != "failed":
            raise NothingToRetry
        row.status, row.failure_code, row.processor_id = "transferred", None, None
        row.attempts, row.updated_at, row.arrives_at = row.attempts + 1, tx.now, None
        row.paid_at = row.waits_since = row.wait_told_at = None
        await tx.db.flush()
        await audit(tx, "payout.retry", "payout", payout_id, after={"attempt": row.attempts})
        key = f"payments.payout:{payout_id}:{row.attempts}"
        await tx.enqueue("payments.payout", {"payout_id": payout_id}, key=key)
        tx.signal(f"person:{row.coach_id}:money")
