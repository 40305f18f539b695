"""Waiting for a time: joining the line, leaving it, and answering what is offered."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlmodel import col

from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import line
from loom_app.domains.scheduling.errors import StillFree
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.groups import group_at
from loom_app.domains.scheduling.queries.places import waited_for_at
from loom_app.domains.scheduling.queries.waitlist import own_times
from loom_app.domains.scheduling.waitlist_models import ONE_TIME, WaitlistEntry, WaitlistOffer
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.text import t

MOST = 20  # wishes of one person


async def join(
    tx: Tx,
    me: Actor,
    offering_id: int,
    *,
    starts_at: datetime | None = None,
    day: date | None = None,
) -> int:
    """Wait for a seat in a full group or a time that is taken (`starts_at`), for any time of a full
    day in the caller's zone (`day`), or for any time at all. The same wish again is the one there
    is.

    Raises NotFound, StillFree, Forbidden until the mail address is confirmed, Invalid.
    """
    client_id = me.require_person()
    if not me.verified:
        raise Forbidden(t("Confirm your mail address first: the link is in your inbox."))
    offering, _ = await common.on_offer(tx, me, offering_id)
    await common.lock_owner(tx, me)
    await common.lock_coach(tx, offering.coach_id)
    span = await _span(tx, me, offering, starts_at, day)
    async with tx.acting_as_system("scheduling.wait"):
        await common.check_first(tx, offering, client_id)
        mine = list(
            await tx.db.scalars(
                select(WaitlistEntry).where(
                    col(WaitlistEntry.client_id) == client_id,
                    col(WaitlistEntry.status) == "waiting",
                )
            )
        )
        for one in mine:
            if (one.offering_id, one.since, one.until) == (offering_id, *span):
                return one.id or 0
        if len(mine) >= MOST:
            raise Invalid(t("You wait for many times already: leave one of them first."))
        entry = WaitlistEntry(
            client_id=client_id,
            coach_id=offering.coach_id,
            offering_id=offering_id,
            since=span[0],
            until=span[1],
            joined_at=tx.now,
        )
        tx.db.add(entry)
        await tx.db.flush()
        await audit(tx, "waitlist.join", "coach", offering.coach_id, after={"entry": entry.id})
    # the coach reads who waits; and what was freed a moment ago heard of nobody
    await engagements.ensure(tx, offering.coach_id, client_id, "inquiry")
    await line.queue(tx, offering.coach_id)
    line.tell(tx, offering.coach_id, [client_id])
    return entry.id or 0


async def _span(
    tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime | None, day: date | None
) -> tuple[datetime | None, datetime | None]:
    """From when to when a time is wished for. Raises StillFree, Invalid."""
    if starts_at is not None:
        start = starts_at.astimezone(UTC).replace(microsecond=0)
        await _check_taken(tx, me, offering, start)
        return start, start + ONE_TIME
    if day is not None:
        since = availability.wall_midnight(day, me.zone)
        until = availability.wall_midnight(day + timedelta(days=1), me.zone)
        if await availability.free_starts(tx, offering, since, until):
            raise StillFree
        if not await availability.full_starts(tx, offering, since, until):
            raise Invalid(t("There is nothing to wait for on that day."), field="day")
        return since, until
    if await availability.free_starts(tx, offering, tx.now, line.last(tx, offering)):
        raise StillFree
    return None, None


async def _check_taken(tx: Tx, me: Actor, offering: OfferingView, start: datetime) -> None:
    """Others have what is wished for: every seat of a group, or the time itself, at which the coach
    would be open. Raises StillFree, Invalid."""
    group = await group_at(tx, offering, start)
    if start < line.soonest(tx, offering) or (group and group.mine):
        raise Invalid(t("Nobody can wait for this time."), field="starts_at")
    if group is None:
        end = start + timedelta(minutes=offering.duration_minutes)
        if await own_times(tx, me, start, end):
            raise Invalid(t("You have a session of your own at that time."), field="starts_at")
        until = start + ONE_TIME
        if start in await availability.full_starts(tx, offering, start, until):
            return
        if start not in await availability.free_starts(tx, offering, start, until):
            raise Invalid(t("Nobody can wait for this time."), field="starts_at")
    if group is None or group.left:
        raise StillFree


async def leave(tx: Tx, me: Actor, entry_id: int) -> None:
    """Wait no longer; what is offered goes to the next. Idempotent. Raises NotFound."""
    entry = await _own(tx, me, entry_id)
    async with tx.acting_as_system("scheduling.wait"):
        await tx.db.refresh(entry)
        if entry.status == "waiting":
            entry.status = "left"
            await tx.db.flush()
            await audit(tx, "waitlist.leave", "coach", entry.coach_id, after={"entry": entry.id})
        await line.pass_on(tx, entry.coach_id)
    line.tell(tx, entry.coach_id, [entry.client_id])


async def decline(tx: Tx, me: Actor, offer_id: int) -> None:
    """Not this time: it goes to the next in line. Who waits for a day, or for any time, goes on
    waiting at its end. Idempotent. Raises NotFound."""
    offer = await tx.db.get(WaitlistOffer, offer_id)
    if offer is None:
        raise NotFound
    entry = await _own(tx, me, offer.entry_id)
    async with tx.acting_as_system("scheduling.wait"):
        seat = await tx.db.get(Seat, offer.seat_id, with_for_update=True, populate_existing=True)
        if seat is not None and seat.status == "held" and seat.offered:
            offer.answer = "declined"
            await tx.db.flush()
            await tx.db.execute(line.TO_THE_END, {"entries": [entry.id]})
            await common.let_go(tx, seat, "offer.decline")
        await line.pass_on(tx, entry.coach_id)
    line.tell(tx, entry.coach_id, [entry.client_id])


async def _own(tx: Tx, me: Actor, entry_id: int) -> WaitlistEntry:
    """The caller's, with both locks. Raises NotFound."""
    entry = await tx.db.get(WaitlistEntry, entry_id)
    if entry is None or entry.client_id != me.require_person():
        raise NotFound
    await common.lock_owner(tx, me)
    await common.lock_coach(tx, entry.coach_id)
    return entry


