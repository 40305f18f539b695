"""Carrying a payout out: transfer to the coach's balance at Stripe, then from there to the bank.

Begin, call, record, twice. `attempts` is part of each key and rises only after Stripe has said no
for certain: a crash repeats the same call, a new try is a new one.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, text

from loom_app.domains.payments.events import PayoutFailed, PayoutPaid, PayoutWaits
from loom_app.domains.payments.ledger import outward
from loom_app.domains.payments.models import Payout, PayoutAccount
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.settings import settings

PAYOUT = Actor.system_job("payments.payout")
# Stripe forgets keys after a day: from then on what was made is looked for first
FORGETS = timedelta(hours=20)
# the money is on its way to Loom still: the sweeper tries again
WAITS = ("balance_insufficient", "insufficient_funds")
CAME_BACK = ("failed", "canceled")  # in Stripe's words: the money is in the coach's balance

log = structlog.get_logger("payments")
_FREE_ITEMS = text("DELETE FROM payout_items WHERE payout_id = :payout")


async def carry_out_payout(payout_id: int) -> None:
    """Take a payout as far as it goes now. Outside any transaction; any number of times."""
    row, account = await _look(payout_id)
    if row.status == "requested":
        if account is None or account.status != "active" or account.processor_id is None:
            await _cancel(payout_id, "account_not_ready")
            return
        await _transfer(row, account.processor_id)
        row, account = await _look(payout_id)
    if account is None or account.processor_id is None:
        return
    if row.status == "transferred":
        await _send(row, account.processor_id)
    elif row.status == "in_transit" and row.processor_id:
        await sync_payout(row.processor_id, account.processor_id)


async def _look(payout_id: int) -> tuple[Payout, PayoutAccount | None]:
    async with transaction(PAYOUT) as tx:
        row = await tx.db.get(Payout, payout_id)
        if row is None:
            raise NotFound
        return row, await tx.db.get(PayoutAccount, row.coach_id)


async def _transfer(row: Payout, account_id: str) -> None:
    group = f"payout_{row.id}"
    try:
        done = await _made_before(row, account_id, group)
        if done is None:
            done = await stripe.transfer(
                key=f"loom:transfer:{row.id}:{row.attempts}",
                transfer_id=row.id or 0,
                account_id=account_id,
                amount=Money(row.amount, row.currency),
                group=group,
            )
    except PaymentRefused as error:
        if error.code in WAITS:
            await _again(row.id or 0, row.attempts)
        else:
            await _cancel(row.id or 0, error.code or "refused")
        return
    async with transaction(PAYOUT) as tx:
        await _transferred(tx, await _locked(tx, row.id or 0), done.id)


async def _made_before(row: Payout, account_id: str, group: str) -> stripe.Transfer | None:
    async with transaction(PAYOUT) as tx:
        fresh = tx.now - row.created_at < FORGETS
    if fresh:
        return None
    async for found in stripe.transfers(account_id=account_id, group=group):
        return found
    return None


async def _transferred(tx: Tx, row: Payout, transfer_id: str) -> None:
    if row.status != "requested":
        return
    row.transfer_id, row.status, row.updated_at = transfer_id, "transferred", tx.now
    row.waits_since = None
    await tx.db.flush()
    await outward.transferred(tx, row)
    await _told(tx, row, "transfer")


async def _send(row: Payout, account_id: str) -> None:
    try:
        made = await _sent_before(row, account_id)
        if made is None:
            made = await stripe.payout(
                key=f"loom:payout:{row.id}:{row.attempts}",
                payout_id=f"{row.id}:{row.attempts}",
                amount=Money(row.amount, row.currency),
                account_id=account_id,
            )
    except PaymentRefused as error:
        if error.code in WAITS:
            await _again(row.id or 0, row.attempts)
        else:
            async with transaction(PAYOUT) as tx:
                await _failed(tx, await _locked(tx, row.id or 0), error.code or "refused")
        await _transfer_again(row.id or 0)  # the money may have been taken back meanwhile
        return
    await _record(row.id or 0, made)


async def _sent_before(row: Payout, account_id: str) -> stripe.Payout | None:
    """After a day, the payout of this very attempt, should it have been made."""
    async with transaction(PAYOUT) as tx:
        if tx.now - row.updated_at < FORGETS:
            return None
    since = row.updated_at - timedelta(hours=1)
    async for found in stripe.payouts(account_id=account_id, since=since):
        if found.payout_ref == f"{row.id}:{row.attempts}":
            return found
    return None


async def _again(payout_id: int, attempt: int) -> None:
    """Stripe said no for now, and would repeat it under the same key."""
    async with transaction(PAYOUT) as tx:
        row = await _locked(tx, payout_id)
        if row.attempts == attempt and row.status in ("requested", "transferred"):
            row.attempts, row.updated_at = attempt + 1, tx.now
            row.waits_since = row.waits_since or tx.now
            patience = timedelta(hours=settings().payout_wait_hours)
            if row.wait_told_at is None and tx.now - row.waits_since >= patience:
                row.wait_told_at = tx.now
                await _told(tx, row, "wait")
                await tx.emit(PayoutWaits(payout_id, row.coach_id))
            await tx.db.flush()
            tx.signal(f"person:{row.coach_id}:money")
    log.info("payments.payout_waits_for_balance", payout=payout_id)


async def _cancel(payout_id: int, code: str) -> None:
    """Nothing was moved: what it would have settled is available again."""
    async with transaction(PAYOUT) as tx:
        row = await _locked(tx, payout_id)
        if row.status != "requested":
            return
        row.status, row.failure_code, row.updated_at = "canceled", code, tx.now
        await tx.db.flush()
        await tx.db.execute(_FREE_ITEMS, {"payout": payout_id})
        await _told(tx, row, "cancel")
        await tx.emit(PayoutFailed(payout_id, row.coach_id))


async def sync_payout(processor_id: str, account: str) -> bool:
    """Ask Stripe how a payout is and write it down. False where it is none of ours."""
    if not account:
        return False  # Loom's own, to its own bank
    found = await stripe.read_payout(processor_id, account_id=account)
    number, _, attempt = (found.payout_ref or "").partition(":")
    if not (number.isdecimal() and attempt.isdecimal()):
        return False
    async with transaction(PAYOUT) as tx:
        row = await tx.db.get(Payout, int(number))
        holder = await tx.db.get(PayoutAccount, row.coach_id) if row else None
    if row is None or holder is None or holder.processor_id != account:
        return False
    if row.attempts == int(attempt):  # an earlier try has been answered for
        await _record(int(number), found)
        if found.status in CAME_BACK:
            await _transfer_again(int(number))
    return True


async def _transfer_again(payout_id: int) -> None:
    """What is not with the bank can be taken back, and Stripe may have told of that before."""
    row, _ = await _look(payout_id)
    if row.transfer_id is not None:
        await sync_transfer(row.transfer_id)


async def _record(payout_id: int, found: stripe.Payout) -> None:
    """Take a payout to where Stripe says it is; only forward, and each step once."""
    async with transaction(PAYOUT) as tx:
        row = await _locked(tx, payout_id)
        if row.processor_id not in (None, found.id) or row.status == "canceled":
            return
        row.processor_id, row.arrives_at, row.updated_at = found.id, found.arrives_at, tx.now
        if row.status == "transferred":
            row.status = "in_transit"
            await tx.db.flush()
            await _told(tx, row, "send")
        if found.status == "paid" and row.status == "in_transit":
            row.status, row.paid_at = "paid", tx.now
            await tx.db.flush()
            await outward.paid_out(tx, row)
            await _told(tx, row, "paid")
            await tx.emit(PayoutPaid(payout_id, row.coach_id))
        elif found.status in CAME_BACK:
            await _failed(tx, row, found.failure_code or found.status)
        await tx.db.flush()


async def _failed(tx: Tx, row: Payout, code: str) -> None:
    """The money is in the coach's balance at Stripe; it may be sent again from there."""
    if row.status not in ("transferred", "in_transit", "paid"):
        return
    was_paid = row.status == "paid"
    row.status, row.failure_code, row.updated_at, row.paid_at = "failed", code, tx.now, None
    await tx.db.flush()
    if was_paid:
        await outward.sent_back(tx, row)
    await _told(tx, row, "fail")
    await tx.emit(PayoutFailed(row.id or 0, row.coach_id))


