"""What every verb needs: locks in one order, rows for update, words to watchers."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlmodel import col

from loom_app.domains.coaches import actions as coaching
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.errors import NotSelling, NotSettled
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.errors import NotTheFirst
from loom_app.domains.scheduling.models import LIVE, CoachingSession, Seat
from loom_app.domains.scheduling.rules.terms import Terms, terms
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid, NotFound, TooMany
from loom_app.kit.settings import settings
from loom_app.kit.text import t

HOLD = timedelta(minutes=10)
# a Checkout page at Stripe lives at least 30 minutes from its making, which comes a moment later
HOLD_FOR_CHECKOUT = timedelta(minutes=31)

# what was read before the lock may be old
FRESH = {"populate_existing": True}

_LOCK_OWNER = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 51))")
_IN_ROOMS = text(
    "EXISTS (SELECT 1 FROM coaching_sessions c WHERE c.id = seats.session_id"
    " AND c.room_id IS NOT NULL AND c.place_id IN"
    " (SELECT o.place_id FROM offerings o WHERE o.coach_id = :coach AND o.needs_room))"
)


async def lock_owner(tx: Tx, me: Actor) -> None:
    """First the one who books, then the coach: one order, so no two can wait for each other."""
    await tx.db.execute(_LOCK_OWNER, {"key": owner_key(me)})


async def lock_coach(tx: Tx, coach_id: int) -> None:
    """Limits are counted, and rooms chosen, under this lock: of the coach, then of each place where
    they need a room, which others use too. The constraints are what guarantees."""
    await coaching.lock_coach(tx, coach_id)


async def lock_person(tx: Tx, person_id: int) -> None:
    """Nothing is booked by this person, for them or with them until the transaction ends."""
    await lock_owner(tx, Actor(person_id=person_id))
    await lock_coach(tx, person_id)


def owner_key(me: Actor) -> str:
    if me.person_id is not None:
        return f"person:{me.person_id}"
    if me.visitor:
        return f"visitor:{me.visitor}"
    raise Forbidden


def owned_by(me: Actor) -> ColumnElement[bool]:
    """Seats of this person, or of this visitor while nobody is signed in."""
    if me.person_id is not None:
        return col(Seat.client_id) == me.person_id
    return col(Seat.visitor) == me.visitor


async def on_offer(tx: Tx, me: Actor, offering_id: int) -> tuple[OfferingView, bool]:
    """What the caller may book, and whether money can be taken for it. Raises NotFound, Invalid,
    NotSelling, NotSettled."""
    offering = await coaches.offering(tx, me, offering_id)
    if offering.archived:
        raise NotFound(t("This session is no longer offered."))
    if offering.coach_id == me.person_id:
        raise Invalid(t("This is your own offering: others book it."))
    if me.person_id and await moderation.is_blocked_between(tx, offering.coach_id, me.person_id):
        raise NotFound(t("You cannot book this session."))
    return offering, await sells(tx, offering)


async def sells(tx: Tx, offering: OfferingView, *, must: bool = True) -> bool:
    """Whether money can be taken for it. Raises NotSelling, NotSettled where it `must`, as what
    costs something."""
    currencies = await payments.sells_in(tx, offering.coach_id)
    selling = offering.currency in currencies
    if must and offering.price_minor and not selling:
        raise NotSettled(offering.currency) if currencies else NotSelling
    return selling


async def held_seat(tx: Tx, me: Actor, *, lock: bool = True) -> Seat | None:
    """The caller's one held seat; acting as scheduling. One that waits for a bank, or is only
    offered, is none."""
    found = select(Seat).where(
        owned_by(me),
        col(Seat.status) == "held",
        col(Seat.under_way).is_(False),
        col(Seat.offered).is_(False),
        col(Seat.follows).is_(False),
    )
    return await tx.db.scalar(found.with_for_update() if lock else found, execution_options=FRESH)


async def locked_session(tx: Tx, session_id: int) -> CoachingSession:
    """Seats are locked before their session, everywhere."""
    found = await tx.db.scalar(
        select(CoachingSession).where(col(CoachingSession.id) == session_id).with_for_update(),
        execution_options=FRESH,
    )
    assert found is not None  # noqa: S101 - a seat's session cannot be deleted
    return found


async def set_status(
    tx: Tx, session: CoachingSession, seats: list[Seat], status: str, verb: str
) -> None:
    """Write one transition with its audit row and tell everybody who watches."""
    assert session.id is not None  # noqa: S101
    before = session.status
    session.status, session.changed_at = status, tx.now
    for seat in seats:
        seat.status = status
    await tx.db.flush()
    await audit(
        tx, verb, "session", session.id, before={"status": before}, after={"status": status}
    )
    tell(tx, session, seats)


async def set_seat(tx: Tx, session: CoachingSession, seat: Seat, status: str, verb: str) -> None:
    """One seat of a group changes, the session does not."""
    before, seat.status = seat.status, status
    await tx.db.flush()
    await audit(
        tx,
        verb,
        "session",
        seat.session_id,
        before={"seat": seat.id, "status": before},
        after={"seat": seat.id, "status": status},
    )
    tell(tx, session, [seat])


async def others_come(tx: Tx, session: CoachingSession, seat: Seat) -> bool:
    """Whether anybody else has, or is about to have, a seat; acting as scheduling."""
    if session.capacity == 1:
        return False
    found = await tx.db.scalar(
        select(col(Seat.id))
        .where(
            col(Seat.session_id) == session.id,
            col(Seat.id) != seat.id,
            col(Seat.status).in_(LIVE),
        )
        .limit(1)
    )
    return found is not None


def call_off(tx: Tx, session: CoachingSession, by: str, reason: str = "") -> None:
    """Say whose doing it is that a session is off; its status follows."""
    session.cancelled_by, session.cancel_reason = by, reason
    session.sequence += 1
    session.cancelled_at = tx.now


def tell(tx: Tx, session: CoachingSession, seats: list[Seat]) -> None:
    tx.signal(f"session:{session.id}")
    tx.signal(f"coach:{session.coach_id}:slots")
    if session.room_id is not None:
        tx.signal(f"place:{session.place_id}:slots")
    tx.signal(f"person:{session.coach_id}:sessions")
    for seat in seats:
        if seat.client_id is not None:
            tx.signal(f"person:{seat.client_id}:sessions")


def terms_of(tx: Tx, offering: OfferingView, starts_at: datetime, *, selling: bool) -> Terms:
    """What a booking made now agrees to."""
    hours = settings().rest_hours_before
    return terms(offering, starts_at, tx.now, rest_hours=hours, selling=selling)


async def let_go(tx: Tx, seat: Seat, verb: str) -> None:
    """End a hold, with all that is held with it, and close its Checkout page; acting as
    scheduling."""
    for one in await followers(tx, seat, ("held",)):
        await set_status(tx, await locked_session(tx, one.session_id), [one], "expired", verb)
    session = await locked_session(tx, seat.session_id)
    if await others_come(tx, session, seat):
        await set_seat(tx, session, seat, "expired", verb)
    elif session.status == "held":
        await set_status(tx, session, [seat], "expired", verb)
    else:  # who had booked has left meanwhile: this hold was the last that kept the group
        seat.status = "expired"
        call_off(tx, session, "client")
        await set_status(tx, session, [], "cancelled", verb)
    await close_checkout(tx, seat)
    await tx.emit(events.HoldExpired(seat.session_id))
    if seat.booked_by is not None:
        await tx.emit(events.KeptOver(seat.session_id, seat.id or 0))


async def give_up(tx: Tx, seat: Seat, verb: str) -> None:
    """The client turns to something else: their hold ends. What a coach keeps for them stays as
    long as it is kept; acting as scheduling."""
    kept = seat.booked_by is not None and seat.hold_expires_at is not None
    if not kept or (seat.hold_expires_at and seat.hold_expires_at <= tx.now):
        await let_go(tx, seat, verb)
        return
    await close_checkout(tx, seat)
    seat.offered, seat.charge_id = True, None
    await tx.db.flush()
    tx.signal(f"session:{seat.session_id}")


async def expire_overdue(tx: Tx, coach_id: int | None) -> None:
    """Under contention nobody waits for the job: what ran out is freed here, of a coach, and of all
    who use the same rooms."""
    overdue = select(Seat).where(
        col(Seat.status) == "held",
        col(Seat.hold_expires_at) <= tx.now,
        col(Seat.follows).is_(False),  # these go with the first of their series
    )
    if coach_id is not None:
        # few holds are overdue: whose they are is asked of these alone
        in_rooms = _IN_ROOMS.bindparams(coach=coach_id)
        overdue = overdue.where(or_(col(Seat.coach_id) == coach_id, in_rooms))
    # a row that is locked is being paid at this moment
    for seat in list(await tx.db.scalars(overdue.with_for_update(skip_locked=True))):
        await let_go(tx, seat, "hold.expire")


async def followers(
    tx: Tx, seat: Seat, states: Collection[str] = ("held", "expired")
) -> list[Seat]:
    """The later seats of the series that this one, which is locked, is the first of."""
    if seat.series_id is None or seat.follows:
        return []
    found = await tx.db.scalars(
        select(Seat)
        .where(
            col(Seat.series_id) == seat.series_id,
            col(Seat.follows),
            col(Seat.status).in_(states),
        )
        .order_by(col(Seat.id))
        .with_for_update(),
        execution_options=FRESH,
    )
    return list(found)


async def keep_until(tx: Tx, seat: Seat, until: datetime) -> None:
    """Hold a seat, and what is held with it, until then."""
    for one in (seat, *await followers(tx, seat, ("held",))):
        one.hold_expires_at = until
    await tx.db.flush()
    await expire_at(tx, seat)


async def lock_seats(
    tx: Tx, session_id: int, states: Collection[str], *, client_id: int = 0
) -> list[Seat]:
    """The seats of a session in these states, or those of one client; before the session is
    locked."""
    theirs = [col(Seat.client_id) == client_id] if client_id else []
    found = await tx.db.scalars(
        select(Seat)
        .where(col(Seat.session_id) == session_id, col(Seat.status).in_(states), *theirs)
        .order_by(col(Seat.id))
        .with_for_update(),
        execution_options=FRESH,
    )
    return list(found)


async def seats_of(tx: Tx, session: CoachingSession) -> list[Seat]:
    """Everybody in a session, to be told of it."""
    found = await tx.db.scalars(
        select(Seat).where(col(Seat.session_id) == session.id, col(Seat.status).in_(LIVE))
    )
    return list(found)


async def lock_holds(tx: Tx, session: CoachingSession) -> list[Seat]:
    """The seats of a group that somebody is about to book."""
    return await lock_seats(tx, session.id or 0, ("held",)) if session.capacity > 1 else []


async def drop_holds(tx: Tx, session: CoachingSession, holds: list[Seat], verb: str) -> None:
    """End the holds in a group whose time is off; what a bank pays later goes back."""
    for seat in holds:
        await set_seat(tx, session, seat, "expired", verb)
        await close_checkout(tx, seat)


async def close_checkout(tx: Tx, seat: Seat) -> None:
    if seat.charge_id is not None:
        await tx.enqueue(
            "scheduling.close_checkout",
            {"charge_id": seat.charge_id},
            key=f"scheduling.close_checkout:{seat.charge_id}",
        )


async def expire_at(tx: Tx, seat: Seat) -> None:
    """Queue the end of a hold for the moment it runs out."""
    assert seat.hold_expires_at is not None  # noqa: S101
    mark = int(seat.hold_expires_at.timestamp())
    await tx.enqueue(
        "scheduling.expire_hold",
        {"seat_id": seat.id},
        at=seat.hold_expires_at,
        key=f"scheduling.expire_hold:{seat.id}:{mark}",
    )


async def advance_at(tx: Tx, session: CoachingSession) -> None:
    """Queue the moments at which the clock changes what a booked session is."""
    if session.decide_at is not None:
        await tx.enqueue(
            "scheduling.decide",
            {"session_id": session.id},
            at=session.decide_at,
            key=f"scheduling.decide:{session.id}:{int(session.decide_at.timestamp())}",
        )
    for moment in (session.starts_at, session.ends_at):
        await tx.enqueue(
            "scheduling.advance",
            {"session_id": session.id},
            at=moment,
            key=f"scheduling.advance:{session.id}:{int(moment.timestamp())}",
        )


async def check_first(tx: Tx, offering: OfferingView, client_id: int | None) -> None:
    """An introduction is for who has no session with the coach, had or booked; one to which the
    coach did not come is none. The caller locks the client and acts as the system. Raises
    NotTheFirst."""
    if not offering.intro or client_id is None:
        return
    met = await tx.db.scalar(
        select(col(Seat.id))
        .join(CoachingSession, col(CoachingSession.id) == col(Seat.session_id))
        .where(
            col(Seat.client_id) == client_id,
            col(Seat.coach_id) == offering.coach_id,
            col(Seat.status).in_(LIVE),
            col(CoachingSession.missed_by) != "coach",
            or_(col(Seat.status) != "held", col(Seat.under_way)),
        )
        .limit(1)
    )
    if met is not None:
        raise NotTheFirst


async def check_address(tx: Tx, me: Actor, most: int, words: str) -> None:
    """Visitors cost nothing to make, so their holds are few per network address. Raises TooMany
    with these words where more than `most` are kept already."""
    if me.person_id is not None or not me.address:
        return
    kept = await tx.db.scalar(
        select(func.count())
        .select_from(Seat)
        .where(
            col(Seat.address) == me.address,
            col(Seat.status) == "held",
            col(Seat.hold_expires_at) > tx.now,
        )
    )
    if (kept or 0) > most:
        raise TooMany(words)
