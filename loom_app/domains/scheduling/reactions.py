"""What payments and accounts mean for holds and sessions."""

from loom_app.domains.accounts.events import VisitorAdopted
from loom_app.domains.coaches.events import CoachSubmits, OfferingChanged, PlaceChanged
from loom_app.domains.payments.events import (
    CheckoutExpired,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    PaymentUnderWay,
)
from loom_app.domains.scheduling import actions, events
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
    if event.payable_kind == SEAT and event.part in BOOKING:
        await actions.unpaid(tx, event.payable_id, event.charge_id)


@on(CheckoutExpired)
async def free_what_was_left(tx: Tx, event: CheckoutExpired) -> None:
    if event.payable_kind == SEAT and event.part in BOOKING:
        await actions.checkout_over(tx, event.payable_id, event.charge_id)


@on(PaymentRefunded)
async def show_the_refund(tx: Tx, event: PaymentRefunded) -> None:
    if event.payable_kind == SEAT:
        await actions.tell_of_seat(tx, event.payable_id)


@on(CoachSubmits)
async def have_hours_before_staff_looks(tx: Tx, event: CoachSubmits) -> None:
    await actions.check_has_hours(tx, event.coach_id)


@on(VisitorAdopted)
async def adopt_what_was_begun(tx: Tx, event: VisitorAdopted) -> None:
    await actions.adopt(tx, event.visitor, event.user_id)


@on(events.HoldExpired)
async def ask_who_waits_for_a_hold(tx: Tx, event: events.HoldExpired) -> None:
    await actions.freed_of(tx, event.session_id)


@on(events.SessionCancelled)
async def ask_who_waits_for_a_seat(tx: Tx, event: events.SessionCancelled) -> None:
    await actions.freed_of(tx, event.session_id)


@on(events.SessionMoved)
async def ask_who_waits_for_the_old_time(tx: Tx, event: events.SessionMoved) -> None:
    await actions.freed_of(tx, event.session_id)


@on(events.HoursChanged)
async def ask_who_waits_for_hours(tx: Tx, event: events.HoursChanged) -> None:
    await actions.opened(tx, event.coach_id)


@on(OfferingChanged)
async def ask_who_waits_for_an_offering(tx: Tx, event: OfferingChanged) -> None:
    await actions.opened(tx, event.coach_id)


@on(PlaceChanged)
async def follow_a_place(tx: Tx, event: PlaceChanged) -> None:
    await actions.place_changed(tx, event.place_id)


@on(events.SessionBooked)
async def end_what_came_true(tx: Tx, event: events.SessionBooked) -> None:
    await actions.came_true(tx, event.session_id, event.seat_id)
