"""What staff see of sessions: one with its people and money, and all that somebody has coming."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.desk_models import CallOff, CallOffPart, SessionNote
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries.facts import missed_by
from loom_app.domains.scheduling.queries.groups import COMING
from loom_app.domains.scheduling.queries.history import HistoryLine, history
from loom_app.domains.scheduling.queries.money_words import (
    Case,
    absent_text,
    money_back,
    paid_words,
    price_words,
    told_to_staff,
)
from loom_app.domains.scheduling.queries.session_page import may_be_absent
from loom_app.domains.scheduling.queries.sessions import NOBODY, status_text
from loom_app.domains.scheduling.rules.terms import DESK_GRACE
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t

DESK, MONEY = "scheduling.desk", "payments.desk"
BEHIND = ("held", "expired")  # nobody had booked


@dataclass(frozen=True)
class DeskSeat:
    """A client's seat. `whole` says what they get where everything goes back, `policy` what by the
    policy of the booking; both "" where nothing can be cancelled. `absent` says what they get where
    their coach did not come, "" where that cannot be said."""

    client: PersonView
    status_text: str
    live: bool
    price_text: str
    payment_text: str
    whole: str = ""
    policy: str = ""
    absent: str = ""


@dataclass(frozen=True)
class NoteView:
    by: str
    words: str
    at: datetime


@dataclass(frozen=True)
class DeskSession:
    """A session as staff sees it."""

    id: int
    title: str
    status: str
    status_text: str
    coach: PersonView
    starts_at: datetime
    ends_at: datetime
    group: bool
    can_cancel: bool
    may_be_absent: bool
    told: str
    seats: list[DeskSeat] = field(default_factory=list)
    history: list[HistoryLine] = field(default_factory=list)
    notes: list[NoteView] = field(default_factory=list)


@dataclass(frozen=True)
class CallOffLine:
    """A coming session of somebody, what calling it off gives back to each client in words, and in
    sum; `coaching`: it is them whom the others come to, so that everything goes back."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    coaching: bool
    others: str
    words: list[str]
    back: Money


@dataclass(frozen=True)
class PartView:
    """One session that was, or is to be, called off, and its outcome."""

    session_id: int
    title: str
    starts_at: datetime
    result: str
    problem: str
    back: Money | None


@dataclass(frozen=True)
class CallOffView:
    """The last time that all of somebody's sessions were called off."""

    by: str
    reason: str
    at: datetime
    done: bool
    parts: list[PartView]


@dataclass(frozen=True)
class CallOffPage:
    """Somebody with what they have coming. `suspended`: it can be called off."""

    person: PersonView
    suspended: bool
    lines: list[CallOffLine]
    last: CallOffView | None


async def desk_session(tx: Tx, me: Actor, session_id: int) -> DeskSession:
    """Raises Forbidden, NotFound."""
    me.require("sessions.override")
    async with tx.acting_as_system(DESK):
        found = await tx.db.get(CoachingSession, session_id, populate_existing=True)
        if found is None:
            raise NotFound(t("This session is not here."))
        cases = await _cases(tx, [found])
        known = await _people(tx, found, [one.seat for one in cases])
        lines = await history(tx, found, me.zone)
        rows = list(
            await tx.db.scalars(
                select(SessionNote)
                .where(col(SessionNote.session_id) == session_id)
                .order_by(col(SessionNote.id))
            )
        )
        writers = await accounts.people(tx, [one.by_id for one in rows if one.by_id])
    can_cancel = found.status == "confirmed" and found.starts_at > tx.now
    absent = may_be_absent(found, DESK_GRACE, tx.now)
    return DeskSession(
        id=session_id,
        title=found.title,
        status=found.status,
        status_text=status_text(found.status, found.missed_by),
        coach=known.get(found.coach_id, _nobody()),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        group=found.capacity > 1,
        can_cancel=can_cancel,
        may_be_absent=absent,
        told=found.cancel_reason,
        seats=[
            _seat(
                one,
                known.get(one.seat.client_id or 0, _nobody()),
                can_cancel=can_cancel,
                may_be_absent=absent,
            )
            for one in cases
            if one.seat.status not in BEHIND
        ],
        history=lines,
        notes=[NoteView(_name(writers, one.by_id), one.words, one.at) for one in rows],
    )


async def look_at_session(tx: Tx, me: Actor, session_id: int) -> DeskSession:
    """The same; that staff looked stands in the trail."""
    found = await desk_session(tx, me, session_id)
    await audit(tx, "session.look", "session", session_id)
    return found


async def call_off_page(tx: Tx, me: Actor, person_id: int) -> CallOffPage:
    """What somebody has coming, and what became of what was called off. Raises Forbidden,
    NotFound."""
    me.require("sessions.override")
    async with tx.acting_as_system(DESK):
        person = (await accounts.people(tx, [person_id])).get(person_id)
        if person is None:
            raise NotFound(t("This person is not here."))
        lines = await _lines(tx, person_id)
        last = await _last(tx, person_id)
    return CallOffPage(person, await accounts.is_suspended(tx, person_id), lines, last)


