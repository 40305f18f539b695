"""Another time for a booked session: the same people, price and length."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions.seating import ROOM
from loom_app.domains.scheduling.errors import (
    ClientBusy,
    ClientElsewhere,
    CoachBusy,
    NoRoom,
    NotPossible,
    PlaceClosed,
    SlotClosed,
    SlotTaken,
)
from loom_app.domains.scheduling.models import CoachingSession, Seat, SessionMove
from loom_app.domains.scheduling.queries.moving import free_to_move, open_to_move, why_not
from loom_app.domains.scheduling.queries.places import (
    as_agreed,
    closed_words,
    is_open,
    needs_of,
    open_hours,
    pick_room,
)
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

FARTHEST = timedelta(days=730)
REASON_MAX = 500
_NO_OVERLAPS = "ex_coaching_sessions_coach, ex_coaching_sessions_room, ex_seats_client"
_DEFERRED = text(f"SET CONSTRAINTS {_NO_OVERLAPS} DEFERRED")
_IMMEDIATE = text(f"SET CONSTRAINTS {_NO_OVERLAPS} IMMEDIATE")


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a session goes: its old start and its new one."""

    old: datetime
    new: datetime


@dataclass(slots=True)
class _Going:
    session: CoachingSession
    seats: list[Seat]
    holds: list[Seat]
    shift: Shift
    room_id: int | None = None


async def move(
    tx: Tx, me: Actor, session_id: int, starts_at: datetime, reason: str = ""
) -> Shift | None:
    """Move it, as the coach to any time that is theirs, as the client to a free slot while
    cancelling would be free; at a place, to when that is open, and into a room that is free then.
    None where it stands there already.

    Raises NotFound, NotPossible, Invalid; of the coach CoachBusy, ClientElsewhere, NoRoom,
    PlaceClosed, of the client SlotTaken, SlotClosed, ClientBusy.
    """
    starts_at, reason = _read(starts_at, reason)
    # as the caller: row-level security says whether it is theirs
    seen = await tx.db.get(CoachingSession, session_id)
    if seen is None:
        raise NotFound
    by_coach = seen.coach_id == me.require_person()
    if not by_coach:
        await common.lock_owner(tx, me)
    await common.lock_coach(tx, seen.coach_id)
    if not by_coach and starts_at not in await free_to_move(tx, me, seen, starts_at):
        raise await _refusal(tx, me, seen, starts_at)
    moved = await move_all(tx, me, {session_id: starts_at}, reason)
    return moved[0] if moved else None


async def move_all(
    tx: Tx, me: Actor, news: Mapping[int, datetime], reason: str = ""
) -> list[Shift]:
    """Move each of these sessions to its new start, all or none; what stands there already is left
    out. The caller has the locks, and has seen that a client may take these times.

    Raises NotPossible, Invalid, CoachBusy, ClientElsewhere, SlotTaken, ClientBusy, NoRoom,
    PlaceClosed.
    """
    reason = limited(reason, REASON_MAX, "reason")
    going: list[_Going] = []
    async with tx.acting_as_system("scheduling.move"):
        for session_id, starts_at in sorted(news.items()):
            seats = await common.lock_seats(tx, session_id, ("confirmed",))
            holds = await common.lock_seats(tx, session_id, ("held",))
            session = await common.locked_session(tx, session_id)
            if starts_at == session.starts_at:
                continue
            by_coach = session.coach_id == me.require_person()
            _check(session, by_coach=by_coach, starts_at=starts_at, now=tx.now)
            going.append(_Going(session, seats, holds, Shift(session.starts_at, starts_at)))
        if not going:
            return []
        mover = "coach" if going[0].session.coach_id == me.person_id else "client"
        for one in going:
            one.room_id = await _room(tx, me, one, set(news))
        await _place(tx, going, by_coach=mover == "coach")
        for one in going:
            await _note(tx, one.session, one.shift, mover, reason)
            for seat in one.seats:
                await payments.move_dues(tx, seat.payable, one.shift.new - one.shift.old)
            # who was about to join chose the old time
            await common.drop_holds(tx, one.session, one.holds, "session.move")
            common.tell(tx, one.session, one.seats)
            await common.advance_at(tx, one.session)
    together = tuple(one.session.id or 0 for one in going) if len(going) > 1 else ()
    for one in going:
        await tx.emit(events.SessionMoved(one.session.id or 0, mover, one.shift.old, together))
    return [one.shift for one in going]