async def take(tx: Tx, me: Actor, offering_id: int, starts_at: datetime) -> Seat | None:
    """The seat that is offered to the caller at this time becomes the hold that they book by: until
    the offer ends, and ten minutes at least. The caller has locked, and acts as scheduling."""
    if me.person_id is None:
        return None
    seat = await tx.db.scalar(
        select(Seat)
        .join(CoachingSession, col(CoachingSession.id) == col(Seat.session_id))
        .where(
            col(Seat.client_id) == me.person_id,
            col(Seat.status) == "held",
            col(Seat.offered),
            col(Seat.starts_at) == starts_at,
            col(CoachingSession.offering_id) == offering_id,
        )
        .with_for_update(of=Seat),
        execution_options=common.FRESH,
    )
    if seat is None or seat.hold_expires_at is None:
        return None
    seat.offered = False
    seat.hold_expires_at = max(seat.hold_expires_at, tx.now + common.HOLD)
    await tx.db.flush()
    await tx.db.execute(
        update(WaitlistOffer).where(col(WaitlistOffer.seat_id) == seat.id).values(answer="taken")
    )
    await audit(tx, "offer.take", "session", seat.session_id, after={"seat": seat.id})
    line.tell(tx, seat.coach_id, [me.person_id])
    return seat


async def came_true(tx: Tx, session_id: int, seat_id: int) -> None:
    """Somebody has booked: what they waited for there is over."""
    async with tx.acting_as_system("scheduling.wait"):
        seat = await tx.db.get(Seat, seat_id)
        session = await tx.db.get(CoachingSession, session_id)
        if seat is None or session is None:
            return
        await tx.db.execute(
            update(WaitlistOffer)
            .where(col(WaitlistOffer.seat_id) == seat_id)
            .values(answer="booked")
        )
        ended = await tx.db.execute(
            update(WaitlistEntry)
            .where(
                col(WaitlistEntry.client_id) == seat.client_id,
                col(WaitlistEntry.offering_id) == session.offering_id,
                col(WaitlistEntry.status) == "waiting",
                or_(
                    col(WaitlistEntry.since).is_(None),
                    (col(WaitlistEntry.since) <= session.starts_at)
                    & (col(WaitlistEntry.until) > session.starts_at),
                ),
            )
            .values(status="booked")
            .returning(col(WaitlistEntry.id))
        )
        if ended.first() is not None:
            await line.queue(tx, session.coach_id)
            line.tell(tx, session.coach_id, [seat.client_id or 0])


async def freed(tx: Tx, coach_id: int) -> None:
    """Something of this coach's may be free now: the line is asked as soon as this commits."""
    async with tx.acting_as_system("scheduling.wait"):
        if await line.anybody(tx, coach_id):
            await line.queue(tx, coach_id)


async def opened(tx: Tx, coach_id: int) -> None:
    """The same where hours or an offering changed: whoever holds a time meanwhile waits, so that
    the line is asked about what opens before them."""
    await common.lock_coach(tx, coach_id)
    await freed(tx, coach_id)


async def freed_of(tx: Tx, session_id: int) -> None:
    """The same of the coach of a session, and of those who use the rooms where it was."""
    async with tx.acting_as_system("scheduling.wait"):
        session = await tx.db.get(CoachingSession, session_id)
        if session is not None and session.room_id is not None:
            for coach_id in await waited_for_at(tx, session.place_id or 0):
                if coach_id != session.coach_id:
                    await line.queue(tx, coach_id)
    if session is not None:
        await freed(tx, session.coach_id)


async def ask_line(tx: Tx, coach_id: int) -> None:
    """Offer what is free to who waits; the job, and the sweep where a job was lost."""
    await common.lock_coach(tx, coach_id)
    async with tx.acting_as_system("scheduling.wait"):
        await common.expire_overdue(tx, coach_id)
        await line.pass_on(tx, coach_id)


async def waited_for(tx: Tx) -> list[int]:
    """The coaches whom somebody waits for."""
    async with tx.acting_as_system("scheduling.wait"):
        found = await tx.db.scalars(
            select(col(WaitlistEntry.coach_id))
            .where(col(WaitlistEntry.status) == "waiting")
            .distinct()
        )
    return list(found)
