"""Settling: one idempotent function, reached from the webhook, the return page and the sweeper."""

from typing import Any

import structlog
from sqlalchemy import select

from loom_app.domains.payments import rules
from loom_app.domains.payments.actions import credit
from loom_app.domains.payments.actions.following import follow
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.actions.refund import refund
from loom_app.domains.payments.errors import AmountMismatch
from loom_app.domains.payments.events import (
    CheckoutExpired,
    PaymentFailed,
    PaymentSucceeded,
    PaymentUnderWay,
)
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.models import LIVE, PAID, Charge
from loom_app.domains.payments.rows import lock_payable, paid_for, payable_locked, seen
from loom_app.domains.payments.ways import method_words
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.money import Money

SETTLE = Actor.system_job("payments.settle")
log = structlog.get_logger("payments")


async def settle(charge_id: int, *, intent_id: str | None = None) -> None:
    """Ask Stripe how a charge stands and write down what is new. Outside any transaction.

    The order of events does not matter, nor how often this runs: what Stripe says now is the truth,
    and each step happens only from the state that precedes it.
    """
    async with transaction(SETTLE) as tx:
        charge = await seen(tx, charge_id)
        checkout_id, known = charge.checkout_id, charge.intent_id or intent_id
    page = await stripe.checkout(checkout_id) if checkout_id else None
    known = known or (page.intent_id if page else None)
    payment = await stripe.payment(known) if known else None
    if payment is not None and payment.charge_ref != str(charge_id):
        log.error("payments.foreign_intent", charge_id=charge_id)
        return
    async with transaction(SETTLE) as tx:
        await record(tx, await payable_locked(tx, charge_id), page, payment)


async def record(
    tx: Tx,
    charge: Charge,
    page: stripe.Checkout | None,
    payment: stripe.Payment | None,
    *,
    refused: bool = False,
) -> None:
    """Take one locked charge, and what is due by it, to where Stripe says it is. Only forward."""
    before = charge.status
    if payment is not None:
        charge.intent_id = payment.id
        charge.used_card = payment.card_id or charge.used_card
    if payment is not None and payment.status == "succeeded":
        await _taken(tx, charge, payment)
    elif payment is not None and payment.status == "requires_capture":
        _held(tx, charge, payment)
    elif charge.status == "held" and payment is not None and payment.status == "canceled":
        charge.status, charge.updated_at = "released", tx.now
    elif charge.status in LIVE:
        await _not_paid(tx, charge, page, payment, refused=refused)
    await tx.db.flush()
    if charge.status != before:
        await follow(tx, charge)


async def _taken(tx: Tx, charge: Charge, payment: stripe.Payment) -> None:
    if charge.status not in PAID:
        await _succeeded(tx, charge, payment.received)
    charge.available_on = payment.available_at
    charge.receipt_url = payment.receipt_url
    charge.paid_with = method_words(payment.kind, payment.brand, payment.last4)
    if payment.processing_fee is not None:
        await movements.processed(tx, charge, payment.processing_fee)


def _held(tx: Tx, charge: Charge, payment: stripe.Payment) -> None:
    """On the card and not taken: no account knows of it."""
    if charge.status in LIVE:
        charge.status, charge.updated_at = "held", tx.now
        charge.paid_with = method_words(payment.kind, payment.brand, payment.last4)


async def covered(tx: Tx, charge: Charge) -> None:
    """Credit pays all of it: nothing is asked of Stripe."""
    await _succeeded(tx, charge, Money(0, charge.currency))
    await tx.db.flush()
    await follow(tx, charge)


async def _succeeded(tx: Tx, charge: Charge, received: Money) -> None:
    asked = charge.amount - charge.credit
    if received != Money(asked, charge.currency):
        raise AmountMismatch(f"charge {charge.id}: asked {asked}, got {received.minor}")
    before = charge.status
    short = await _credit_is_gone(tx, charge)
    # paid twice, on two pages, or too late: it goes back
    charge.surplus = short or await tx.db.scalar(_paid_twin(charge)) is not None
    charge.status, charge.paid_at, charge.updated_at = "succeeded", tx.now, tx.now
    charge.decline_code = None
    await tx.db.flush()
    await movements.charged(tx, charge)
    await audit(
        tx,
        "charge.succeed",
        "charge",
        charge.id or 0,
        before={"status": before},
        after={"status": "succeeded"},
    )
    paper = f"payments.receipt:{charge.id}"
    await tx.enqueue("payments.receipt", {"charge_id": charge.id}, key=paper)
    if charge.save_card:
        await tx.enqueue("payments.sync_methods", {"user_id": charge.payer_id})
    if charge.surplus:
        await refund(tx, charge.id or 0, reason="credit_gone" if short else "duplicate")
        return
    if charge.part == "no_show":  # there is nothing to wait for
        await movements.delivered(tx, charge)
    about = (charge.payable_kind, charge.payable_id, charge.part)
    await tx.emit(PaymentSucceeded(charge.id or 0, *about))


