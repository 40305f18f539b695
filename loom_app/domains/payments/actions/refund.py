"""Giving money back: asked for in a transaction, carried out by a job, recorded as Stripe says."""

from typing import Any

import structlog
from sqlalchemy import func, select

from loom_app.domains.payments import rules
from loom_app.domains.payments.actions import credit
from loom_app.domains.payments.actions.waiting import WAITS, waits
from loom_app.domains.payments.errors import Disputed, NothingToRefund, RefundTooHigh
from loom_app.domains.payments.events import PaymentRefunded, RefundFailed
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.models import Charge, Refund, RefundRequest
from loom_app.domains.payments.rows import locked, seen
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money

REFUND = Actor.system_job("payments.refund")
log = structlog.get_logger("payments")


async def refund(
    tx: Tx, charge_id: int, amount: Money | None = None, *, reason: str, as_credit: bool = False
) -> int:
    """Ask for a refund, all that is left unless an amount is given; returns its id.

    What was paid by card goes back to it first, and what was paid by credit becomes credit again:
    then these are two, and the id is the first one's. `as_credit` makes credit of all of it. The
    sum of refunds never exceeds the charge, also when two ask at once: the charge is locked and
    counts what is asked for. Raises NothingToRefund, RefundTooHigh, Disputed.
    """
    async with tx.acting_as_system("payments.refund"):
        charge = await locked(tx, charge_id)
        left = refundable(charge)
        if charge.status != "succeeded" or not left.minor:
            raise NothingToRefund
        wanted = amount or left
        if not 0 < wanted.minor <= left.minor or (left - wanted).minor < 0:
            raise RefundTooHigh(left.format())
        by_card = 0 if as_credit else min(wanted.minor, await _card_left(tx, charge))
        charge.refunded += wanted.minor
        charge.updated_at = tx.now
        rows = [
            await _ask(tx, charge, minor, reason, as_credit=credited)
            for minor, credited in ((by_card, False), (wanted.minor - by_card, True))
            if minor
        ]
        if not charge.left.minor:
            await _answer_open(tx, charge, rows[0])
    return rows[0]


async def _answer_open(tx: Tx, charge: Charge, refund_id: int) -> None:
    """All of it goes back: what the client had asked for is answered by that."""
    request: Any = RefundRequest
    found = await tx.db.scalar(
        select(RefundRequest).where(request.charge_id == charge.id, request.status == "open"),
        execution_options={"populate_existing": True},
    )
    if found is None:
        return
    found.status, found.decided_at, found.refund_id = "approved", tx.now, refund_id
    await tx.db.flush()
    after = {"status": "approved", "refund": refund_id}
    await audit(tx, "refund_request.decide", "refund_request", found.id or 0, after=after)
    tx.signal("staff:money")
    for person_id in (charge.payer_id, charge.coach_id):
        tx.signal(f"person:{person_id}:payments")


def refundable(charge: Charge) -> Money:
    """What is not given back yet, nor lost to the payer's bank. Raises Disputed while that has not
    decided; an inquiry takes nothing, and a refund is the best answer to it."""
    if charge.disputed:
        raise Disputed
    return charge.left


async def _card_left(tx: Tx, charge: Charge) -> int:
    if charge.credit == 0:
        return charge.amount - charge.refunded
    column: Any = Refund
    gone = await tx.db.scalar(
        select(func.sum(column.amount)).where(
            column.charge_id == charge.id,
            column.as_credit.is_(False),
            column.status.not_in(("failed", "canceled")),
        )
    )
    return rules.card_left(charge.amount, charge.credit, charge.refunded, int(gone or 0))


async def _ask(tx: Tx, charge: Charge, minor: int, reason: str, *, as_credit: bool) -> int:
    row = Refund(
        charge_id=charge.id or 0,
        amount=minor,
        currency=charge.currency,
        reason=reason,
        as_credit=as_credit,
        created_at=tx.now,
    )
    tx.db.add(row)
    await tx.db.flush()
    after = {"charge": charge.id, "amount": minor, "reason": reason, "as_credit": as_credit}
    await audit(tx, "refund.request", "refund", row.id or 0, after=after)
    await tx.enqueue("payments.refund", {"refund_id": row.id}, key=f"payments.refund:{row.id}")
    return row.id or 0


async def take_as_credit(tx: Tx, me: Actor, refund_id: int) -> int:
    """A refund that the bank would not take, as credit instead, once; returns the new refund's id.

    Raises NotFound, NothingToRefund.
    """
    failed = await _refund(tx, refund_id)  # as the caller: row-level security says whose it is
    charge = await seen(tx, failed.charge_id)
    if charge.payer_id != me.require_person() or failed.status not in ("failed", "canceled"):
        raise NotFound
    async with tx.acting_as_system("payments.refund"):
        charge = await locked(tx, failed.charge_id)
        failed = await _refund(tx, refund_id, lock=True)
        left = min(failed.amount, charge.left.minor)
        if left == 0 or failed.credited_by is not None or failed.problem == WAITS:
            raise NothingToRefund
        money = Money(left, charge.currency)
        made = await refund(tx, failed.charge_id, money, reason=failed.reason, as_credit=True)
        failed.credited_by = made
        await tx.db.flush()
    return made


