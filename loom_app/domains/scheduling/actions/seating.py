"""A held place: in a session made for it, or in a group that meets then already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.errors import (
    ClientBusy,
    NoRoom,
    NotBookable,
    SlotClosed,
    SlotTaken,
)
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.groups import group_at
from loom_app.domains.scheduling.queries.places import needs_of, pick_room
from loom_app.domains.scheduling.rules.terms import Terms
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t

ROOM = "ex_coaching_sessions_room"
UNVERIFIED, SUSPENDED = "ck_seats_verified", "ck_seats_suspended"


@dataclass(frozen=True, slots=True)
class Kept:
    """A time that is kept for a client who did not choose it: from the line, or by their coach."""

    until: datetime
    booked_by: int | None = None


async def group_to_join(
    tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime
) -> CoachingSession | None:
    """The group of this offering that meets then, None where there is none yet.

    Acting as scheduling. Raises SlotTaken where it is full, SlotClosed where it is too late.
    """
    known = await group_at(tx, offering, starts_at)
    if known is None:
        return None
    if starts_at < tx.now + timedelta(minutes=offering.notice_minutes):
        raise SlotClosed(await availability.next_free(tx, offering, starts_at), me.zone)
    if known.left < 1 and not known.mine:  # who is in it hears that they are busy then
        raise SlotTaken(await availability.next_free(tx, offering, starts_at), me.zone)
    return await tx.db.scalar(
        select(CoachingSession).where(
            col(CoachingSession.coach_id) == offering.coach_id,
            col(CoachingSession.offering_id) == offering.id,
            col(CoachingSession.starts_at) == starts_at,
            col(CoachingSession.status).in_(("held", "confirmed")),
        )
    )


async def seat_in(  # noqa: PLR0913 - all that a seat copies
    tx: Tx,
    me: Actor,
    offering: OfferingView,
    starts_at: datetime,
    agreed: Terms,
    group: CoachingSession | None,
    *,
    kept: Kept | None = None,
) -> Seat:
    """Write the held seat, with a room where it needs one; the constraints have the last word.
    Raises SlotTaken, NoRoom, ClientBusy, NotBookable.

    `kept`: somebody else keeps it for the client, beside a hold of their own.
    """
    session = group or await _session(tx, me, offering, starts_at)
    if agreed.series is not None:
        session.series_id, session.series_no = agreed.series
    try:
        async with tx.db.begin_nested():
            if group is None:
                tx.db.add(session)
                await tx.db.flush()
            seat = _seat(tx, me, offering, session, agreed)
            if kept is not None:
                seat.offered, seat.hold_expires_at = True, kept.until
                seat.booked_by = kept.booked_by
            tx.db.add(seat)
            await tx.db.flush()
    except IntegrityError as error:
        _check_who(error)
        if ROOM in str(error.orig):
            raise await _no_room(tx, me, offering, starts_at) from None
        raise SlotTaken from None
    if group is None:
        await common.set_status(tx, session, [seat], "held", "session.hold")
    else:
        await common.set_seat(tx, session, seat, "held", "seat.hold")
    return seat


def _check_who(error: IntegrityError) -> None:
    """Raises ClientBusy, NotBookable."""
    if "ex_seats_client" in str(error.orig):
        raise ClientBusy from None
    named = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
    if named == UNVERIFIED:
        raise NotBookable from None
    if named == SUSPENDED:
        raise NotBookable(t("This cannot be booked at the moment.")) from None


async def _no_room(tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime) -> NoRoom:
    later = starts_at + timedelta(seconds=1)
    return NoRoom(await availability.next_free(tx, offering, later), me.zone)


async def _session(
    tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime
) -> CoachingSession:
    policy = await coaches.policy_of(tx, offering.coach_id)
    ends_at = starts_at + timedelta(minutes=offering.duration_minutes)
    decided = offering.min_seats > 1
    blocked_from = starts_at - timedelta(minutes=offering.buffer_before)
    blocked_until = ends_at + timedelta(minutes=offering.buffer_after)
    needs, room_id = needs_of(offering), None
    if needs is not None:
        room_id = await pick_room(tx, needs, blocked_from, blocked_until)
        if room_id is None:
            raise await _no_room(tx, me, offering, starts_at)
    return CoachingSession(
        coach_id=offering.coach_id,
        offering_id=offering.id,
        status="held",
        starts_at=starts_at,
        ends_at=ends_at,
        blocked_from=blocked_from,
        blocked_until=blocked_until,
        title=offering.name,
        place=offering.place,
        address=offering.address,
        place_id=offering.site.id if offering.site else None,
        room_id=room_id,
        capacity=offering.capacity,
        min_seats=offering.min_seats,
        decide_at=starts_at - timedelta(hours=offering.decide_hours) if decided else None,
        created_at=tx.now,
        changed_at=tx.now,
        cancel_free_hours=policy.free_hours,
        cancel_late_percent=policy.late_percent,
    )


def _seat(
    tx: Tx, me: Actor, offering: OfferingView, session: CoachingSession, agreed: Terms
) -> Seat:
    assert session.id is not None  # noqa: S101 - flushed
    return Seat(
        session_id=session.id,
        coach_id=offering.coach_id,
        client_id=me.person_id,
        series_id=session.series_id,
        follows=session.series_no > 1,
        visitor=None if me.person_id is not None else me.visitor,
        status="held",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        hold_expires_at=tx.now + common.HOLD,
        price_minor=offering.price_minor,
        currency=offering.currency,
        deposit_minor=agreed.deposit,
        rest=agreed.rest,
        no_show_fee_minor=agreed.fee,
        created_at=tx.now,
        address=None if me.person_id is not None else me.address or None,
    )