async def sync_transfer(processor_id: str, _account: str = "") -> bool:
    """Ask Stripe how a transfer is. One that was taken back as a whole frees what it settled."""
    found = await stripe.read_transfer(processor_id)
    if found.transfer_ref is None or not found.transfer_ref.isdecimal():
        return False
    async with transaction(PAYOUT) as tx:
        try:
            row = await _locked(tx, int(found.transfer_ref))
        except NotFound:
            return False
        if found.group != f"payout_{row.id}" or row.transfer_id not in (None, found.id):
            return False
        if row.amount != found.amount.minor or row.currency != found.amount.currency:
            return False
        await _transferred(tx, row, found.id)
        if found.reversed == found.amount and row.status in ("transferred", "failed"):
            row.status, row.failure_code, row.updated_at = "canceled", "pulled_back", tx.now
            await tx.db.flush()
            await outward.pulled_back(tx, row)
            await tx.db.execute(_FREE_ITEMS, {"payout": row.id})
            await _told(tx, row, "pull_back")
    return True


async def _told(tx: Tx, row: Payout, verb: str) -> None:
    await audit(tx, f"payout.{verb}", "payout", row.id or 0, after={"status": row.status})
    tx.signal(f"person:{row.coach_id}:money")


async def _locked(tx: Tx, payout_id: int) -> Payout:
    column: Any = Payout
    found = await tx.db.scalar(
        select(Payout).where(column.id == payout_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise NotFound
    return found
