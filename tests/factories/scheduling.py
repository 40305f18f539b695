"""Open hours, holds, bookings and payments that came through."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from loom_app.domains.payments.events import PaymentSucceeded
from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.actions import Booking, HourEdit
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.coaches import OFFERING, make_coach

ALWAYS = [HourEdit(day, 0, 1440) for day in range(7)]
PAYMENTS = Actor.system_job("payments.test")


async def make_open_coach(
    name: str = "Ada Lindqvist",
    zone: str = "Europe/Berlin",
    offering=OFFERING,
    hours: Sequence[HourEdit] = tuple(ALWAYS),
) -> tuple[Actor, int]:
    """A published coach who is open around the clock."""
    coach, offering_id = await make_coach(name, zone, offering)
    async with transaction(coach) as tx:
        await actions.save_week(tx, coach, hours)
    return coach, offering_id


def slot(days: int = 3, hour: int = 10) -> datetime:
    """A full hour some days from now, UTC."""
    day = clock.now().astimezone(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


async def make_hold(me: Actor, offering_id: int, starts_at: datetime):
    async with transaction(me) as tx:
        return await actions.hold(tx, me, offering_id=offering_id, starts_at=starts_at)


async def begin_booking(me: Actor, offering_id: int, starts_at: datetime) -> Booking:
    """Held, and waiting for its payment."""
    await make_hold(me, offering_id, starts_at)
    async with transaction(me) as tx:
        return await actions.book(tx, me)


async def pay(booking: Booking) -> None:
    """The payment of this booking came through, as payments tell it: once for each charge."""
    async with transaction(PAYMENTS) as tx:
        first = await tx.db.scalar(
            text(
                "UPDATE charges SET status = 'succeeded', paid_at = now()"
                " WHERE id = :id AND paid_at IS NULL RETURNING id"
            ),
            {"id": booking.charge_id},
        )
        if first is not None:
            await tx.emit(PaymentSucceeded(booking.charge_id or 0, "seat", booking.seat_id))


async def make_session(me: Actor, offering_id: int, starts_at: datetime) -> Booking:
    """A booked and paid session."""
    booking = await begin_booking(me, offering_id, starts_at)
    await pay(booking)
    return booking
