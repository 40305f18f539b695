"""Keeping a time for somebody: hold, release, expire, adopt."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import line, seating, waitlist
from loom_app.domains.scheduling.actions.series import repeat_held
from loom_app.domains.scheduling.errors import (
    ClientBusy,
    HoldChanged,
    HoldGone,
    SlotClosed,
    SlotTaken,
)
from loom_app.domains.scheduling.models import LIVE, BookingDraft, CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.draft import HoldView, hold_view
from loom_app.domains.scheduling.queries.series import repeat_of
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules.series import Repeat
from loom_app.domains.scheduling.rules.slots import NOTHING
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Invalid
from loom_app.kit.text import t
from loom_app.kit.words import limited

MOST_PER_ADDRESS = 10
DRAFT_LIFE = timedelta(days=7)


async def hold(
    tx: Tx, me: Actor, *, offering_id: int, starts_at: datetime, repeat: Repeat | None = None
) -> HoldView:
    """Keep a time for ten minutes; a former hold of the caller ends, the same one is returned.

    A time that is offered to the caller from the waitlist becomes their hold. With `repeat` its
    times are kept as well, all or none.

    Raises NotFound, SlotTaken, SlotClosed, ClientBusy, Invalid, SeriesTaken.
    """
    if starts_at.tzinfo is None:
        raise Invalid(t("Choose a time from the list."), field="starts_at")
    starts_at = starts_at.astimezone(UTC).replace(microsecond=0)
    coach_id = (await coaches.offering(tx, me, offering_id)).coach_id
    await common.lock_owner(tx, me)
    await common.lock_coach(tx, coach_id)
    # only now nobody changes the price or the address while the time is taken
    offering, selling = await common.on_offer(tx, me, offering_id)
    async with tx.acting_as_system("scheduling.hold"):
        await common.expire_overdue(tx, offering.coach_id)
        seat = await _keep_or_end(tx, me, offering_id, starts_at)
        same = seat is not None
        if seat is None:
            seat = await waitlist.take(tx, me, offering_id, starts_at)
        if seat is None:
            await line.pass_on(tx, offering.coach_id)  # who waits comes first, the caller maybe
            seat = await waitlist.take(tx, me, offering_id, starts_at)
        if seat is None:
            seat = await _place(tx, me, offering, starts_at, selling=selling)
        if repeat is not None or seat.series_id is not None:
            await repeat_held(tx, me, offering, seat, repeat)
        elif same:
            return hold_view(seat, offering_id)
        await _forget_agenda(tx, me, offering)
        await _remember(tx, me, offering_id, starts_at, repeat)
        await common.expire_at(tx, seat)
    await tx.emit(events.SlotHeld(offering.coach_id))
    return hold_view(seat, offering_id)


async def _keep_or_end(tx: Tx, me: Actor, offering_id: int, starts_at: datetime) -> Seat | None:
    """The caller's former hold where it is of this very time; any other ends."""
    former = await common.held_seat(tx, me)
    if former is None:
        return None
    same = former.starts_at == starts_at and former.charge_id is None
    if same and (await _offering_of(tx, former)) == offering_id and _alive(tx, former):
        return former
    await common.give_up(tx, former, "hold.replace")
    return None


async def _place(
    tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime, *, selling: bool
) -> Seat:
    words = t("Many times are kept from your network just now. Sign in, or wait ten minutes.")
    await common.check_address(tx, me, MOST_PER_ADDRESS - 1, words)
    await common.check_first(tx, offering, me.person_id)
    group = await seating.group_to_join(tx, me, offering, starts_at)
    if group is None:
        await _check_free(tx, me, offering, starts_at)
    await _check_client(tx, me, starts_at, offering.duration_minutes)
    agreed = common.terms_of(tx, offering, starts_at, selling=selling)
    return await seating.seat_in(tx, me, offering, starts_at, agreed, group)


async def release(tx: Tx, me: Actor) -> None:
    """Give the caller's held time back; idempotent."""
    await common.lock_owner(tx, me)
    async with tx.acting_as_system("scheduling.release"):
        seat = await common.held_seat(tx, me)
        if seat is not None:
            await common.give_up(tx, seat, "hold.release")


async def expire_hold(tx: Tx, seat_id: int) -> None:
    """End a hold whose time is over; anything else stays as it is."""
    async with tx.acting_as_system("scheduling.expire_hold"):
        seat = await tx.db.get(Seat, seat_id, with_for_update=True)
        if seat is not None and seat.status == "held" and not _alive(tx, seat):
            await common.let_go(tx, seat, "hold.expire")


async def expire_overdue_holds(tx: Tx) -> None:
    """The periodic net under `expire_hold`; visitors' drafts that nobody came back for go too."""
    async with tx.acting_as_system("scheduling.expire_hold"):
        await common.expire_overdue(tx, None)
        await tx.db.execute(
            delete(BookingDraft).where(
                col(BookingDraft.visitor).is_not(None),
                col(BookingDraft.updated_at) < tx.now - DRAFT_LIFE,
            )
        )


async def save_details(
    tx: Tx,
    me: Actor,
    agenda: str,
    answers: dict[str, str],
    *,
    share_name: bool = False,
    offering_id: int = 0,
) -> None:
    """The agenda and the intake answers of the draft, and whether the others of a group may read
    one's name. `offering_id`: only where that is what is being booked. Raises Invalid by question,
    HoldGone without a draft, HoldChanged."""
    async with tx.acting_as_system("scheduling.save_details"):
        draft = await tx.db.scalar(
            select(BookingDraft).where(_draft_of(me)).with_for_update(key_share=True)
        )
        if draft is None:
            raise HoldGone
        if offering_id not in (0, draft.offering_id):
            raise HoldChanged
        offering = await coaches.offering(tx, me, draft.offering_id)
        draft.agenda, draft.share_name = limited(agenda, 2000, "agenda"), share_name
        draft.answers = coaches.check_answers(offering, answers)
        draft.updated_at = tx.now
        await tx.db.flush()


