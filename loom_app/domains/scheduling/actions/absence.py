"""A coach who did not come: said by themselves or by staff, and everything goes back (SCH-23).

Nothing of it is the clients' doing: no fee, nothing to be asked for, and no session of a package is
used. It is said once and stays; that a client did not come may be turned into it, not the reverse.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.packages import actions as packages
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions.course import advance
from loom_app.domains.scheduling.actions.desk import not_theirs
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.domains.scheduling.events import GivenBack
from loom_app.domains.scheduling.models import BOOKED, CoachingSession, Seat
from loom_app.domains.scheduling.queries.money_words import in_person
from loom_app.domains.scheduling.rules import transitions
from loom_app.domains.scheduling.rules.terms import DESK_GRACE, GRACE
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t
from loom_app.kit.words import reason_given

By = Literal["coach", "staff"]
REASON = "coach_missed"  # of the refunds
VERB = "session.coach_missed"
HAD_A_SEAT = (*BOOKED, "completed", "no_show")


async def coach_missed(tx: Tx, me: Actor, session_id: int) -> None:
    """The coach says that they did not come; in a group that is so for every seat, those of whom
    they had said it before as well. Idempotent.

    Raises NotFound, NotPossible before the start, and once the time to say it is over.
    """
    seen = await tx.db.get(CoachingSession, session_id)
    if seen is None or seen.coach_id != me.require_person():
        raise NotFound
    over = t("This can be said until a day after the session.")
    await _record(tx, session_id, "coach", GRACE, over)


async def coach_missed_for(tx: Tx, me: Actor, session_id: int, *, reason: str) -> None:
    """Staff say it, after hearing both, until `DESK_GRACE` after the session; the `reason` stands
    in the trail. Idempotent. Nobody does so with a session of their own.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid, NotPossible as above.
    """
    me.require("sessions.override")
    accounts.require_step_up(tx, me)
    why = reason_given(reason)
    await not_theirs(tx, me, session_id)
    async with tx.acting_as_system("scheduling.desk"):
        if await tx.db.get(CoachingSession, session_id) is None:
            raise NotFound(t("This session is not here."))
    over = t("This can be said until {n} days after the session.", n=DESK_GRACE.days)
    if await _record(tx, session_id, "staff", DESK_GRACE, over):
        await audit(tx, "session.coach_missed_for", "session", session_id, reason=why)


async def _record(tx: Tx, session_id: int, by: By, grace: timedelta, over: str) -> bool:
    """False where it was said before."""
    await advance(tx, session_id)
    async with tx.acting_as_system("scheduling.coach_missed"):
        seats = await common.lock_seats(tx, session_id, HAD_A_SEAT)
        session = await common.locked_session(tx, session_id)
        if not transitions.coach_may_be_missing(session.status, session.missed_by):
            return False
        if session.ends_at + grace <= tx.now:
            raise NotPossible(over)
        before = {"status": session.status, "missed_by": session.missed_by}
        session.status, session.missed_by, session.changed_at = "no_show", "coach", tx.now
        session.sequence += 1  # calendars read it again
        for seat in seats:
            seat.status = "no_show"
        await tx.db.flush()
        after = {"status": "no_show", "missed_by": "coach"}
        await audit(tx, VERB, "session", session_id, before=before, after=after)
        common.tell(tx, session, seats)
    given = await _give_everything_back(tx, seats)
    await tx.emit(events.CoachMissed(session_id, by, given))
    return True


async def _give_everything_back(tx: Tx, seats: list[Seat]) -> tuple[GivenBack, ...]:
    paid = [await _money_back(tx, seat) for seat in seats]
    back = await packages.coach_missed(tx, [seat.payable for seat in seats if seat.package_id])
    packaged = {one.payable.id: one for one in back}
    return tuple(
        replace(one, until=packaged[one.seat_id].until, waits=packaged[one.seat_id].waits)
        if one.seat_id in packaged
        else one
        for one in paid
    )


async def _money_back(tx: Tx, seat: Seat) -> GivenBack:
    fee = await payments.coach_missed(tx, seat.payable, reason=REASON)
    price = await payments.give_back(tx, seat.payable, reason=REASON)
    async with tx.acting_as_system("payments.desk"):
        charges = (await payment_queries.charges_of_each(tx, [seat.payable]))[seat.payable]
        dues = await payment_queries.dues_of(tx, seat.payable)
    return GivenBack(
        seat_id=seat.id or 0,
        minor=sum(one.minor for one in (fee, price) if one is not None),
        currency=seat.currency,
        in_person=in_person(dues),
        until=None,
        waits=any(one.disputed.minor for one in charges),
    )
