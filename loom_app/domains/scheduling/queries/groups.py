"""Sessions that several clients book: seats left, and who comes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select, text
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.queries.money_words import (
    Case,
    absent_text,
    cash_text,
    paid_words,
)
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t, tn

COMING = ("confirmed", "in_progress", "completed", "no_show")

_GROUPS = text(
    "SELECT offering_id, starts_at, capacity, taken, mine"
    " FROM loom_groups(:offerings, :since, :until, :now)"
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group that meets then; `mine`: the caller is in it. One's own hold takes no seat."""

    starts_at: datetime
    capacity: int
    taken: int
    mine: bool

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)


@dataclass(frozen=True)
class Attendee:
    """One seat as the coach sees it."""

    seat_id: int
    person: PersonView
    status: str
    payment_text: str
    agenda: str
    answers: list[dict[str, str]]
    absent_text: str = ""
    cash_text: str = ""


@dataclass(frozen=True)
class KeptSeat:
    """A seat that the coach keeps for a client until they have paid."""

    seat_id: int
    person: PersonView
    until: datetime


async def groups_of(
    tx: Tx, offering: OfferingView, since: datetime, until: datetime
) -> list[Group]:
    """The groups of an offering that somebody has a seat in; none where it is for one client."""
    if offering.capacity == 1:
        return []
    return [group for _, group in await groups_between(tx, [offering.id], since, until)]


async def groups_between(
    tx: Tx, offerings: Collection[int], since: datetime, until: datetime
) -> list[tuple[int, Group]]:
    """The groups of these offerings that somebody has a seat in, each with its offering's id."""
    values = {"offerings": list(offerings), "since": since, "until": until, "now": tx.now}
    return [
        (
            row.offering_id,
            Group(row.starts_at.astimezone(UTC), row.capacity, row.taken, row.mine),
        )
        for row in (await tx.db.execute(_GROUPS, values)).all()
    ]


async def group_at(tx: Tx, offering: OfferingView, starts_at: datetime) -> Group | None:
    found = await groups_of(tx, offering, starts_at, starts_at + timedelta(seconds=1))
    return found[0] if found else None


def joinable(tx: Tx, offering: OfferingView, groups: list[Group]) -> list[datetime]:
    """Starts of groups with a seat left, which the time they take does not hide."""
    soonest = tx.now + timedelta(minutes=offering.notice_minutes)
    return [
        one.starts_at for one in groups if one.left and not one.mine and one.starts_at >= soonest
    ]


async def seats_left(
    tx: Tx, me: Actor, offering_id: int, first_day: date, last_day: date
) -> tuple[int, dict[datetime, int]]:
    """The seats of an offering, and how many are left of the groups that somebody is in, on these
    days (both included) of the viewer's zone. Raises NotFound."""
    offering = await coaches.offering(tx, me, offering_id)
    since, until = (
        datetime.fromtimestamp(rules.midnight(me.zone, day), UTC)
        for day in (first_day, last_day + timedelta(days=1))
    )
    groups = await groups_of(tx, offering, since, until)
    return offering.capacity, {one.starts_at: one.left for one in groups}


async def counts(tx: Tx, session_ids: Collection[int]) -> dict[int, int]:
    """How many seats are booked in these sessions, for their coach."""
    if not session_ids:
        return {}
    rows = await tx.db.execute(
        select(col(Seat.session_id), func.count())
        .where(col(Seat.session_id).in_(session_ids), col(Seat.status).in_(COMING))
        .group_by(col(Seat.session_id))
    )
    return {row[0]: row[1] for row in rows}


def crowd(count: int, capacity: int) -> PersonView:
    """What stands for the other side where that is a group."""
    words = tn("{n} of {all} seats booked", "{n} of {all} seats booked", count, all=capacity)
    return PersonView(0, words, "UTC", "", str(count), 0)


async def attendees(tx: Tx, session: CoachingSession) -> list[Attendee]:
    """Everybody who has a seat, in the order of booking; for the session's coach."""
    seats = await _seats(tx, session)
    people = await accounts.people(tx, {seat.client_id or 0 for seat in seats})
    charges = await payments.charges_of_each(tx, [seat.payable for seat in seats])
    dues = await payments.dues_of_each(tx, [seat.payable for seat in seats])
    found = []
    for seat in seats:
        words = paid_words(charges[seat.payable], dues[seat.payable], seat, coaching=True)
        case = Case(session, seat, charges[seat.payable], dues[seat.payable], tx.now)
        if seat.client_id in people:
            found.append(
                Attendee(
                    seat.id or 0,
                    people[seat.client_id],
                    seat.status,
                    words["payment_text"],
                    seat.agenda,
                    seat.answers,
                    absent_text(case, people[seat.client_id].name),
                    cash_text(case, people[seat.client_id].name, coaching=True),
                )
            )
    return found


async def kept_seats(tx: Tx, session: CoachingSession) -> list[KeptSeat]:
    """What the session's coach keeps for clients who have not paid yet, soonest over first."""
    seats = list(
        await tx.db.scalars(
            select(Seat)
            .where(
                col(Seat.session_id) == session.id,
                col(Seat.status) == "held",
                col(Seat.booked_by).is_not(None),
                col(Seat.under_way).is_(False),
                col(Seat.hold_expires_at) > tx.now,
            )
            .order_by(col(Seat.hold_expires_at), col(Seat.id))
        )
    )
    people = await accounts.people(tx, {seat.client_id or 0 for seat in seats})
    return [
        KeptSeat(seat.id or 0, people[seat.client_id], seat.hold_expires_at)
        for seat in seats
        if seat.client_id in people and seat.hold_expires_at is not None
    ]


async def companions(tx: Tx, me: Actor, session: CoachingSession) -> tuple[int, list[PersonView]]:
    """How many others come, and those of them who show their name; for one of the group."""
    async with tx.acting_as_system("scheduling.companions"):
        seats = await _seats(tx, session)
        others = [seat for seat in seats if seat.client_id != me.person_id]
        shown = [seat.client_id or 0 for seat in others if seat.share_name]
        people = await accounts.people(tx, set(shown))
    return len(others), [people[one] for one in shown if one in people]


def others_text(others: int, named: int) -> str:
    """How many come besides those who show their name."""
    if others == 0:
        return t("Nobody else has booked yet.")
    silent = others - named
    if silent == 0:
        return ""
    if named:
        return tn("And {n} more.", "And {n} more.", silent)
    return tn("{n} other person comes.", "{n} other people come.", silent)


async def _seats(tx: Tx, session: CoachingSession) -> list[Seat]:
    found = await tx.db.scalars(
        select(Seat)
        .where(
            col(Seat.session_id) == session.id,
            col(Seat.status).in_(COMING),
            col(Seat.client_id).is_not(None),
        )
        .order_by(col(Seat.id))
    )
    return list(found)
