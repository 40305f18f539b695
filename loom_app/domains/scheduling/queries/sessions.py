"""Sessions as their two sides see them in lists and in a calendar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import place_text
from loom_app.domains.scheduling.models import BOOKED, CoachingSession, Seat
from loom_app.domains.scheduling.queries.availability import wall_midnight
from loom_app.domains.scheduling.queries.facts import missed_by
from loom_app.domains.scheduling.queries.groups import (
    COMING,
    counts,
    crowd,
)
from loom_app.domains.scheduling.queries.places import NOWHERE, wheres
from loom_app.domains.scheduling.queries.room import Door, door
from loom_app.domains.scheduling.queries.series import series_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t

View = Literal["upcoming", "past", "cancelled"]
PAGE_SIZE = 25
MOST_SHOWN = 1000
NOBODY = PersonView(0, "", "UTC", "", "", 0)


@dataclass(frozen=True, slots=True)
class SessionFilters:
    """What the address of the list says. Days are in the viewer's zone, both included;
    `with_person` is on the other side; `offering` is the id of one of `session_types`."""

    view: View = "upcoming"
    person: str = ""
    with_person: int = 0
    first_day: date | None = None
    last_day: date | None = None
    offering: int = 0
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
    series_text: str = ""


@dataclass(frozen=True)
class SessionList:
    cards: list[SessionCard]
    total: int
    page: int
    pages: int


def status_text(status: str, missed_by: str = "", *, coaching: bool | None = None) -> str:
    """The state of a session or a seat in a few words; of one that was missed by whom, to its
    coach (`coaching`), its client, or to somebody else (None)."""
    if status == "no_show":
        return _missed_text(missed_by, coaching=coaching)
    return {
        "held": t("Waiting for payment"),
        "confirmed": t("Confirmed"),
        "in_progress": t("Now"),
        "completed": t("Completed"),
        "cancelled": t("Cancelled"),
        "expired": t("Not completed in time"),
    }[status]


def _missed_text(missed_by: str, *, coaching: bool | None) -> str:
    if missed_by == "coach":
        if coaching is None:
            return t("Coach did not come")
        return t("You did not come") if coaching else t("Your coach did not come")
    return t("You did not come") if coaching is False else t("Client did not come")


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
    return SessionList(await _cards(tx, rows, person_id), total, page, pages)


async def session_types(tx: Tx, me: Actor) -> list[tuple[int, str]]:
    """What the caller's sessions can be, by name: id and name of the offerings they sell or sold,
    and of those they booked."""
    person_id = me.require_person()
    booked = await tx.db.execute(
        select(col(CoachingSession.offering_id), func.max(col(CoachingSession.title)))
        .join(Seat, col(Seat.session_id) == col(CoachingSession.id))
        .where(col(Seat.client_id) == person_id)
        .group_by(col(CoachingSession.offering_id))
    )
    found = {row[0]: row[1] for row in booked}
    if me.is_coach:
        for shelf in (False, True):
            sold = await coaches.offerings(tx, me, person_id, archived=shelf)
            found |= {one.id: one.name for one in sold}
    return sorted(found.items(), key=lambda one: (one[1].casefold(), one[0]))


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
                or_(
                    col(Seat.client_id) == person_id,
                    and_(col(Seat.coach_id) == person_id, _first_of_session()),
                ),
                or_(col(Seat.status).in_(COMING), _kept_by_coach(person_id)),
                # none is longer than eight hours
                col(Seat.starts_at) >= since - timedelta(hours=8),
                col(Seat.starts_at) < until,
                col(Seat.ends_at) > since,
            )
            .order_by(col(Seat.starts_at), col(Seat.id))
            .limit(MOST_SHOWN)
        )
    ).all()
    return await _cards(tx, rows, person_id)


async def _cards(tx: Tx, rows: Sequence[Any], person_id: int) -> list[SessionCard]:
    people = await _others(tx, rows, person_id)
    found = [session for session, _ in rows]
    series, sites = await series_words(tx, found), await wheres(tx, found)
    return [
        replace(
            _card(session, seat, person_id, people, tx.now),
            series_text=series.get(session.id, ""),
            place_text=sites.get(session.id, NOWHERE).label or place_text(session.place),
        )
        for session, seat in rows
    ]


async def _others(tx: Tx, rows: Sequence[Any], person_id: int) -> dict[int, PersonView]:
    """Who is on the other side of each row, by its seat: a coach has the crowd of a group."""
    people = await accounts.people(tx, {_other(seat, person_id) for _, seat in rows})
    groups = [
        (session, seat)
        for session, seat in rows
        if session.capacity > 1 and seat.coach_id == person_id and seat.status != "cancelled"
    ]
    booked = await counts(tx, {session.id for session, _ in groups})
    crowds = {
        seat.id: crowd(booked.get(session.id, 0), session.capacity) for session, seat in groups
    }
    return {
        seat.id: crowds.get(seat.id) or people.get(_other(seat, person_id), NOBODY)
        for _, seat in rows
    }


def _which(tx: Tx, me: Actor, person_id: int, filters: SessionFilters) -> list[ColumnElement[bool]]:
    seat: Any = Seat
    found: list[ColumnElement[bool]] = [
        or_(seat.client_id == person_id, seat.coach_id == person_id)
    ]
    if filters.with_person:
        found.append(
            or_(seat.client_id == filters.with_person, seat.coach_id == filters.with_person)
        )
    if filters.view != "cancelled" and not (filters.with_person or filters.person.strip()):
        found.append(or_(seat.client_id == person_id, _first_of_session()))
    live = seat.status.in_(BOOKED)
    if filters.view == "cancelled":
        found.append(seat.status == "cancelled")
    elif filters.view == "past":
        over = and_(live, seat.ends_at <= tx.now)
        found.append(or_(seat.status.in_(("completed", "no_show")), over))
    else:
        found.append(and_(or_(live, _kept_by_coach(person_id)), seat.ends_at > tx.now))
    if filters.first_day:
        found.append(seat.starts_at >= wall_midnight(filters.first_day, me.zone))
    if filters.offering:
        of_it = select(col(CoachingSession.id)).where(
            col(CoachingSession.offering_id) == filters.offering
        )
        found.append(seat.session_id.in_(of_it))
    if filters.last_day:
        following = date.fromordinal(filters.last_day.toordinal() + 1)
        found.append(seat.starts_at < wall_midnight(following, me.zone))
    return found


def _first_of_session() -> ColumnElement[bool]:
    """A coach has a group once, however many seats it has."""
    other: Any = aliased(Seat)
    earlier = (
        select(other.id)
        .where(
            other.session_id == col(Seat.session_id),
            other.id < col(Seat.id),
            other.status.in_(COMING),
        )
        .exists()
    )
    return not_(earlier)


def _kept_by_coach(person_id: int) -> ColumnElement[bool]:
    """What a coach keeps for a client is in both lists; in a group, with the coach, once."""
    other: Any = aliased(Seat)
    others = (
        select(other.id)
        .where(
            other.session_id == col(Seat.session_id),
            other.id != col(Seat.id),
            other.status.in_((*COMING, "held")),
        )
        .exists()
    )
    return and_(
        col(Seat.status) == "held",
        col(Seat.booked_by).is_not(None),
        or_(col(Seat.client_id) == person_id, not_(others)),
    )


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
        status_text=status_text(
            seat.status,
            missed_by(session, seat.status),
            coaching=seat.coach_id == person_id,
        ),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=session.title,
        place=session.place,
        place_text="",
        door=door(seat.status, session.starts_at, session.ends_at, now),
        coaching=seat.coach_id == person_id,
        other=people[seat.id or 0],
    )
