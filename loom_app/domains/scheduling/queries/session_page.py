"""One session as its coach or one of its clients sees it, in full."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.queries import book_path, place_text
from loom_app.domains.engagements import queries as engagements
from loom_app.domains.packages import queries as packages
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries.facts import missed_by
from loom_app.domains.scheduling.queries.groups import (
    COMING,
    Attendee,
    KeptSeat,
    attendees,
    companions,
    crowd,
    kept_seats,
    others_text,
)
from loom_app.domains.scheduling.queries.history import HistoryLine, history
from loom_app.domains.scheduling.queries.money_words import (
    Case,
    absent_text,
    cash_text,
    missed_text,
    paid_words,
    price_words,
    refund_text,
    unpaid_text,
)
from loom_app.domains.scheduling.queries.moving import why_not
from loom_app.domains.scheduling.queries.places import NOWHERE, Where, in_room, wheres
from loom_app.domains.scheduling.queries.ratings import RatingView, rating_of
from loom_app.domains.scheduling.queries.room import Door, door
from loom_app.domains.scheduling.queries.series import series_words
from loom_app.domains.scheduling.queries.sessions import NOBODY, status_text
from loom_app.domains.scheduling.queries.waitlist import waiting_for
from loom_app.domains.scheduling.rules.terms import GRACE
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t


@dataclass(frozen=True)
class Answer:
    question: str
    answer: str


@dataclass(frozen=True)
class Receipt:
    """A payment that was made for the session, by its part."""

    part: str
    charge_id: int


@dataclass(frozen=True)
class SessionPage:
    """Everything on one session that this viewer may see; of a client in a group, `status` is that
    of their seat, and `all_off` says that the session itself was cancelled. `missed_by` is "client"
    or "coach", "" where both came; `missed_text` and `absent_text` say to the coach what it means
    that the client, or they themselves, did not come, as long as they can say it; `missed_back`,
    where the coach did not come, what the coach gives back by hand and how a package stands."""

    id: int
    status: str
    status_text: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    place_text: str
    address: str
    door: Door
    coaching: bool
    coach: PersonView
    client: PersonView
    agenda: str
    answers: list[Answer]
    price_text: str
    payment_status: str
    payment_text: str
    fee_text: str
    earned_text: str
    receipts: list[Receipt]
    dues: list[payments.DueView]
    can_miss: bool
    unpaid_text: str
    cancelled_by: str
    cancel_reason: str
    can_cancel: bool
    can_move: bool
    refund_text: str
    engagement_id: int
    offering_id: int
    rating: RatingView
    again_path: str = ""
    missed_by: str = ""
    missed_text: str = ""
    absent_text: list[str] = field(default_factory=list)
    missed_back: list[str] = field(default_factory=list)
    group: bool = False
    all_off: bool = False
    attendees: list[Attendee] = field(default_factory=list)
    kept: list[KeptSeat] = field(default_factory=list)
    companions: list[str] = field(default_factory=list)
    others_text: str = ""
    decide_at: datetime | None = None
    min_seats: int = 1
    waiting: list[str] = field(default_factory=list)
    kept_until: datetime | None = None
    series_text: str = ""
    site: Where = NOWHERE
    history: list[HistoryLine] = field(default_factory=list)
    money: list[payments.MoneyMoment] = field(default_factory=list)


async def session(tx: Tx, me: Actor, session_id: int) -> SessionPage:
    """One session for its coach or its client. Raises NotFound for everybody else."""
    person_id = me.require_person()
    row = (
        await tx.db.execute(
            select(CoachingSession, Seat)
            .join(Seat, col(Seat.session_id) == col(CoachingSession.id))
            .where(
                col(CoachingSession.id) == session_id,
                or_(col(Seat.client_id) == person_id, col(Seat.coach_id) == person_id),
            )
            .order_by(col(Seat.id).desc())
            .limit(1)
        )
    ).first()
    if row is None:
        raise NotFound(t("This session is not here."))
    found, seat = row
    coaching = found.coach_id == person_id
    if coaching and found.capacity > 1:
        return await _group_page(tx, me, found)
    people = await accounts.people(tx, {found.coach_id, seat.client_id or 0})
    charges = await payments.charges_of(tx, me, seat.payable)
    dues = await payments.dues_of(tx, seat.payable)
    link = await engagements.find_engagement(tx, found.coach_id, seat.client_id or 0)
    status = seat.status
    can_cancel = status == "confirmed" and found.starts_at > tx.now
    absent = missed_by(found, status) == "coach"
    group, over = found.capacity > 1, status in ("completed", "no_show", "cancelled")
    case = Case(found, seat, charges, dues, tx.now)
    site = (await wheres(tx, [found])).get(session_id, NOWHERE)
    client = people.get(seat.client_id or 0, NOBODY)
    others, companies = await companions(tx, me, found) if group and status in COMING else (0, [])
    return SessionPage(
        id=session_id,
        status=status,
        status_text=status_text(status, missed_by(found, status), coaching=coaching),
        missed_by=missed_by(found, status),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        title=found.title,
        place=found.place,
        place_text=place_text(found.place),
        address=in_room(found.address, site.room),
        site=site,
        door=door(status, found.starts_at, found.ends_at, tx.now),
        coaching=coaching,
        coach=people.get(found.coach_id, NOBODY),
        client=client,
        agenda=seat.agenda,
        answers=[Answer(one["question"], one["answer"]) for one in seat.answers],
        price_text=price_words(seat),
        cancelled_by=seat.cancelled_by or found.cancelled_by or "",
        cancel_reason=seat.cancel_reason or found.cancel_reason,
        can_cancel=can_cancel,
        can_move=not why_not(found, coaching=coaching, now=tx.now),
        refund_text=refund_text(case, coaching=coaching) if can_cancel else "",
        unpaid_text=unpaid_text(case) if coaching and can_cancel else "",
        can_miss=coaching and _can_miss(tx, found),
        missed_text=missed_text(case) if coaching and _can_miss(tx, found) else "",
        absent_text=[absent_text(case, client.name)]
        if coaching and may_be_absent(found, GRACE, tx.now)
        else [],
        missed_back=await _missed_back(tx, me, case, people) if absent else [],
        dues=dues,
        receipts=[Receipt(one.part, one.id) for one in charges if one.paid or one.surplus],
        engagement_id=link.id if link else 0,
        offering_id=found.offering_id,
        kept_until=_kept_until(tx, seat),
        rating=await rating_of(tx, seat, found.missed_by, coaching=coaching),
        again_path=await book_path(tx, found.offering_id) if not coaching and over else "",
        group=group,
        all_off=found.status == "cancelled",
        attendees=[],
        kept=[],
        waiting=[],
        companions=[one.name for one in companies],
        others_text=others_text(others, len(companies)) if group and status in COMING else "",
        decide_at=found.decide_at,
        min_seats=found.min_seats,
        series_text=(await series_words(tx, [found])).get(session_id, ""),
        history=await history(tx, found, me.zone, seat),
        money=await payments.money_of(tx, me, seat.payable),
        **paid_words(charges, dues, seat, coaching=coaching),
    )


async def _group_page(tx: Tx, me: Actor, found: CoachingSession) -> SessionPage:
    """A group as its coach sees it: each person with what is theirs."""
    people = await accounts.people(tx, {found.coach_id})
    coming = await attendees(tx, found)
    can_cancel = found.status == "confirmed" and found.starts_at > tx.now
    site = (await wheres(tx, [found])).get(found.id or 0, NOWHERE)
    line = await waiting_for(tx, me, found.offering_id, found.starts_at) if can_cancel else []
    return SessionPage(
        id=found.id or 0,
        status=found.status,
        status_text=status_text(found.status, found.missed_by, coaching=True),
        missed_by=found.missed_by,
        absent_text=[one.absent_text for one in coming]
        if may_be_absent(found, GRACE, tx.now)
        else [],
        missed_back=[one.cash_text for one in coming if one.cash_text]
        if found.missed_by == "coach"
        else [],
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        title=found.title,
        place=found.place,
        place_text=place_text(found.place),
        address=in_room(found.address, site.room),
        site=site,
        door=door(found.status, found.starts_at, found.ends_at, tx.now),
        coaching=True,
        coach=people.get(found.coach_id, NOBODY),
        client=crowd(len(coming), found.capacity),
        agenda="",
        answers=[],
        price_text="",
        payment_status="group",
        payment_text="",
        fee_text="",
        earned_text="",
        receipts=[],
        dues=[],
        can_miss=_can_miss(tx, found),
        unpaid_text="",
        cancelled_by=found.cancelled_by or "",
        cancel_reason=found.cancel_reason,
        can_cancel=can_cancel,
        can_move=not why_not(found, coaching=True, now=tx.now),
        refund_text=t("Everybody gets back what they paid.") if can_cancel else "",
        engagement_id=0,
        offering_id=found.offering_id,
        rating=RatingView(),
        group=True,
        all_off=found.status == "cancelled",
        attendees=coming,
        kept=await kept_seats(tx, found),
        waiting=[one.name for one in line],
        decide_at=found.decide_at,
        min_seats=found.min_seats,
        history=await history(tx, found, me.zone),
    )


async def _missed_back(
    tx: Tx, me: Actor, case: Case, people: Mapping[int, PersonView]
) -> list[str]:
    """What was paid in person; and to the client, how their package stands."""
    coaching = case.session.coach_id == me.person_id
    other = people.get((case.seat.client_id or 0) if coaching else case.session.coach_id, NOBODY)
    told = [cash_text(case, other.name, coaching=coaching)]
    if case.seat.package_id and not coaching:
        package = await packages.package(tx, me, case.seat.package_id)
        if package.status == "disputed":
            told.append(
                t("A bank is deciding about your package: your session waits for its word.")
            )
        elif package.left:
            told.append(t("Your session is back in your package."))
        else:
            told.append(t("Your package shows what became of your session."))
    return [one for one in told if one]


def _kept_until(tx: Tx, seat: Seat) -> datetime | None:
    """Until when what was booked for the client waits for them, as long as it does."""
    kept = seat.status == "held" and seat.booked_by is not None and not seat.under_way
    over = seat.hold_expires_at
    return over if kept and over is not None and over > tx.now else None


def _can_miss(tx: Tx, found: CoachingSession) -> bool:
    """From the start until a day after the end, a coach may say that the client did not come."""
    return _begun(found, tx.now) and tx.now < found.ends_at + GRACE


def may_be_absent(found: CoachingSession, grace: timedelta, now: datetime) -> bool:
    """From the start until so long after the end it may be said that the coach did not come."""
    missed = found.status == "no_show" and found.missed_by != "coach"
    return (missed or _begun(found, now)) and now < found.ends_at + grace


def _begun(found: CoachingSession, now: datetime) -> bool:
    return found.status in ("in_progress", "completed") or (
        found.status == "confirmed" and found.starts_at <= now
    )
