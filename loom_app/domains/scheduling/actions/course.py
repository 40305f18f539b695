"""What happens to a booked session: it is cancelled, or it takes place."""

from typing import Literal

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.packages import actions as packages
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.domains.scheduling.models import BOOKED, CoachingSession, Seat
from loom_app.domains.scheduling.rules import transitions
from loom_app.domains.scheduling.rules.terms import GRACE
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t
from loom_app.kit.words import limited

By = Literal["client", "staff"]


async def cancel(
    tx: Tx,
    me: Actor,
    session_id: int,
    reason: str = "",
    *,
    unpaid: bool = False,
    together: tuple[int, ...] = (),
) -> None:
    """Cancel as the coach or the client; the money follows the policy. Idempotent.

    A client of a group gives up their own seat: the others' stay.
    `unpaid`: the coach cancels because the client did not pay the rest, so that the policy holds
    as if the client had cancelled. `together`: what is cancelled at once with it.
    Raises NotFound, NotPossible once it has begun.
    """
    person_id = me.require_person()
    # as the caller: row-level security says whether it is theirs
    seen = await tx.db.get(CoachingSession, session_id)
    if seen is None:
        raise NotFound
    reason = limited(reason, 500, "reason")
    by_coach = seen.coach_id == person_id
    if seen.capacity > 1 and not by_coach:
        await leave(tx, person_id, session_id, reason)
        return
    async with tx.acting_as_system("scheduling.cancel"):
        seats = await common.lock_seats(tx, session_id, BOOKED)
        holds = await common.lock_holds(tx, seen)
        session = await common.locked_session(tx, session_id)
        if not transitions.check(session.status, "cancelled"):
            return
        if session.starts_at <= tx.now:
            raise NotPossible(t("This session has begun."))
        if unpaid and not (by_coach and await _rest_failed(tx, seats)):
            raise NotPossible(t("Nothing is left unpaid here."))
        common.call_off(tx, session, "coach" if by_coach else "client", reason)
        await common.drop_holds(tx, session, holds, "session.cancel")
        await common.set_status(tx, session, seats, "cancelled", "session.cancel")
    why = "unpaid" if unpaid else "coach_cancelled" if by_coach else "client_cancelled"
    await settle(tx, session, seats, fault=by_coach and not unpaid, reason=why)
    by = "coach" if by_coach else "client"
    await tx.emit(events.SessionCancelled(session_id, by, _ids(seats), together))


async def leave(
    tx: Tx, person_id: int, session_id: int, reason: str, *, by: By = "client", fault: bool = False
) -> list[Money] | None:
    """Give up somebody's seat in a group; who is the last to leave takes the session with them.

    Returns what goes back, None where they have no seat there any more. Raises NotPossible.
    """
    async with tx.acting_as_system("scheduling.cancel"):
        seats = await common.lock_seats(tx, session_id, BOOKED, client_id=person_id)
        session = await common.locked_session(tx, session_id)
        if not seats:
            return None
        if session.starts_at <= tx.now:
            raise NotPossible(t("This session has begun."))
        (seat,) = seats  # nobody has two at one time
        seat.cancelled_by, seat.cancelled_at, seat.cancel_reason = by, tx.now, reason
        if await common.others_come(tx, session, seat):
            await common.set_seat(tx, session, seat, "cancelled", "seat.cancel")
        else:
            common.call_off(tx, session, by, reason)
            await common.set_status(tx, session, seats, "cancelled", "session.cancel")
    given = await settle(tx, session, seats, fault=fault, reason=f"{by}_cancelled")
    await tx.emit(events.SessionCancelled(session_id, by, _ids(seats)))
    return given


async def decide(tx: Tx, session_id: int) -> None:
    """Call a group off, with everything paid back, where too few have booked by now; once."""
    async with tx.acting_as_system("scheduling.decide"):
        seats = await common.lock_seats(tx, session_id, BOOKED)
        holds = await common.lock_seats(tx, session_id, ("held",))
        session = await common.locked_session(tx, session_id)
        open_still = session.status == "confirmed" and session.starts_at > tx.now
        if not open_still or session.decide_at is None or session.decide_at > tx.now:
            return
        session.decide_at = None
        await tx.db.flush()
        paying = [seat for seat in holds if seat.under_way]  # a bank is on its way
        if len(seats) + len(paying) >= session.min_seats:
            return
        common.call_off(tx, session, "minimum")
        await common.drop_holds(tx, session, holds, "session.too_few")
        await common.set_status(tx, session, seats, "cancelled", "session.too_few")
    await settle(tx, session, seats, fault=True, reason="too_few")
    await tx.emit(events.SessionCancelled(session_id, "minimum", _ids(seats)))


