"""Sessions as their two sides see them: lists, one in full, and its history."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.queries import place_text, price_text
from loom_app.domains.engagements import queries as engagements
from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.actions import Payable
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries.availability import wall_midnight
from loom_app.domains.scheduling.queries.history import HistoryLine, history
from loom_app.domains.scheduling.queries.money_words import (
    Case,
    paid_words,
    refund_text,
    unpaid_text,
)
from loom_app.domains.scheduling.queries.moving import why_not
from loom_app.domains.scheduling.queries.ratings import RatingView, rating_of
from loom_app.domains.scheduling.queries.room import Door, door
from loom_app.domains.scheduling.rules.terms import GRACE
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

View = Literal["upcoming", "past", "cancelled"]
PAGE_SIZE = 25
MOST_SHOWN = 1000
NOBODY = PersonView(0, "", "UTC", "", "", 0)


@dataclass(frozen=True, slots=True)
class SessionFilters:
    """What the address of the list says. Days are in the viewer's zone, both included;
    `with_person` is on the other side."""

    view: View = "upcoming"
    person: str = ""
    with_person: int = 0
    first_day: date | None = None
    last_day: date | None = None
    page: int = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class SessionCard:
    """One line of the list; `other` is the person on the other side."""

    id: int
    status: str
    status_text: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    place_text: str
    door: Door
    coaching: bool
    other: PersonView


@dataclass(frozen=True)
class SessionList:
    cards: list[SessionCard]
    total: int
    page: int
    pages: int


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
    """Everything on one session that this viewer may see."""

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
    rating: RatingView
    history: list[HistoryLine] = field(default_factory=list)
    money: list[payments.MoneyMoment] = field(default_factory=list)


def status_text(status: str) -> str:
    return {
        "held": t("Waiting for payment"),
        "confirmed": t("Confirmed"),
        "in_progress": t("Now"),
        "completed": t("Completed"),
        "cancelled": t("Cancelled"),
        "expired": t("Not completed in time"),
    }.get(status, t("No-show"))


async def sessions(tx: Tx, me: Actor, filters: SessionFilters) -> SessionList:
    """The caller's sessions on either side, soonest first, past ones latest first."""
    person_id = me.require_person()
    which = _which(tx, me, person_id, filters)
    source = select(CoachingSession, Seat).join(
        Seat, col(Seat.session_id) == col(CoachingSession.id)
    )
    if filters.person.strip():
        # row-level security shows counterparts alone, so this can only find one's own people
        ids = await _people_named(tx, person_id, filters.person)
        which = [*which, or_(col(Seat.client_id).in_(ids), col(Seat.coach_id).in_(ids))]
    total = await tx.db.scalar(select(func.count()).select_from(Seat).where(*which)) or 0
    pages = max(1, -(-total // filters.page_size))
    page = min(max(1, filters.page), pages)
    order = col(Seat.starts_at) if filters.view == "upcoming" else col(Seat.starts_at).desc()
    rows = (
        await tx.db.execute(
            source.where(*which)
            .order_by(order, col(Seat.id))
            .limit(filters.page_size)
            .offset((page - 1) * filters.page_size)
        )
    ).all()
    others = {_other(seat, person_id) for _, seat in rows}
    people = await accounts.people(tx, others)
    cards = [_card(session, seat, person_id, people, tx.now) for session, seat in rows]
    return SessionList(cards, total, page, pages)


async def sessions_between(
    tx: Tx, me: Actor, since: datetime, until: datetime
) -> list[SessionCard]:
    """The caller's sessions on either side that touch [since, until) and were not cancelled."""
    person_id = me.require_person()
    rows = (
        await tx.db.execute(
            select(CoachingSession, Seat)
            .join(Seat, col(Seat.session_id) == col(CoachingSession.id))
            .where(
                or_(col(Seat.client_id) == person_id, col(Seat.coach_id) == person_id),
                col(Seat.status).in_(("confirmed", "in_progress", "completed", "no_show")),
                # none is longer than eight hours
                col(Seat.starts_at) >= since - timedelta(hours=8),
                col(Seat.starts_at) < until,
                col(Seat.ends_at) > since,
            )
            .order_by(col(Seat.starts_at), col(Seat.id))
            .limit(MOST_SHOWN)
        )
    ).all()
    people = await accounts.people(tx, {_other(seat, person_id) for _, seat in rows})
    return [_card(session, seat, person_id, people, tx.now) for session, seat in rows]


def _which(tx: Tx, me: Actor, person_id: int, filters: SessionFilters) -> list[ColumnElement[bool]]:
    seat: Any = Seat
    found: list[ColumnElement[bool]] = [
        or_(seat.client_id == person_id, seat.coach_id == person_id)
    ]
    if filters.with_person:
        found.append(
            or_(seat.client_id == filters.with_person, seat.coach_id == filters.with_person)
        )
    live = seat.status.in_(("confirmed", "in_progress"))
    if filters.view == "cancelled":
        found.append(seat.status == "cancelled")
    elif filters.view == "past":
        over = and_(live, seat.ends_at <= tx.now)
        found.append(or_(seat.status.in_(("completed", "no_show")), over))
    else:
        found.append(and_(live, seat.ends_at > tx.now))
    if filters.first_day:
        found.append(seat.starts_at >= wall_midnight(filters.first_day, me.zone))
    if filters.last_day:
        following = date.fromordinal(filters.last_day.toordinal() + 1)
        found.append(seat.starts_at < wall_midnight(following, me.zone))
    return found


async def _people_named(tx: Tx, person_id: int, words: str) -> list[int]:
    seats = await tx.db.execute(
        select(col(Seat.coach_id), col(Seat.client_id))
        .where(or_(col(Seat.client_id) == person_id, col(Seat.coach_id) == person_id))
        .distinct()
    )
    ids = {one for row in seats for one in row if one is not None} - {person_id}
    wanted = words.strip().casefold()
    people = await accounts.people(tx, ids)
    return [view.id for view in people.values() if wanted in view.name.casefold()]


def _other(seat: Seat, person_id: int) -> int:
    return (seat.client_id or 0) if seat.coach_id == person_id else seat.coach_id


def _card(
    session: CoachingSession,
    seat: Seat,
    person_id: int,
    people: dict[int, PersonView],
    now: datetime,
) -> SessionCard:
    assert session.id is not None  # noqa: S101 - a loaded row has its id
    return SessionCard(
        id=session.id,
        status=seat.status,
        status_text=status_text(seat.status),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=session.title,
        place=session.place,
        place_text=place_text(session.place),
        door=door(session.status, session.starts_at, session.ends_at, now),
        coaching=seat.coach_id == person_id,
        other=people.get(_other(seat, person_id), NOBODY),
    )


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
            .order_by(col(Seat.id))
        )
    ).first()
    if row is None:
        raise NotFound(t("This session is not here."))
    found, seat = row
    coaching = found.coach_id == person_id
    people = await accounts.people(tx, {found.coach_id, seat.client_id or 0})
    payable = Payable("seat", seat.id or 0)
    charges = await payments.charges_of(tx, me, payable)
    dues = await payments.dues_of(tx, payable)
    link = await engagements.find_engagement(tx, found.coach_id, seat.client_id or 0)
    can_cancel = found.status == "confirmed" and found.starts_at > tx.now
    case = Case(found, seat, charges, dues, tx.now)
    return SessionPage(
        id=session_id,
        status=found.status,
        status_text=status_text(found.status),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        title=found.title,
        place=found.place,
        place_text=place_text(found.place),
        address=found.address,
        door=door(found.status, found.starts_at, found.ends_at, tx.now),
        coaching=coaching,
        coach=people.get(found.coach_id, NOBODY),
        client=people.get(seat.client_id or 0, NOBODY),
        agenda=seat.agenda,
        answers=[Answer(one["question"], one["answer"]) for one in seat.answers],
        price_text=price_text(seat.price_minor, seat.currency),
        cancelled_by=found.cancelled_by or "",
        cancel_reason=found.cancel_reason,
        can_cancel=can_cancel,
        can_move=not why_not(found, coaching=coaching, now=tx.now),
        refund_text=refund_text(case, coaching=coaching) if can_cancel else "",
        unpaid_text=unpaid_text(case) if coaching and can_cancel else "",
        can_miss=coaching and _can_miss(tx, found),
        dues=dues,
        receipts=[Receipt(one.part, one.id) for one in charges if one.paid],
        engagement_id=link.id if link else 0,
        rating=await rating_of(tx, seat, coaching=coaching),
        history=await history(tx, found, me.zone),
        money=await payments.money_of(tx, me, payable),
        **paid_words(charges, dues, seat, coaching=coaching),
    )


def _can_miss(tx: Tx, found: CoachingSession) -> bool:
    """From the start until a day after the end, a coach may say that the client did not come."""
    begun = found.status in ("in_progress", "completed") or (
        found.status == "confirmed" and found.starts_at <= tx.now
    )
    return begun and tx.now < found.ends_at + GRACE
