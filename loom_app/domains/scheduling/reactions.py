"""What payments and accounts mean for holds and sessions."""

from loom_app.domains.accounts.events import VisitorAdopted
from loom_app.domains.payments.events import (
    CheckoutExpired,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    PaymentUnderWay,
)
from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.models import SEAT
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on

BOOKING = ("full", "deposit")  # what is paid to book


@on(PaymentSucceeded)
async def book_what_was_paid(tx: Tx, event: PaymentSucceeded) -> None:
    if event.payable_kind != SEAT:
        return
    if event.part in BOOKING:
        await actions.paid(tx, event.payable_id, event.charge_id)
    else:
        await actions.rest_paid(tx, event.payable_id)


@on(PaymentUnderWay)
async def keep_what_a_bank_is_asked_for(tx: Tx, event: PaymentUnderWay) -> None:
    if event.payable_kind == SEAT:
        await actions.under_way(tx, event.payable_id, event.charge_id)


@on(PaymentFailed)
async def free_what_no_bank_paid(tx: Tx, event: PaymentFailed) -> None:
    if event.payable_kind == SEAT:
        await actions.unpaid(tx, event.payable_id, event.charge_id)


@on(CheckoutExpired)
async def free_what_was_left(tx: Tx, event: CheckoutExpired) -> None:
    if event.payable_kind == SEAT and event.part in BOOKING:
        await actions.checkout_over(tx, event.payable_id, event.charge_id)


@on(PaymentRefunded)
async def show_the_refund(tx: Tx, event: PaymentRefunded) -> None:
    if event.payable_kind == SEAT:
        await actions.tell_of_seat(tx, event.payable_id)


@on(VisitorAdopted)
async def adopt_what_was_begun(tx: Tx, event: VisitorAdopted) -> None:
    await actions.adopt(tx, event.visitor, event.user_id)