async def undecided(tx: Tx) -> list[int]:
    """Groups whose moment to be decided has passed; the net under the queued moments."""
    async with tx.acting_as_system("scheduling.decide"):
        found = await tx.db.scalars(
            select(col(CoachingSession.id)).where(
                col(CoachingSession.status) == "confirmed",
                col(CoachingSession.decide_at) <= tx.now,
            )
        )
    return [one for one in found if one is not None]


async def settle(
    tx: Tx, session: CoachingSession, seats: list[Seat], *, fault: bool, reason: str
) -> list[Money]:
    """By the policy of the day it was booked; nothing more is asked for, and what is kept is the
    coach's. `fault`: it is not the clients' doing. Returns what goes back."""
    given: list[Money] = []
    whole: list[payments.Payable] = []
    used: list[payments.Payable] = []
    for seat in seats:
        percent = transitions.percent_back(
            session.policy,
            session.starts_at,
            tx.now,
            fault=fault,
            moved_at=seat.moved_in(session),
        )
        await payments.call_off(tx, seat.payable)
        keep = transitions.kept(seat.price, percent)
        back = await payments.give_back(tx, seat.payable, keep=keep, reason=reason)
        given += [back] if back is not None else []
        if seat.package_id:  # a session cannot be parted: it comes back, or it is used
            (whole if percent == 100 else used).append(seat.payable)
    await packages.came_off(tx, whole, back=True, fault=fault)
    await packages.came_off(tx, used, back=False)
    return given


async def miss(tx: Tx, me: Actor, session_id: int, seat_id: int = 0) -> None:
    """The coach says that the client did not come, or in a group who of them (`seat_id`); a fee
    that is held is taken. Idempotent.

    Raises NotFound, NotPossible before the start, and once the time to say it is over.
    """
    seen = await tx.db.get(CoachingSession, session_id)
    if seen is None or seen.coach_id != me.require_person():
        raise NotFound
    await advance(tx, session_id)
    async with tx.acting_as_system("scheduling.miss"):
        seats = await common.lock_seats(tx, session_id, (*BOOKED, "completed"))
        session = await common.locked_session(tx, session_id)
        transitions.client_may_be_missing(session.status, session.missed_by)
        if session.capacity > 1:
            seats = [seat for seat in seats if seat.id == seat_id]
            if not seats:  # said already, or nobody's
                return
            transitions.check(session.status, "no_show")
        elif not transitions.check(session.status, "no_show"):
            return
        if session.ends_at + GRACE <= tx.now:
            raise NotPossible(t("This can be said until a day after the session."))
        if session.capacity > 1:
            await common.set_seat(tx, session, seats[0], "no_show", "seat.miss")
        else:
            session.missed_by = "client"
            session.sequence += 1  # calendars read it again
            await common.set_status(tx, session, seats, "no_show", "session.miss")
    await tx.emit(events.SessionMissed(session_id, _ids(seats)))


async def advance(tx: Tx, session_id: int) -> None:
    """Take a booked session to where the clock says it is; idempotent."""
    async with tx.acting_as_system("scheduling.advance"):
        seats = await common.lock_seats(tx, session_id, BOOKED)
        session = await common.locked_session(tx, session_id)
        to = transitions.by_the_clock(session.status, session.starts_at, session.ends_at, tx.now)
        if to == session.status:
            return
        verb = "session.complete" if to == "completed" else "session.begin"
        await common.set_status(tx, session, seats, to, verb)
    if to == "completed":
        await tx.emit(events.SessionCompleted(session_id, _ids(seats)))


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


async def rest_paid(tx: Tx, seat_id: int) -> None:
    """A rest, or a fee, came in: whoever looks reads again; after the session it is earned, unless
    the coach was missing: then it was not due any more, and payments give it back."""
    async with tx.acting_as_system("scheduling.rest_paid"):
        seat = await tx.db.get(Seat, seat_id, populate_existing=True)
        session = (
            await tx.db.get(CoachingSession, seat.session_id, populate_existing=True)
            if seat
            else None
        )
    absent = session is not None and session.missed_by == "coach"
    if seat is not None and seat.status in ("completed", "no_show") and not absent:
        await payments.recognise(tx, seat.payable)
    await tell_of_seat(tx, seat_id)


async def _rest_failed(tx: Tx, seats: list[Seat]) -> bool:
    found = [due for seat in seats for due in await payment_queries.dues_of(tx, seat.payable)]
    return any(due.of_the_price and due.status == "failed" for due in found)


def _ids(seats: list[Seat]) -> tuple[int, ...]:
    return tuple(seat.id for seat in seats if seat.id is not None)