async def adopt(tx: Tx, visitor: str, user_id: int) -> None:
    """What a visitor began becomes the person's: draft and hold, held again if it is free."""
    before, after = Actor(visitor=visitor), Actor(person_id=user_id)
    await common.lock_owner(tx, before)
    await common.lock_owner(tx, after)
    async with tx.acting_as_system("scheduling.adopt"):
        draft = await tx.db.scalar(select(BookingDraft).where(_draft_of(before)))
        if draft is None:
            return
        held = await common.held_seat(tx, before, lock=False)
        if held is not None:
            await common.lock_coach(tx, held.coach_id)  # before its rows, as everywhere
            held = await common.held_seat(tx, before)
        if held is not None:
            await common.let_go(tx, held, "hold.adopt")
        mine = await tx.db.scalar(select(BookingDraft).where(_draft_of(after)))
        if mine is not None:
            await tx.db.delete(mine)
            await tx.db.flush()
        draft.visitor, draft.client_id, draft.updated_at = None, user_id, tx.now
        await tx.db.flush()
        offering_id, starts_at = draft.offering_id, draft.starts_at
        repeat = repeat_of(draft.repeat)
    try:
        async with tx.db.begin_nested():
            await hold(tx, after, offering_id=offering_id, starts_at=starts_at, repeat=repeat)
    except DomainError:
        # taken or too late: the draft stays, and the page offers other times
        return


def _draft_of(me: Actor) -> ColumnElement[bool]:
    if me.person_id is not None:
        return col(BookingDraft.client_id) == me.person_id
    return col(BookingDraft.visitor) == me.visitor


def _alive(tx: Tx, seat: Seat) -> bool:
    return seat.hold_expires_at is not None and seat.hold_expires_at > tx.now


async def _offering_of(tx: Tx, seat: Seat) -> int:
    session = await tx.db.get(CoachingSession, seat.session_id)
    return session.offering_id if session else 0


async def _check_free(tx: Tx, me: Actor, offering: OfferingView, starts_at: datetime) -> None:
    hours = await availability.hours_of(tx, [offering.coach_id])
    if offering.coach_id not in hours:
        raise SlotClosed
    since, until = starts_at, starts_at + timedelta(days=14)
    offer = availability.offer_of(offering)
    taken = await availability.taken_of(tx, offering, since, until)
    now, start = availability.ceil(tx.now), int(starts_at.timestamp())
    opened = hours[offering.coach_id]
    if rules.is_bookable(opened, offer, taken, now=now, start=start):
        return
    found = rules.slots(
        opened, offer, taken, now=now, first=max(start, now), last=max(start, now) + 14 * rules.DAY
    )[:3]
    free = [datetime.fromtimestamp(one, UTC) for one in found]
    if rules.is_bookable(opened, offer, NOTHING, now=now, start=start):
        raise SlotTaken(free, me.zone)
    raise SlotClosed(free, me.zone)


async def _check_client(tx: Tx, me: Actor, starts_at: datetime, minutes: int) -> None:
    if me.person_id is None:
        return
    overlap = await tx.db.scalar(
        select(col(Seat.id))
        .where(
            col(Seat.client_id) == me.person_id,
            col(Seat.status).in_(LIVE),
            col(Seat.starts_at) < starts_at + timedelta(minutes=minutes),
            col(Seat.ends_at) > starts_at,
        )
        .limit(1)
    )
    if overlap is not None:
        raise ClientBusy


async def _forget_agenda(tx: Tx, me: Actor, offering: OfferingView) -> None:
    """What was written to one coach is not for another."""
    draft = await tx.db.scalar(select(BookingDraft).where(_draft_of(me)))
    if draft is None or draft.offering_id == offering.id:
        return
    former = (await coaches.offerings_by_id(tx, [draft.offering_id])).get(draft.offering_id)
    if former is None or former.coach_id != offering.coach_id:
        draft.agenda = ""
        await tx.db.flush()


async def _remember(
    tx: Tx, me: Actor, offering_id: int, starts_at: datetime, repeat: Repeat | None
) -> None:
    """The draft follows the last choice; words written for another offering's questions go."""
    starts = [one.isoformat() for one in repeat.starts] if repeat else []
    owner = (
        {"client_id": me.person_id} if me.person_id is not None else {"visitor": me.visitor or ""}
    )
    made = insert(BookingDraft).values(
        **owner,
        offering_id=offering_id,
        starts_at=starts_at,
        repeat={"every": repeat.every_weeks, "starts": starts} if repeat else None,
        agenda="",
        answers={},
        updated_at=tx.now,
    )
    table = "booking_drafts"
    same = f"{table}.offering_id = excluded.offering_id"
    await tx.db.execute(
        made.on_conflict_do_update(
            index_elements=list(owner),
            set_={
                "offering_id": made.excluded.offering_id,
                "starts_at": made.excluded.starts_at,
                "repeat": made.excluded.repeat,
                "updated_at": made.excluded.updated_at,
                "share_name": text(f"{same} AND {table}.share_name"),
                "answers": text(f"CASE WHEN {same} THEN {table}.answers ELSE excluded.answers END"),
            },
        )
    )