async def look_at_call_off(tx: Tx, me: Actor, person_id: int) -> CallOffPage:
    """The same; that staff looked stands in the trail."""
    found = await call_off_page(tx, me, person_id)
    await audit(tx, "people.look", "user", person_id)
    return found


async def _lines(tx: Tx, person_id: int) -> list[CallOffLine]:
    session: type[CoachingSession] = CoachingSession
    sessions = await tx.db.scalars(
        select(session)
        .where(
            col(session.status) == "confirmed",
            col(session.starts_at) > tx.now,
            col(session.id).in_(
                select(col(Seat.session_id)).where(
                    (col(Seat.client_id) == person_id) | (col(Seat.coach_id) == person_id),
                    col(Seat.status) == "confirmed",
                )
            ),
        )
        .order_by(col(session.starts_at), col(session.id)),
        execution_options={"populate_existing": True},
    )
    found = {one.id: one for one in sessions}
    cases = [
        one for one in await _cases(tx, list(found.values())) if one.seat.status == "confirmed"
    ]
    ids = {n for one in cases for n in (one.seat.client_id, one.session.coach_id) if n}
    known = await accounts.people(tx, ids)
    return [
        _line(one, [case for case in cases if case.session.id == one.id], person_id, known)
        for one in found.values()
    ]


def _line(
    one: CoachingSession, cases: list[Case], person_id: int, known: dict[int, PersonView]
) -> CallOffLine:
    coaching = one.coach_id == person_id
    mine = cases if coaching else [case for case in cases if case.seat.client_id == person_id]
    names = [_name(known, case.seat.client_id) for case in mine]
    sums = [money_back(case, fault=coaching).minor for case in mine]
    currency = mine[0].seat.currency if mine else "USD"
    return CallOffLine(
        session_id=one.id or 0,
        title=one.title,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        coaching=coaching,
        others=", ".join(names) if coaching else _name(known, one.coach_id),
        words=[
            told_to_staff(case, name, fault=coaching)
            for case, name in zip(mine, names, strict=True)
        ],
        back=Money(sum(sums), currency),
    )


async def _cases(tx: Tx, sessions: list[CoachingSession]) -> list[Case]:
    """Every seat of these with its money, in three statements."""
    by_id = {one.id: one for one in sessions}
    seats = list(
        await tx.db.scalars(
            select(Seat)
            .where(col(Seat.session_id).in_(list(by_id)), col(Seat.client_id).is_not(None))
            .order_by(col(Seat.id)),
            execution_options={"populate_existing": True},
        )
    )
    async with tx.acting_as_system(MONEY):
        charges = await payments.charges_of_each(tx, [one.payable for one in seats])
        dues = await payments.dues_of_each(tx, [one.payable for one in seats])
    return [
        Case(by_id[one.session_id], one, charges[one.payable], dues[one.payable], tx.now)
        for one in seats
    ]


async def _people(tx: Tx, session: CoachingSession, seats: list[Seat]) -> dict[int, PersonView]:
    return await accounts.people(tx, {session.coach_id, *(one.client_id or 0 for one in seats)})


def _seat(case: Case, client: PersonView, *, can_cancel: bool, may_be_absent: bool) -> DeskSeat:
    told = may_be_absent and case.seat.status in COMING
    live = can_cancel and case.seat.status == "confirmed"
    paid = paid_words(case.charges, case.dues, case.seat, coaching=True)
    return DeskSeat(
        client=client,
        status_text=status_text(case.seat.status, missed_by(case.session, case.seat.status)),
        live=live,
        price_text=price_words(case.seat),
        payment_text=paid["payment_text"],
        whole=told_to_staff(case, client.name, fault=True) if live else "",
        policy=told_to_staff(case, client.name, fault=False) if live else "",
        absent=absent_text(case, client.name) if told else "",
    )


async def _last(tx: Tx, person_id: int) -> CallOffView | None:
    row = await tx.db.scalar(
        select(CallOff)
        .where(col(CallOff.person_id) == person_id)
        .order_by(col(CallOff.id).desc())
        .limit(1),
        execution_options={"populate_existing": True},
    )
    if row is None:
        return None
    parts = await tx.db.execute(
        select(CallOffPart, CoachingSession)
        .join(CoachingSession, col(CoachingSession.id) == col(CallOffPart.session_id))
        .where(col(CallOffPart.call_off_id) == row.id)
        .order_by(col(CoachingSession.starts_at), col(CoachingSession.id))
        .execution_options(populate_existing=True)
    )
    who = await accounts.people(tx, [row.by_id] if row.by_id else [])
    return CallOffView(
        by=_name(who, row.by_id),
        reason=row.reason,
        at=row.at,
        done=row.done_at is not None,
        parts=[
            PartView(
                session_id=session.id or 0,
                title=session.title,
                starts_at=session.starts_at,
                result=part.result,
                problem=part.problem,
                back=Money(part.back_minor, part.currency) if part.currency else None,
            )
            for part, session in parts
        ],
    )


def _nobody() -> PersonView:
    return replace(NOBODY, name=t("Somebody who left"))


def _name(people: dict[int, PersonView], person_id: int | None) -> str:
    return people[person_id].name if person_id in people else t("Somebody who left")
