"""What happens to a booked session: it is cancelled, or it takes place."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import errors as payment_errors
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.text import t

BOOKED = ("confirmed", "in_progress")


async def cancel(tx: Tx, me: Actor, session_id: int, reason: str = "") -> None:
    """Cancel as the coach or the client; the money follows the policy. Idempotent.

    Raises NotFound, NotPossible once it has begun.
    """
    person_id = me.require_person()
    # as the caller: row-level security says whether it is theirs
    seen = await tx.db.get(CoachingSession, session_id)
    if seen is None:
        raise NotFound
    reason = reason.strip()
    if len(reason) > 500:
        raise Invalid(t("Keep this under {n} characters.", n=500), field="reason")
    by_coach = seen.coach_id == person_id
    async with tx.acting_as_system("scheduling.cancel"):
        seats = await _booked_seats(tx, session_id)
        session = await common.locked_session(tx, session_id)
        if not transitions.check(session.status, "cancelled"):
            return
        if session.starts_at <= tx.now:
            raise NotPossible(t("This session has begun."))
        session.cancelled_by = "coach" if by_coach else "client"
        session.cancel_reason = reason
        session.sequence += 1
        session.cancelled_at = tx.now
        await common.set_status(tx, session, seats, "cancelled", "session.cancel")
    if transitions.refunds_in_full(by_coach=by_coach, starts_at=session.starts_at, now=tx.now):
        await _give_back(tx, seats, "coach_cancelled" if by_coach else "client_cancelled")
    await tx.emit(events.SessionCancelled(session_id, "coach" if by_coach else "client"))


async def advance(tx: Tx, session_id: int) -> None:
    """Take a booked session to where the clock says it is; idempotent."""
    async with tx.acting_as_system("scheduling.advance"):
        seats = await _booked_seats(tx, session_id)
        session = await common.locked_session(tx, session_id)
        to = transitions.by_the_clock(session.status, session.starts_at, session.ends_at, tx.now)
        if to == session.status:
            return
        verb = "session.complete" if to == "completed" else "session.begin"
        await common.set_status(tx, session, seats, to, verb)
    if to == "completed":
        ids = tuple(seat.id for seat in seats if seat.id is not None)
        await tx.emit(events.SessionCompleted(session_id, ids))


async def complete(tx: Tx, session_id: int) -> None:
    """Complete a session whose time is over; idempotent. Raises NotPossible before its end."""
    async with tx.acting_as_system("scheduling.complete"):
        session = await tx.db.get(CoachingSession, session_id)
        if session is None:
            raise NotFound
        if not transitions.check(session.status, "completed"):
            return
        if session.ends_at > tx.now:
            raise NotPossible(t("This session is not over yet."))
    await advance(tx, session_id)


async def overdue(tx: Tx) -> list[int]:
    """Sessions that the clock has passed by; the net under the queued moments."""
    async with tx.acting_as_system("scheduling.advance"):
        found = await tx.db.scalars(
            select(col(CoachingSession.id)).where(
                col(CoachingSession.status).in_(BOOKED),
                (col(CoachingSession.ends_at) <= tx.now)
                | (
                    (col(CoachingSession.status) == "confirmed")
                    & (col(CoachingSession.starts_at) <= tx.now)
                ),
            )
        )
    return [one for one in found if one is not None]


async def tell_of_seat(tx: Tx, seat_id: int) -> None:
    """Something about its money changed: whoever looks at the session reads again."""
    async with tx.acting_as_system("scheduling.tell"):
        seat = await tx.db.get(Seat, seat_id)
        session = await tx.db.get(CoachingSession, seat.session_id) if seat else None
        if seat is not None and session is not None:
            common.tell(tx, session, [seat])


async def _booked_seats(tx: Tx, session_id: int) -> list[Seat]:
    found = await tx.db.scalars(
        select(Seat)
        .where(col(Seat.session_id) == session_id, col(Seat.status).in_(BOOKED))
        .order_by(col(Seat.id))
        .with_for_update(),
        execution_options=common.FRESH,
    )
    return list(found)


async def _give_back(tx: Tx, seats: list[Seat], reason: str) -> None:
    for seat in seats:
        if seat.charge_id is None or seat.price_minor == 0:
            continue
        try:
            await payments.refund(tx, seat.charge_id, reason=reason)
        except payment_errors.NothingToRefund:
            continue  # given back by hand before
