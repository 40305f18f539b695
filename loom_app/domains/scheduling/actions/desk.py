"""What staff do about booked sessions: call one off, note something, call off all of somebody's.

Each session is cancelled as its people would do it, with the same locks and the same money. All of
somebody's are first written down, and then cancelled by a job: each part in a transaction with its
own outcome, so that a job that dies goes on where it was.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries as people
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions.course import leave, settle
from loom_app.domains.scheduling.desk_models import CallOff, CallOffPart, SessionNote
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.domains.scheduling.models import BOOKED, CoachingSession, Seat
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t
from loom_app.kit.words import limited, reason_given

DESK = "scheduling.desk"
NOTE_MAX, WORDS_MAX = 1000, 500
JOB = "scheduling.call_off"


def call_off_topic(person_id: int) -> str:
    """Signals as the sessions of somebody are called off."""
    return f"staff:call_off:{person_id}"


async def cancel_for(  # noqa: PLR0913 - what staff decide about
    tx: Tx,
    me: Actor,
    session_id: int,
    *,
    fault: bool,
    reason: str,
    words: str = "",
    client_id: int = 0,
) -> None:
    """Cancel in place of the coach (`fault`: everything goes back) or of the client, by the policy;
    in a group all of it, or the seat of one client. `words` are read by its people, the `reason`
    stands in the trail. Idempotent. Nobody does so with a session of their own.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid, NotPossible once it has begun.
    """
    me.require("sessions.override")
    accounts.require_step_up(tx, me)
    why, told = reason_given(reason), limited(words, WORDS_MAX, "words")
    await not_theirs(tx, me, session_id)
    if await _cancel(tx, session_id, fault=fault, words=told, client_id=client_id) is None:
        return
    after = {"everything_back": fault, "client": client_id}
    await audit(tx, "session.cancel_for", "session", session_id, after=after, reason=why)


async def not_theirs(tx: Tx, me: Actor, session_id: int) -> None:
    """Raises Forbidden for its coach, and for who has or had a seat."""
    mine = (col(Seat.coach_id) == me.person_id) | (col(Seat.client_id) == me.person_id)
    about = select(col(Seat.id)).where(col(Seat.session_id) == session_id, mine).limit(1)
    async with tx.acting_as_system(DESK):
        if await tx.db.scalar(about) is not None:
            raise Forbidden(t("This is about you. Somebody else of the team does it."))


async def _cancel(
    tx: Tx, session_id: int, *, fault: bool, words: str, client_id: int = 0
) -> list[Money] | None:
    """What goes back, or None where it was off already. Raises NotFound, NotPossible."""
    async with tx.acting_as_system("scheduling.cancel"):
        seen = await tx.db.get(CoachingSession, session_id)
    if seen is None:
        raise NotFound(t("This session is not here."))
    if client_id and seen.capacity > 1:
        return await leave(tx, client_id, session_id, words, by="staff", fault=fault)
    async with tx.acting_as_system("scheduling.cancel"):
        seats = await common.lock_seats(tx, session_id, BOOKED)
        holds = await common.lock_holds(tx, seen)
        session = await common.locked_session(tx, session_id)
        if not transitions.check(session.status, "cancelled"):
            return None
        if session.starts_at <= tx.now:
            raise NotPossible(t("This session has begun."))
        common.call_off(tx, session, "staff", words)
        await common.drop_holds(tx, session, holds, "session.cancel")
        await common.set_status(tx, session, seats, "cancelled", "session.cancel")
    given = await settle(tx, session, seats, fault=fault, reason="staff_cancelled")
    ids = tuple(seat.id for seat in seats if seat.id is not None)
    await tx.emit(events.SessionCancelled(session_id, "staff", ids))
    return given


async def note_session(tx: Tx, me: Actor, session_id: int, words: str) -> None:
    """For others of the staff; nobody else reads it. Raises Forbidden, NotFound, Invalid."""
    me.require("sessions.override")
    said = limited(words, NOTE_MAX, "note")
    if not said:
        raise Invalid(t("Write what others should know."), field="note")
    async with tx.acting_as_system(DESK):
        if await tx.db.get(CoachingSession, session_id) is None:
            raise NotFound(t("This session is not here."))
        tx.db.add(SessionNote(session_id=session_id, by_id=me.person_id, words=said, at=tx.now))
        await tx.db.flush()
    await audit(tx, "session.note", "session", session_id)
    tx.signal(f"session:{session_id}")


async def call_off_all(
    tx: Tx, me: Actor, person_id: int, seen: Collection[int], *, reason: str, words: str = ""
) -> int:
    """Cancel the coming sessions of somebody who is suspended, of those that were `seen` in the
    list before: where they coach, everything goes back; where they are the client, by the policy.
    A job does it. Returns its number; while one works, that one's, and queues its job once more: it
    may have been dropped, and no part is done twice.

    Raises Forbidden, StepUpNeeded, Invalid, Conflict where they are not suspended, or nothing of
    what was seen is to come any more.
    """
    me.require("sessions.override")
    accounts.require_step_up(tx, me)
    why, told = reason_given(reason), limited(words, WORDS_MAX, "words")
    if not await people.is_suspended(tx, person_id):
        raise Conflict(t("They are not suspended any more. Look again."))
    async with tx.acting_as_system(DESK):
        running = await _running(tx, person_id)
    if running is not None:
        return await _once_more(tx, running, person_id, why)
    async with tx.acting_as_system(DESK):
        coming = [one for one in await coming_ids(tx, person_id) if one[0] in set(seen)]
        if not coming:
            raise Conflict(t("What you saw is not to come any more. Look again."))
        made = CallOff(person_id=person_id, by_id=me.person_id, reason=why, words=told, at=tx.now)
        try:
            async with tx.db.begin_nested():
                tx.db.add(made)
                await tx.db.flush()
        except IntegrityError:  # somebody else confirmed it at this moment
            found = await _running(tx, person_id)
            if found is None:
                raise
            return found
        number = made.id or 0
        tx.db.add_all(
            CallOffPart(call_off_id=number, session_id=one, coaching=coaching)
            for one, coaching in coming
        )
        await tx.db.flush()
    after = {"call_off": number, "sessions": len(coming)}
    await audit(tx, "session.call_off_all", "user", person_id, after=after, reason=why)
    await tx.enqueue(JOB, {"id": number}, key=f"{JOB}:{number}")
    tx.signal(call_off_topic(person_id))
    return number


async def _once_more(tx: Tx, number: int, person_id: int, why: str) -> int:
    after = {"call_off": number, "again": True}
    await audit(tx, "session.call_off_all", "user", person_id, after=after, reason=why)
    await tx.enqueue(JOB, {"id": number}, key=f"{JOB}:{number}:{tx.now.isoformat()}")
    return number


async def _running(tx: Tx, person_id: int) -> int | None:
    return await tx.db.scalar(
        select(col(CallOff.id)).where(
            col(CallOff.person_id) == person_id, col(CallOff.done_at).is_(None)
        )
    )


async def coming_ids(tx: Tx, person_id: int) -> list[tuple[int, bool]]:
    """Booked sessions of somebody that have not begun, soonest first, and whether they coach
    there; acting as `scheduling.*`."""
    session: type[CoachingSession] = CoachingSession
    rows = await tx.db.execute(
        select(col(session.id), col(session.coach_id) == person_id)
        .join(Seat, col(Seat.session_id) == col(session.id))
        .where(
            (col(Seat.client_id) == person_id) | (col(Seat.coach_id) == person_id),
            col(Seat.status) == "confirmed",
            col(session.status) == "confirmed",
            col(session.starts_at) > tx.now,
        )
        .group_by(col(session.id))
        .order_by(col(session.starts_at), col(session.id))
    )
    return [(number or 0, coaching) for number, coaching in rows]


async def call_off_parts(call_off_id: int) -> None:
    """The job: every part that waits, in a transaction of its own, committed with its outcome. What
    fails in a way that nobody expected holds up no other part, and is tried again."""
    system = Actor.system_job(JOB)
    async with transaction(system) as tx:
        waiting = await _waiting(tx, call_off_id)
    failed: Exception | None = None
    for session_id in waiting:
        try:
            await _call_off(system, call_off_id, session_id)
        except Exception as error:  # noqa: BLE001 - raised below, when the others are done
            failed = error
    if failed is not None:
        raise failed
    async with transaction(system) as tx:
        row = await tx.db.get(CallOff, call_off_id, with_for_update=True)
        if row is not None and row.done_at is None and not await _waiting(tx, call_off_id):
            row.done_at = tx.now
            await tx.db.flush()
            tx.signal(call_off_topic(row.person_id))


async def _waiting(tx: Tx, call_off_id: int) -> list[int]:
    found = await tx.db.scalars(
        select(col(CallOffPart.session_id))
        .where(col(CallOffPart.call_off_id) == call_off_id, col(CallOffPart.result) == "waiting")
        .order_by(col(CallOffPart.session_id))
    )
    return list(found)


async def _call_off(system: Actor, call_off_id: int, session_id: int) -> None:
    try:
        async with transaction(system) as tx:
            found = await _part(tx, call_off_id, session_id)
            if found is None:
                return
            whole, part = found
            given = await _cancel(
                tx,
                session_id,
                fault=part.coaching,
                words=whole.words,
                client_id=0 if part.coaching else whole.person_id,
            )
            part.result = "before" if given is None else "cancelled"
            part.back_minor = sum(one.minor for one in given or ())
            part.currency = given[0].currency if given else ""
            await _end(tx, whole, part)
    except DomainError as problem:
        async with transaction(system) as tx:
            found = await _part(tx, call_off_id, session_id)
            if found is not None:
                whole, part = found
                part.result, part.problem = "refused", problem.message[:300]
                await _end(tx, whole, part)


async def _part(tx: Tx, call_off_id: int, session_id: int) -> tuple[CallOff, CallOffPart] | None:
    """Locked, so that of two jobs at once one does it; None where it is done."""
    part = await tx.db.get(
        CallOffPart, (call_off_id, session_id), with_for_update=True, populate_existing=True
    )
    if part is None or part.result != "waiting":
        return None
    return await tx.db.get_one(CallOff, call_off_id), part


async def _end(tx: Tx, whole: CallOff, part: CallOffPart) -> None:
    part.done_at = tx.now
    async with tx.acting_as_system(DESK):
        await tx.db.flush()
    tx.signal(call_off_topic(whole.person_id))