async def carry_out_refund(refund_id: int) -> None:
    """Begin, call, record. The key is the refund's, so that a repeat is the same refund."""
    async with transaction(REFUND) as tx:
        row = await _refund(tx, refund_id)
        if row.status not in ("requested", "pending"):
            return
        charge = await seen(tx, row.charge_id)
    if row.as_credit:  # nothing to ask anybody
        await _give_as_credit(refund_id)
        return
    try:
        if row.processor_id:
            done = await stripe.refund(row.processor_id)
        else:
            done = await stripe.make_refund(
                refund_id=refund_id,
                intent_id=charge.intent_id or "",
                amount=Money(row.amount, row.currency),
                reason=row.reason,
            )
    except PaymentRefused as error:
        log.warning("payments.refund_refused", refund_id=refund_id, code=error.code)
        await _record(refund_id, "failed", None, problem=error.code or "refused")
        return
    await _record(refund_id, done.status, done.id)


async def _give_as_credit(refund_id: int) -> None:
    """A dispute that was opened since then refuses it, as Stripe would refuse the card's."""
    async with transaction(REFUND) as tx:
        charge = await locked(tx, (await _refund(tx, refund_id)).charge_id)
        row = await _refund(tx, refund_id, lock=True)
        if charge.disputed:
            await _told(tx, charge, row, "failed", problem="charge_disputed")
        else:
            await _told(tx, charge, row, "succeeded", problem=None)


async def sync_refund(processor_id: str) -> bool:
    """A webhook spoke of a refund: ask how it stands. False where it is none of ours."""
    done = await stripe.refund(processor_id)
    if done.refund_ref is None or not done.refund_ref.isdigit():
        return False
    async with transaction(REFUND) as tx:
        row = await tx.db.get(Refund, int(done.refund_ref))
        if row is None or row.processor_id not in (None, done.id):
            return False
    await _record(int(done.refund_ref), done.status, done.id)
    return True


async def _refund(tx: Tx, refund_id: int, *, lock: bool = False) -> Refund:
    column: Any = Refund
    statement = select(Refund).where(column.id == refund_id)
    found = await tx.db.scalar(
        statement.with_for_update() if lock else statement,
        execution_options={"populate_existing": lock},
    )
    if found is None:
        raise NotFound
    return found


async def _record(
    refund_id: int, told: str, processor_id: str | None, *, problem: str | None = None
) -> None:
    """Take a refund to where Stripe says it is; only forward, and each step once."""
    status = "pending" if told == "requires_action" else told
    async with transaction(REFUND) as tx:
        charge = await locked(tx, (await _refund(tx, refund_id)).charge_id)
        row = await _refund(tx, refund_id, lock=True)
        row.processor_id = row.processor_id or processor_id
        await _told(tx, charge, row, status, problem=problem)


async def _told(tx: Tx, charge: Charge, row: Refund, status: str, *, problem: str | None) -> None:
    before = row.status
    if rules.refund_moves(before, status):
        row.status, row.problem = status, problem
        row.done_at = None if status == "pending" else tx.now
        await _moved(tx, charge, row, before)
    await tx.db.flush()


async def _moved(tx: Tx, charge: Charge, row: Refund, before: str) -> None:
    charge.updated_at = tx.now
    if row.status == "succeeded":
        await movements.refunded(tx, charge, row)
        if row.as_credit:
            money = Money(row.amount, row.currency)
            await credit.give(tx, charge.payer_id, money, source="refund", source_id=row.id or 0)
        paper = f"payments.credit_note:{row.id}"
        await tx.enqueue("payments.credit_note", {"refund_id": row.id}, key=paper)
        if charge.refunded == charge.amount and await _all_done(tx, charge, row):
            charge.status = "refunded"
    waiting = False
    if row.status in ("failed", "canceled"):
        charge.refunded -= row.amount
        charge.status = "succeeded"
        waiting = await waits(tx, charge, row)
        if before == "succeeded":
            await movements.returned(tx, charge, row)
            paper = f"payments.correction:{row.id}"
            await tx.enqueue("payments.correction", {"refund_id": row.id}, key=paper)
    await tx.db.flush()
    await audit(
        tx,
        f"refund.{row.status}",
        "refund",
        row.id or 0,
        before={"status": before},
        after={"status": row.status},
    )
    tx.signal(f"person:{charge.payer_id}:payments")
    tx.signal(f"person:{charge.coach_id}:payments")
    if row.status == "succeeded":
        await tx.emit(
            PaymentRefunded(
                refund_id=row.id or 0,
                charge_id=charge.id or 0,
                payable_kind=charge.payable_kind,
                payable_id=charge.payable_id,
                amount_minor=row.amount,
                currency=row.currency,
                reason=row.reason,
            )
        )
    elif row.status in ("failed", "canceled") and not waiting:
        await tx.emit(
            RefundFailed(row.id or 0, charge.id or 0, charge.payer_id, row.amount, row.currency)
        )


async def _all_done(tx: Tx, charge: Charge, but: Refund) -> bool:
    column: Any = Refund
    waiting = await tx.db.scalar(
        select(column.id).where(
            column.charge_id == charge.id,
            column.id != but.id,
            column.status.in_(("requested", "pending")),
        )
    )
    return waiting is None
