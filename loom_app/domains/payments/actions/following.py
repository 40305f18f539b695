"""What is due follows the charge that was begun for it, whoever found out how that one stands."""

from typing import Any

from sqlalchemy import select

from loom_app.domains.payments.actions.refund import refund
from loom_app.domains.payments.events import DueFailed
from loom_app.domains.payments.models import OPEN, PAID, PARTS, Charge, Due
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx

_due: Any = Due


async def follow(tx: Tx, charge: Charge) -> None:
    """Take the due of a charge along; its payable is locked, and the caller acts for payments."""
    if charge.part not in PARTS:
        return
    due = await due_of(tx, charge.payable_kind, charge.payable_id, charge.part)
    assert due is not None  # noqa: S101 - what asked for the charge is never deleted
    before = due.status
    failed = await _take_along(tx, due, charge)
    if due.status != before:
        await moved(tx, due, before)
    if failed:  # what is told of it reads the row again
        await tx.emit(DueFailed(due.id or 0, due.attempts))


async def _take_along(tx: Tx, due: Due, charge: Charge) -> bool:
    """True where it failed, and both sides should know."""
    if charge.status in PAID:
        await _paid(tx, due, charge)
    elif charge.status == "held":
        await _held(tx, due, charge)
    elif charge.status == "released":
        return _released(tx, due, charge)
    elif due.status == "asked" and due.charge_id == charge.id:
        return _not_paid(due, charge)
    return False


async def due_of(tx: Tx, kind: str, number: int, part: str) -> Due | None:
    """Locked and read anew."""
    return await tx.db.scalar(
        select(Due)
        .where(_due.payable_kind == kind, _due.payable_id == number, _due.part == part)
        .with_for_update(),
        execution_options={"populate_existing": True},
    )


async def moved(tx: Tx, due: Due, before: str) -> None:
    """Write a step with its audit row and tell both sides' pages."""
    due.updated_at = tx.now
    await tx.db.flush()
    was, now = {"status": before}, {"status": due.status}
    await audit(tx, f"due.{due.status}", "due", due.id or 0, before=was, after=now)
    for person_id in (due.payer_id, due.coach_id):
        tx.signal(f"person:{person_id}:payments")


async def let_go(tx: Tx, due: Due) -> None:
    """What is held goes back; a job asks Stripe for it."""
    due.status = "letting_go"
    key = f"payments.let_go:{due.charge_id}"
    await tx.enqueue("payments.finish_due", {"due_id": due.id}, key=key)


async def _paid(tx: Tx, due: Due, charge: Charge) -> None:
    if charge.surplus:  # it is on its way back
        return
    if due.status in (*OPEN, "held", "taking"):
        due.status, due.problem, due.done_at, due.charge_id = "paid", None, tx.now, charge.id
    else:  # cancelled, paid in person, or not to be taken after all, while the card was asked
        if due.status == "letting_go":  # what was held is taken: nothing is there to be let go
            due.status, due.done_at = "cancelled", tx.now
        charge.surplus = True
        await refund(tx, charge.id or 0, reason="not_due")


async def _held(tx: Tx, due: Due, charge: Charge) -> None:
    due.charge_id = charge.id
    if due.status in OPEN:
        due.status, due.problem, due.held_at = "held", None, tx.now
    else:  # called off while the card was asked
        await let_go(tx, due)


def _released(tx: Tx, due: Due, charge: Charge) -> bool:
    """True where the bank had let it go before it could be taken. What was let go since its
    session moved waits for its new day."""
    lost = due.status == "taking"
    if due.due_at > tx.now and not lost:
        due.status, due.held_at = "planned", None
        return False
    due.status, due.done_at = "released", tx.now
    if lost:
        due.problem = charge.decline_code or "released"
    return lost


def _not_paid(due: Due, charge: Charge) -> bool:
    """A card that says no is told of; a page that was left is not."""
    if charge.status == "failed":
        due.status, due.problem = "failed", charge.decline_code or "declined"
        return True
    due.status = "failed" if due.problem else "planned"
    if charge.card_id is not None:  # never really asked: the card may be, any time
        due.tried_at = None
    return False