def _read(starts_at: datetime, reason: str) -> tuple[datetime, str]:
    if starts_at.tzinfo is None:
        raise Invalid(t("Choose a time from the list."), field="starts_at")
    reason = limited(reason, REASON_MAX, "reason")
    return starts_at.astimezone(UTC).replace(microsecond=0), reason


async def _note(tx: Tx, session: CoachingSession, shift: Shift, mover: str, reason: str) -> None:
    session.moved_by, session.moved_at = mover, tx.now
    tx.db.add(
        SessionMove(
            session_id=session.id or 0,
            moved_by=mover,
            old_starts_at=shift.old,
            new_starts_at=shift.new,
            reason=reason,
            moved_at=tx.now,
        )
    )
    await tx.db.flush()
    before, after = ({"starts_at": at.isoformat()} for at in (shift.old, shift.new))
    await audit(tx, "session.move", "session", session.id or 0, before=before, after=after)


def _check(session: CoachingSession, *, by_coach: bool, starts_at: datetime, now: datetime) -> None:
    if words := why_not(session, coaching=by_coach, now=now):
        raise NotPossible(words)
    if starts_at <= now:
        raise Invalid(t("Choose a time to come."), field="starts_at")
    if starts_at > now + FARTHEST:
        raise Invalid(t("Choose a time within two years."), field="starts_at")


async def _refusal(
    tx: Tx, me: Actor, session: CoachingSession, starts_at: datetime
) -> SlotTaken | SlotClosed:
    following = await free_to_move(tx, me, session, starts_at, days=14)
    if await open_to_move(tx, me, session, starts_at):
        return SlotTaken(following[:3], me.zone)
    return SlotClosed(following[:3], me.zone)


async def _room(tx: Tx, me: Actor, going: _Going, leaving: Collection[int]) -> int | None:
    """The room it has then: its own if that is free. Raises PlaceClosed, NoRoom."""
    session, by = going.session, going.shift.new - going.shift.old
    if session.place_id is None:
        return None
    offering = await coaches.offering(tx, me, session.offering_id)
    offering = await as_agreed(tx, offering, session)
    hours = open_hours(offering.site, tx.now.year)
    if offering.site and not is_open(hours, session.starts_at + by, session.ends_at + by):
        raise PlaceClosed(closed_words(offering.site))
    needs = needs_of(offering)
    if needs is None:
        return None
    await common.expire_overdue(tx, session.coach_id)
    since, until = session.blocked_from + by, session.blocked_until + by
    found = await pick_room(tx, needs, since, until, without=leaving, rather=session.room_id)
    if found is None:
        free = await free_to_move(tx, me, session, going.shift.new, days=14)
        raise NoRoom([one for one in free if one > going.shift.new][:3], me.zone)
    return found


async def _place(tx: Tx, going: list[_Going], *, by_coach: bool) -> None:
    """The constraints say whether its people and its room are free. Raises CoachBusy, SlotTaken,
    NoRoom, ClientBusy."""
    try:
        async with tx.db.begin_nested():
            if len(going) > 1:  # they may pass through each other's times
                await tx.db.execute(_DEFERRED)
            for one in going:
                _shift(one, tx.now)
            await tx.db.flush()
            if len(going) > 1:
                await tx.db.execute(_IMMEDIATE)
    except IntegrityError as error:
        for one in going:
            for row in (one.session, *one.seats):
                await tx.db.refresh(row)
        raise _in_the_way(str(error.orig), by_coach=by_coach) from None


def _in_the_way(words: str, *, by_coach: bool) -> Conflict:
    if "ex_seats_client" in words:
        return ClientElsewhere() if by_coach else ClientBusy()
    if ROOM in words:
        return NoRoom()
    return CoachBusy() if by_coach else SlotTaken()


def _shift(going: _Going, now: datetime) -> None:
    session, by = going.session, going.shift.new - going.shift.old
    for one in (session, *going.seats):
        one.starts_at, one.ends_at = one.starts_at + by, one.ends_at + by
    session.room_id = going.room_id
    session.blocked_from += by
    session.blocked_until += by
    if session.decide_at is not None:
        session.decide_at += by
    session.sequence += 1
    session.changed_at = now