async def _credit_is_gone(tx: Tx, charge: Charge) -> bool:
    """An attempt that was given up, and its credit spent elsewhere, is paid after all: then only
    what came in is booked, and goes back."""
    if charge.credit == 0 or await credit.kept(tx, charge.id or 0):
        return False
    if await credit.keep_again(tx, charge):
        return False
    charge.amount -= charge.credit
    charge.credit, charge.fee = 0, min(charge.fee, charge.amount)
    await tx.db.flush()
    return True


def _paid_twin(charge: Charge) -> Any:
    column: Any = Charge
    return select(column.id).where(
        column.payable_kind == charge.payable_kind,
        column.payable_id == charge.payable_id,
        column.part.in_(rules.same_part(charge.part)),
        column.status == "succeeded",
        column.surplus.is_(False),
        column.id != charge.id,
    )


async def _not_paid(
    tx: Tx,
    charge: Charge,
    page: stripe.Checkout | None,
    payment: stripe.Payment | None,
    *,
    refused: bool,
) -> None:
    if payment is not None and payment.decline_code:
        charge.decline_code = payment.decline_code  # the page stays open: the payer may try again
    about = (charge.id or 0, charge.payable_kind, charge.payable_id, charge.part)
    charge.updated_at = tx.now
    if payment is not None and payment.status == "processing":
        await _under_way(tx, charge, payment)
    elif refused or _came_to_nothing(charge, page, payment):
        charge.status = "failed"
        await credit.let_go(tx, charge)
        await tx.db.flush()
        await tx.emit(PaymentFailed(*about))
    elif page is not None and page.status == "expired":
        charge.status = "expired"
        await credit.let_go(tx, charge)
        await tx.db.flush()
        await tx.emit(CheckoutExpired(*about))


def _came_to_nothing(
    charge: Charge, page: stripe.Checkout | None, payment: stripe.Payment | None
) -> bool:
    """Cancelled; or a bank was asked, by a page that is closed since or without one, and did not
    pay. A declined card alone is neither: its page is open."""
    if payment is None:
        return False
    asked = charge.under_way_at is not None or (page is not None and page.status == "complete")
    return payment.status == "canceled" or (asked and payment.status == "requires_payment_method")


async def _under_way(tx: Tx, charge: Charge, payment: stripe.Payment) -> None:
    """A bank takes days to answer: what is paid for waits for it, and so does its credit."""
    charge.paid_with = method_words(payment.kind, payment.brand, payment.last4)
    if charge.under_way_at is not None:
        return
    charge.status, charge.under_way_at = "pending", tx.now
    await tx.db.flush()
    await tx.emit(PaymentUnderWay(charge.id or 0, charge.payable_kind, charge.payable_id))
    tx.signal(f"person:{charge.payer_id}:payments")


async def recognise(tx: Tx, payable: Payable) -> None:
    """What was paid for took place, or was called off too late: what is not given back becomes the
    coach's, the fee the platform's."""
    await _recognise(tx, payable)


async def recognise_part(tx: Tx, payable: Payable, part: Money, *, ref: str) -> None:
    """The same of a part of what was paid, or of what is left of it; `ref` names its cause."""
    await _recognise(tx, payable, part.minor, f"delivery:{ref}")


async def take_back_part(tx: Tx, payable: Payable, part: Money, *, ref: str) -> None:
    """So much of what was recognised was not held after all: it is paid for and not delivered
    again; `ref` names its cause. What the coach was paid of it meanwhile is carried forward against
    what they earn next, as with a refund."""
    async with tx.acting_as_system("payments.take_back"):
        await lock_payable(tx, payable.kind, payable.id)
        for charge in await paid_for(tx, payable.kind, payable.id):
            await movements.delivered_back(tx, charge, part.minor, ref=f"delivery_back:{ref}")


async def lock(tx: Tx, payable: Payable) -> None:
    """Before its own row, who owns a payable takes its payments' lock: one order for all."""
    await lock_payable(tx, payable.kind, payable.id)


async def _recognise(tx: Tx, payable: Payable, part: int | None = None, ref: str = "") -> None:
    async with tx.acting_as_system("payments.recognise"):
        await lock_payable(tx, payable.kind, payable.id)
        for charge in await paid_for(tx, payable.kind, payable.id):
            await movements.delivered(tx, charge, ref=ref, part=part)
