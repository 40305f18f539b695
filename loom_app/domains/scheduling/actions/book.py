"""From a held time to a booked session: book, confirm, and what a late payment gets."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.coaches import actions as coaching
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.packages import actions as packages
from loom_app.domains.packages.actions import Booked
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import ON_THE_PAGE, Way
from loom_app.domains.payments.errors import CardNeeded, NotSelling
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions.later import plan
from loom_app.domains.scheduling.errors import HoldChanged, HoldGone, NotPossible
from loom_app.domains.scheduling.models import BookingDraft, CoachingSession, Seat
from loom_app.domains.scheduling.queries.places import as_agreed, needs_of, pick_room
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.text import t

# the number of a hold's seat, and of the series that it is the first of
Shown = tuple[int, int | None]


class NoPlace(Exception):
    """A late payment finds the place archived, or no room there free."""


@dataclass(frozen=True)
class Booking:
    """`charge_id` is None where nothing is to pay: then it is confirmed already."""

    session_id: int
    seat_id: int
    charge_id: int | None


async def book(
    tx: Tx, me: Actor, way: Way = ON_THE_PAGE, *, package_id: int = 0, shown: Shown | None = None
) -> Booking:
    """Turn the caller's hold into a booking, or into a charge that will make it one.

    A second call in the same way finds the same charge. With a package of the client's it costs
    nothing more. `shown`: this hold and no other, as a page shows it that may be older than the
    last choice. Raises Forbidden, HoldGone, HoldChanged, CardNeeded where a card must be kept for
    later, Invalid by question; with a package what `packages.use` raises.
    """
    client_id = me.require_person()
    if not me.verified:
        raise Forbidden(t("Confirm your mail address first: the link is in your inbox."))
    await common.lock_owner(tx, me)
    async with tx.acting_as_system("scheduling.book"):
        seat = _still_held(tx, await common.held_seat(tx, me, lock=False), shown)
        session = await tx.db.get(CoachingSession, seat.session_id)
        assert session is not None  # noqa: S101 - a seat's session cannot be deleted
        offering = await coaches.offering(tx, me, session.offering_id)
        slug = await coaches.slug_of_coach(tx, seat.coach_id)
    assert session.id is not None  # noqa: S101 - loaded rows have their ids
    assert seat.id is not None  # noqa: S101
    if package_id:
        return await _book_free(tx, me, offering, package_id)
    money = seat.price_minor or seat.keeps_card
    if money and not await payment_queries.sells_in(tx, seat.coach_id):  # ended since the hold
        raise NotSelling
    if seat.keeps_card:
        way = await _keeping_a_card(tx, client_id, seat, way)
    if seat.price_minor == 0:
        return await _book_free(tx, me, offering)
    until = tx.now + common.HOLD_FOR_CHECKOUT
    # the charge is locked before the seat, as where a payment comes in: two can never wait in turn
    start = await payments.begin_charge(
        tx,
        me,
        seat.payable,
        seat.to_book,
        payer_id=client_id,
        coach_id=seat.coach_id,
        offering_id=session.offering_id,
        description=session.title,
        return_path=f"/book/{slug}/confirmed?session={session.id}",
        cancel_path=f"/book/{slug}/review?offering={session.offering_id}",
        expires_at=until,
        # a card that is kept for later must be there at once
        needed_by=tx.now if seat.keeps_card else session.starts_at,
        way=way,
        part="deposit" if seat.deposit_minor else "full",
        whole=seat.price,
    )
    async with tx.acting_as_system("scheduling.book"):
        seat = _still_held(tx, await common.held_seat(tx, me))
        await _take_details(tx, client_id, seat, offering)
        if seat.charge_id != start.charge_id:
            seat.charge_id = start.charge_id
            await common.keep_until(tx, seat, max(until, seat.hold_expires_at or until))
            common.tell(tx, session, [seat])
    return Booking(seat.session_id, seat.id or 0, start.charge_id)


async def _keeping_a_card(tx: Tx, client_id: int, seat: Seat, way: Way) -> Way:
    """A part is taken later: the card that pays now is kept, or one is saved. Raises CardNeeded."""
    saved, customer = await payment_queries.keeps_cards(tx, client_id)
    if seat.price_minor == 0 and not saved:  # whatever card is named
        raise CardNeeded
    if seat.price_minor == 0 or way.method_id is not None:
        return way
    if not customer:
        raise CardNeeded
    if way.use_credit and not saved:  # credit alone would keep no card
        credit = await payment_queries.credit_towards(tx, tx.actor, seat.to_book)
        if credit == seat.to_book:
            raise CardNeeded
    return replace(way, save_card=True)


async def _book_free(tx: Tx, me: Actor, offering: OfferingView, package_id: int = 0) -> Booking:
    async with tx.acting_as_system("scheduling.confirm"):
        seat = _still_held(tx, await common.held_seat(tx, me))
        session = await common.locked_session(tx, seat.session_id)
        await common.check_first(tx, offering, me.require_person())
        await _take_details(tx, me.require_person(), seat, offering)
        if package_id:  # of a series each session is one of it
            await _take_from(tx, me, session, seat, package_id)
            for one in await common.followers(tx, seat, ("held",)):
                its = await common.locked_session(tx, one.session_id)
                await _take_from(tx, me, its, one, package_id)
        booked = await _confirm_all(tx, session, seat, None)
    await _all_booked(tx, booked)
    return Booking(session.id or 0, seat.id or 0, None)


async def _take_from(
    tx: Tx, me: Actor, session: CoachingSession, seat: Seat, package_id: int
) -> None:
    """One session of a package in place of a price; a page that was open to pay is closed, and
    what is paid on it all the same goes back."""
    path = f"/sessions/{session.id}"
    booked = Booked(seat.payable, session.offering_id, session.starts_at, session.title, path)
    await packages.use(tx, me, package_id, booked)
    await common.close_checkout(tx, seat)
    seat.package_id, seat.charge_id = package_id, None
    seat.price_minor = seat.deposit_minor = seat.no_show_fee_minor = 0
    seat.rest = ""
    await tx.db.flush()


async def book_now(tx: Tx, seat: Seat) -> None:
    """Confirm what somebody with the right to do so has booked for the client; nothing is paid
    through the platform now."""
    async with tx.acting_as_system("scheduling.confirm"):
        session = await common.locked_session(tx, seat.session_id)
        booked = await _confirm_all(tx, session, seat, None)
    await _all_booked(tx, booked)


def _still_held(tx: Tx, seat: Seat | None, shown: Shown | None = None) -> Seat:
    if seat is None or seat.hold_expires_at is None or seat.hold_expires_at <= tx.now:
        raise HoldGone
    if shown not in (None, (seat.id, seat.series_id)):
        raise HoldChanged
    return seat


async def confirm(tx: Tx, seat_id: int, charge_id: int | None = None) -> bool:
    """Confirm a seat; idempotent. False where the time was lost and the money must go back.

    A payment that comes after the hold ended still gets the time if it is free.
    """
    async with tx.acting_as_system("scheduling.confirm"):
        seat = await tx.db.get(Seat, seat_id, with_for_update=True, populate_existing=True)
        if seat is None:
            raise NotFound
        if seat.status not in {"held", "expired"}:
            # booked by another payment, or cancelled since: this money buys nothing
            return charge_id is None or seat.charge_id == charge_id
        session = await common.locked_session(tx, seat.session_id)
        if seat.client_id is None or session.starts_at <= tx.now:
            return False
        if session.status == "cancelled" or seat.starts_at != session.starts_at:
            return False  # a group that was called off, or moved without this hold
        try:
            async with tx.db.begin_nested():
                booked = await _confirm_all(tx, session, seat, charge_id)
        except (IntegrityError, NoPlace):  # also of one later time of a series
            await tx.db.refresh(seat)
            await tx.db.refresh(session)
            return False
    await _all_booked(tx, booked)
    return True


async def paid(tx: Tx, seat_id: int, charge_id: int) -> None:
    """A payment came through: the session is booked, or the money goes back by itself."""
    if await confirm(tx, seat_id, charge_id):
        return
    async with tx.acting_as_system("scheduling.confirm"):
        seat = await tx.db.get(Seat, seat_id)
        assert seat is not None  # noqa: S101 - confirm found it
        await audit(tx, "session.refuse_payment", "session", seat.session_id)
    lost = seat.status in {"held", "expired"}
    await payments.refund(tx, charge_id, reason="slot_lost" if lost else "paid_twice")
    tx.signal(f"session:{seat.session_id}")
    if lost and seat.client_id is not None:
        await tx.emit(events.SlotLost(seat.session_id, seat_id, seat.client_id))


async def under_way(tx: Tx, seat_id: int, charge_id: int) -> None:
    """The client's bank is asked and takes days: the time is kept until it has answered, or until
    the session would begin; meanwhile they may book another."""
    async with tx.acting_as_system("scheduling.under_way"):
        seat = await tx.db.get(Seat, seat_id, with_for_update=True, populate_existing=True)
        if seat is None or seat.status != "held" or seat.charge_id != charge_id:
            return
        session = await common.locked_session(tx, seat.session_id)
        for one in (seat, *await common.followers(tx, seat, ("held",))):
            one.under_way = True
        await _forget_draft(tx, session, seat)
        await common.keep_until(tx, seat, session.starts_at)
        await audit(tx, "session.wait_for_bank", "session", seat.session_id)
        common.tell(tx, session, [seat])
    await tx.emit(events.PaymentAwaited(seat.session_id, seat_id, seat.client_id or 0))


async def unpaid(tx: Tx, seat_id: int, charge_id: int) -> None:
    """The client's bank did not pay: the time is free again. A declined card is not this: then
    the client tries another way."""
    async with tx.acting_as_system("scheduling.unpaid"):
        seat = await tx.db.get(Seat, seat_id, with_for_update=True, populate_existing=True)
        if seat is None or seat.charge_id != charge_id or not seat.under_way:
            return
        if seat.status == "held":
            await common.let_go(tx, seat, "hold.unpaid")
    await tx.emit(events.PaymentMissed(seat.session_id, seat_id, seat.client_id or 0))


async def checkout_over(tx: Tx, seat_id: int, charge_id: int) -> None:
    """The page to pay on was left or closed: the time is free again."""
    async with tx.acting_as_system("scheduling.checkout_over"):
        seat = await tx.db.get(Seat, seat_id, with_for_update=True, populate_existing=True)
        if seat is not None and seat.status == "held" and seat.charge_id == charge_id:
            await common.give_up(tx, seat, "hold.checkout_over")


async def _take_details(tx: Tx, client_id: int, seat: Seat, offering: OfferingView) -> None:
    """Copy what the draft says into the seat: later edits of the questions change nothing."""
    draft = await tx.db.scalar(select(BookingDraft).where(col(BookingDraft.client_id) == client_id))
    written = draft.answers if draft and draft.offering_id == offering.id else {}
    answers = coaches.check_answers(offering, written)
    seat.agenda = draft.agenda if draft else ""
    seat.share_name = bool(draft and draft.share_name and draft.offering_id == offering.id)
    seat.answers = [
        {"question": question.label, "answer": answers[question.key]}
        for question in offering.questions
        if question.key in answers
    ]
    await tx.db.flush()


async def _confirm_all(
    tx: Tx, session: CoachingSession, seat: Seat, charge_id: int | None
) -> list[tuple[CoachingSession, Seat]]:
    """A seat, and with the first of a series all that follow it: what is written there is theirs
    as well. The first stands first."""
    later = await common.followers(tx, seat)
    await _confirm(tx, session, seat, charge_id)
    booked = [(session, seat)]
    for one in later:
        its = await common.locked_session(tx, one.session_id)
        one.agenda, one.answers = seat.agenda, seat.answers
        await _confirm(tx, its, one, None)
        booked.append((its, one))
    return booked


async def _confirm(tx: Tx, session: CoachingSession, seat: Seat, charge_id: int | None) -> None:
    joins = session.status == "confirmed" and session.capacity > 1
    if not joins and not transitions.check(session.status, "confirmed"):
        raise NotPossible(t("This session is confirmed already."))
    if session.status == "expired" and session.place_id is not None:
        await _place_again(tx, session, session.place_id)
    seat.charge_id = charge_id or seat.charge_id
    seat.hold_expires_at, seat.booked_at = None, tx.now
    if joins:
        await common.set_seat(tx, session, seat, "confirmed", "seat.confirm")
    else:
        session.booked_at = tx.now
        await common.set_status(tx, session, [seat], "confirmed", "session.confirm")
    if not seat.under_way and not seat.offered:  # else the draft there is is of something else
        await _forget_draft(tx, session, seat)
    seat.offered = False
    await common.advance_at(tx, session)


async def _place_again(tx: Tx, session: CoachingSession, place_id: int) -> None:
    """Since its hold ended, its place may have a new address, or be gone; and somebody may have
    its room: another does as well. Raises NoPlace."""
    await coaching.lock_place(tx, place_id)
    site = (await coaches.places_by_id(tx, [place_id]))[place_id]
    if site.archived:
        raise NoPlace
    session.address = site.line
    if session.room_id is None:
        return
    offering = await coaches.offering(tx, tx.actor, session.offering_id)
    needs = needs_of(await as_agreed(tx, offering, session))
    assert needs is not None  # noqa: S101 - it has a place and a room
    since, until = session.blocked_from, session.blocked_until
    found = await pick_room(tx, needs, since, until, rather=session.room_id)
    if found is None:
        raise NoPlace
    session.room_id = found


async def _forget_draft(tx: Tx, session: CoachingSession, seat: Seat) -> None:
    draft = await tx.db.scalar(
        select(BookingDraft).where(col(BookingDraft.client_id) == seat.client_id)
    )
    if draft is not None and draft.offering_id == session.offering_id:
        await tx.db.delete(draft)
        await tx.db.flush()


async def _all_booked(tx: Tx, booked: list[tuple[CoachingSession, Seat]]) -> None:
    """What is booked at once is told at once."""
    together = tuple(session.id or 0 for session, _ in booked) if len(booked) > 1 else ()
    for session, seat in booked:
        await _booked(tx, session, seat, together)


async def _booked(tx: Tx, session: CoachingSession, seat: Seat, together: tuple[int, ...]) -> None:
    assert session.id is not None  # noqa: S101
    assert seat.id is not None  # noqa: S101
    assert seat.client_id is not None  # noqa: S101 - checked before confirming
    await engagements.ensure(tx, session.coach_id, seat.client_id, "active")
    await plan(tx, session, seat)
    await tx.emit(events.SessionBooked(session.id, seat.id, together))
