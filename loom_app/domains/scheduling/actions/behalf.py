"""Booking for somebody else: a coach for a client of theirs, the staff for anybody's."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries as people
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.engagements import queries as engagements
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import seating
from loom_app.domains.scheduling.actions.book import book_now
from loom_app.domains.scheduling.errors import (
    ClientBusy,
    ClientElsewhere,
    CoachBusy,
    NoRoom,
    NotTheFirst,
    OutsideRules,
    SlotTaken,
)
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.places import closed_words, is_open, open_hours
from loom_app.domains.scheduling.rules.terms import Terms
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

FARTHEST = timedelta(days=730)
KEEP_HOURS = (2, 24, 48, 72)
REASON_MAX, AGENDA_MAX = 500, 2000


@dataclass(frozen=True, slots=True)
class Order:
    """What is booked for whom. `pay`: by a "link" that the client has `keep_hours` for,
    "in_person", or "free" of charge. `reason`: why rules of the offering do not count. With a
    template of the coach's, its offering, name, length and price hold."""

    client_id: int
    offering_id: int
    starts_at: datetime
    pay: Literal["link", "in_person", "free"] = "link"
    keep_hours: int = 24
    reason: str = ""
    agenda: str = ""
    template_id: int = 0


@dataclass(frozen=True, slots=True)
class BookedFor:
    """`kept`: it is not booked yet, the client has to pay."""

    session_id: int
    seat_id: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Whom staff books for with whom, and what that coach sells."""

    client: PersonView
    coach: PersonView
    offerings: list[OfferingView]


async def find_pair(tx: Tx, me: Actor, client_email: str, coach_email: str) -> Pair:
    """A client and a coach by the addresses of their accounts, for staff who book for anybody; that
    staff looked stands in the trail of both.

    Raises Forbidden, Invalid on "client" or "coach".
    """
    me.require("sessions.override")
    client_id = await _by_address(tx, client_email, "client")
    coach_id = await _by_address(tx, coach_email, "coach")
    async with tx.acting_as_system("scheduling.book_for"):
        if not await coaches.slug_of_coach(tx, coach_id):
            raise Invalid(t("This person is not a coach."), field="coach")
        if client_id == coach_id:
            raise Invalid(t("Nobody can be booked with themselves."), field="client")
        offerings = await coaches.offerings(tx, me, coach_id)
        known = await people.people(tx, (client_id, coach_id))
    for one in (client_id, coach_id):
        await audit(tx, "people.look", "user", one)
    return Pair(known[client_id], known[coach_id], offerings)


async def _by_address(tx: Tx, email: str, field: str) -> int:
    found = await accounts.find_credential(tx, email)
    if found is None:
        raise Invalid(t("Nobody has an account with this address."), field=field)
    return found[0]


async def book_for(tx: Tx, me: Actor, order: Order) -> BookedFor:
    """Book for a client. Hours, notice, window, limits and "for a first session" count no more
    where a reason is given; two at one time is never possible.

    Raises NotFound, Invalid, NotSelling, OutsideRules, CoachBusy, ClientElsewhere, SlotTaken,
    NoRoom.
    """
    order = _read(tx, order)
    coach_id = (await _offering(tx, me, order)).coach_id
    await common.lock_owner(tx, Actor(person_id=order.client_id))
    await common.lock_coach(tx, coach_id)
    offering = await _offering(tx, me, order)  # only now nobody changes its price or address
    to_pay = offering.price_minor > 0 and order.pay == "link"
    selling = await common.sells(tx, offering, must=to_pay)
    async with tx.acting_as_system("scheduling.book_for"):
        await common.expire_overdue(tx, offering.coach_id)
        group = await _group(tx, offering, order.starts_at)
        broken = await _broken(tx, offering, order, group)
        seat = await _place(tx, me, offering, order, group, selling=selling)
        if broken and not order.reason:  # known only now that the time itself is free
            raise OutsideRules(broken)
        session = await common.locked_session(tx, seat.session_id)
        if session.decide_at is not None and session.decide_at <= tx.now:
            session.decide_at = None  # it is too late to call it off
        seat.agenda = order.agenda
        await tx.db.flush()
        after = {
            "client": order.client_id,
            "seat": seat.id,
            "pay": order.pay,
            "overridden": broken,
            "reason": order.reason,
        }
        await audit(tx, "session.book_for", "session", seat.session_id, after=after)
        if to_pay:
            await common.expire_at(tx, seat)
    if to_pay:
        await tx.emit(events.TimeKept(seat.session_id, seat.id or 0))
    else:
        await book_now(tx, seat)
    return BookedFor(seat.session_id, seat.id or 0, kept=to_pay)


async def drop_kept(tx: Tx, me: Actor, session_id: int, seat_id: int = 0) -> None:
    """The client does not want what is kept for them, or the coach takes it back: in a group one
    seat, where its id is given. Idempotent. Raises NotFound."""
    person_id = me.require_person()
    async with tx.acting_as_system("scheduling.drop_kept"):
        seats = [
            seat
            for seat in await common.lock_seats(tx, session_id, ("held", "expired"))
            if seat.booked_by is not None
            and person_id in (seat.client_id, seat.coach_id)
            and seat_id in (0, seat.id)
        ]
        if not seats:
            raise NotFound
        for seat in seats:
            if seat.status == "held":
                await common.let_go(tx, seat, "hold.drop_kept")


def _read(tx: Tx, order: Order) -> Order:
    if order.starts_at.tzinfo is None:
        raise Invalid(t("Choose a day and a time."), field="at")
    starts_at = order.starts_at.astimezone(UTC).replace(second=0, microsecond=0)
    if not tx.now < starts_at <= tx.now + FARTHEST:
        raise Invalid(t("Choose a time to come, within two years."), field="at")
    if order.pay not in ("link", "in_person", "free"):
        raise Invalid(t("Choose how it is paid."), field="pay")
    if order.keep_hours not in KEEP_HOURS:
        raise Invalid(t("Choose from the list."), field="keep")
    return replace(
        order,
        starts_at=starts_at,
        reason=limited(order.reason, REASON_MAX, "reason"),
        agenda=limited(order.agenda, AGENDA_MAX, "agenda"),
    )


async def _offering(tx: Tx, me: Actor, order: Order) -> OfferingView:
    """Who may: its coach for a client of theirs, the staff for anybody. Raises NotFound."""
    person_id, staff = me.require_person(), me.may("sessions.override")
    template = await coaches.template(tx, me, order.template_id) if order.template_id else None
    async with tx.acting_as_system("scheduling.book_for"):
        offering = (
            template.offering if template else await coaches.offering(tx, me, order.offering_id)
        )
        if offering.archived or (offering.coach_id != person_id and not staff):
            raise NotFound(t("This session is no longer offered."), field="offering")
        known = await engagements.find_engagement(tx, offering.coach_id, order.client_id)
        theirs = known is not None and known.status != "ended"
        if order.client_id == offering.coach_id or not (theirs or staff):
            raise NotFound(t("This is not one of your clients."), field="client")
        blocked = await moderation.is_blocked_between(tx, offering.coach_id, order.client_id)
    if blocked:
        raise NotFound(t("You cannot book for this person."), field="client")
    if order.pay == "free":
        return replace(offering, price_minor=0)
    return offering


async def _group(tx: Tx, offering: OfferingView, start: datetime) -> CoachingSession | None:
    if offering.capacity == 1:
        return None
    return await tx.db.scalar(
        select(CoachingSession).where(
            col(CoachingSession.coach_id) == offering.coach_id,
            col(CoachingSession.offering_id) == offering.id,
            col(CoachingSession.starts_at) == start,
            col(CoachingSession.status).in_(("held", "confirmed")),
        )
    )


async def _broken(
    tx: Tx, offering: OfferingView, order: Order, group: CoachingSession | None
) -> list[str]:
    """What speaks against it and can be overridden, in words."""
    found: list[str] = []
    start = order.starts_at
    if group is None:
        site, end = offering.site, start + timedelta(minutes=offering.duration_minutes)
        if site and not is_open(open_hours(site, tx.now.year), start, end):
            found.append(closed_words(site))
        anywhere = replace(offering, site=None)  # whether a room is free is not to be overridden
        free = await availability.free_starts(tx, anywhere, start, start + timedelta(seconds=1))
        if start not in free:
            found.append(t("This is outside the hours or the limits of the offering."))
    elif start < tx.now + timedelta(minutes=offering.notice_minutes):
        found.append(t("This is sooner than the notice of the offering."))
    try:
        await common.check_first(tx, offering, order.client_id)
    except NotTheFirst:
        found.append(t("The offering is for a first session."))
    return found


async def _place(
    tx: Tx,
    me: Actor,
    offering: OfferingView,
    order: Order,
    group: CoachingSession | None,
    *,
    selling: bool,
) -> Seat:
    """The constraints say whether both are free, and a room. Raises CoachBusy, ClientElsewhere,
    NoRoom, SlotTaken."""
    agreed = Terms()
    if offering.price_minor and order.pay == "in_person":
        agreed = Terms(rest="in_person")
    elif offering.price_minor:
        agreed = common.terms_of(tx, offering, order.starts_at, selling=selling)
    until = min(tx.now + timedelta(hours=order.keep_hours), order.starts_at)
    kept = seating.Kept(until, booked_by=me.require_person())
    client = Actor(person_id=order.client_id)
    try:
        return await seating.seat_in(
            tx, client, offering, order.starts_at, agreed, group, kept=kept
        )
    except ClientBusy:
        raise ClientElsewhere from None
    except NoRoom:
        raise
    except SlotTaken:
        if group is not None:
            raise SlotTaken from None
        raise CoachBusy from None
