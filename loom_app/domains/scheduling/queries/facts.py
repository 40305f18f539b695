"""A session in facts, for what is told of it elsewhere: mail, messages, calendar files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import takewhile

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.queries import place_text
from loom_app.domains.scheduling.models import BOOKED, LIVE, CoachingSession, Seat
from loom_app.domains.scheduling.queries.groups import counts
from loom_app.domains.scheduling.queries.places import NOWHERE, in_room, time_there, wheres
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.kit.text import t, tn

MISSED_AT_MOST = 10


def room_path(session_id: int) -> str:
    """Where a video session is joined: a page that knows its people."""
    return f"/sessions/{session_id}/room"


@dataclass(frozen=True)
class SessionFacts:
    """Who, what, when and where; the same for everybody who tells of it."""

    session_id: int
    seat_id: int
    status: str
    coach: PersonView
    client: PersonView
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    offering_name: str
    place: str
    place_text: str
    address: str
    price: Money
    paid_to_book: Money
    agenda: str
    sequence: int
    cancelled_by: str
    cancel_reason: str
    # "client" or "coach" did not come; "" where both did
    missed_by: str = ""
    offering_id: int = 0
    group: bool = False
    # how many come; and whether the whole session is off, or this seat alone
    coming: int = 1
    all_off: bool = False
    # who booked it for the client, and until when it is kept for them
    booked_by: int = 0
    kept_until: datetime | None = None
    # of the place where it is in person
    place_id: int = 0
    place_zone: str = ""
    place_name: str = ""
    room: str = ""
    directions: str = ""

    @property
    def key(self) -> str:
        """Of what is told once: of the session, in a group of each seat."""
        return f"{self.session_id}:{self.seat_id}" if self.group else str(self.session_id)

    @property
    def coach_id(self) -> int:
        return self.coach.id

    @property
    def client_id(self) -> int:
        return self.client.id

    @property
    def where(self) -> str:
        """The address, or that of the video room, else the kind of place."""
        if self.place == "video":
            return f"{settings().base_url}{room_path(self.session_id)}"
        return in_room(self.address, self.room) or self.place_text

    def there(self, zone: str) -> str:
        """The time on the clock of its place, where that differs from the reader's; or empty."""
        return time_there(self.starts_at, self.ends_at, self.place_zone, zone)


def other_words(facts: SessionFacts, reader: int) -> str:
    """The other side's name; for the coach of a group, how many come."""
    if reader != facts.coach_id:
        return facts.coach.name
    if not facts.group:
        return facts.client.name
    return tn("{n} client", "{n} clients", facts.coming)


def missed_by(session: CoachingSession, status: str) -> str:
    """Who did not come, "client" or "coach", of a session or one of its seats in that state; "" of
    what was not missed."""
    if status != "no_show":
        return ""
    return "coach" if session.missed_by == "coach" else "client"


def missed_words(facts: SessionFacts, reader: int) -> str:
    """Who of them did not come, to one of the two; "" where both did."""
    if not facts.missed_by:
        return ""
    if reader == (facts.coach_id if facts.missed_by == "coach" else facts.client_id):
        return t("You did not come.")
    if facts.missed_by == "coach":
        return t("Your coach did not come.")
    return t("{name} did not come.", name=facts.client.name)


async def session_facts(
    tx: Tx, session_id: int, *, seat_id: int = 0, reader: int = 0
) -> SessionFacts:
    """For its people, or acting as messaging, notifications or payments. Raises NotFound.

    In a group of one seat, or else of the reader's own, or else of the first.
    """
    which = [col(CoachingSession.id) == session_id]
    if seat_id:
        which.append(col(Seat.id) == seat_id)
    found = await _facts(tx, which)
    if not found:
        raise NotFound
    own = [one for one in found if one.client_id == reader]
    live = [one for one in found if one.status in LIVE]
    return own[-1] if own else (live or found)[0]


async def seats_facts(tx: Tx, session_id: int) -> list[SessionFacts]:
    """Of every seat of a session that is booked now."""
    found = await _facts(tx, [col(CoachingSession.id) == session_id])
    return [one for one in found if one.status in BOOKED]


async def sessions_facts(tx: Tx, person_id: int, since: datetime) -> list[SessionFacts]:
    """All that a person has or had on either side from an instant on, also what was cancelled."""
    mine = or_(col(Seat.client_id) == person_id, col(Seat.coach_id) == person_id)
    booked = col(CoachingSession.booked_at).is_not(None)
    return await _facts(tx, [mine, booked, col(Seat.starts_at) >= since])


async def _facts(tx: Tx, which: Sequence[ColumnElement[bool]]) -> list[SessionFacts]:
    rows = (
        await tx.db.execute(
            select(CoachingSession, Seat)
            .join(Seat, col(Seat.session_id) == col(CoachingSession.id))
            .where(*which, col(Seat.client_id).is_not(None))
            .order_by(col(Seat.starts_at), col(Seat.id))
            .execution_options(populate_existing=True)
        )
    ).all()
    ids = {person for session, seat in rows for person in (session.coach_id, seat.client_id or 0)}
    people = await accounts.people(tx, ids)
    sites = await wheres(tx, [session for session, _ in rows])
    groups = {session.id or 0 for session, _ in rows if session.capacity > 1}
    coming = await counts(tx, groups)
    return [
        replace(
            _told(session, seat, people, coming.get(session.id or 0, 0)),
            **asdict(sites.get(session.id or 0, NOWHERE)),
        )
        for session, seat in rows
        if session.coach_id in people and seat.client_id in people
    ]


def _told(
    session: CoachingSession, seat: Seat, people: Mapping[int, PersonView], coming: int
) -> SessionFacts:
    return SessionFacts(
        session_id=seat.session_id,
        seat_id=seat.id or 0,
        status=seat.status,
        coach=people[session.coach_id],
        client=people[seat.client_id or 0],
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        changed_at=max(session.changed_at, seat.cancelled_at or session.changed_at),
        offering_name=session.title,
        place=session.place,
        place_text=place_text(session.place),
        address=session.address,
        price=seat.price,
        paid_to_book=seat.to_book,
        agenda=seat.agenda,
        sequence=session.sequence,
        cancelled_by=seat.cancelled_by or session.cancelled_by or "",
        cancel_reason=seat.cancel_reason or session.cancel_reason,
        missed_by=missed_by(session, seat.status),
        offering_id=session.offering_id,
        group=session.capacity > 1,
        coming=coming,
        all_off=session.status == "cancelled",
        booked_by=seat.booked_by or 0,
        kept_until=seat.hold_expires_at if seat.booked_by else None,
    )


async def missed_in_a_row(tx: Tx, client_id: int) -> int:
    """How many of a client's sessions, back from the last that ended, they did not come to. What
    the coach did not come to says nothing of the client."""
    missed = and_(col(Seat.status) == "no_show", col(CoachingSession.missed_by) != "coach")
    came = and_(col(Seat.status).in_((*BOOKED, "completed")), col(Seat.ends_at) <= tx.now)
    ended = (
        select(missed)
        .join(CoachingSession, col(CoachingSession.id) == col(Seat.session_id))
        .where(col(Seat.client_id) == client_id, or_(missed, came))
        .order_by(col(Seat.starts_at).desc(), col(Seat.id).desc())
        .limit(MISSED_AT_MOST)
    )
    return len(list(takewhile(bool, await tx.db.scalars(ended))))


async def coach_missed_in_a_row(tx: Tx, coach_id: int) -> int:
    """How many of a coach's sessions, back from the last that ended, they did not come to."""
    session: type[CoachingSession] = CoachingSession
    missed = and_(col(session.status) == "no_show", col(session.missed_by) == "coach")
    came = and_(
        col(session.status).in_((*BOOKED, "completed", "no_show")), col(session.ends_at) <= tx.now
    )
    ended = (
        select(missed)
        .where(col(session.coach_id) == coach_id, or_(missed, came))
        .order_by(col(session.starts_at).desc(), col(session.id).desc())
        .limit(MISSED_AT_MOST)
    )
    return len(list(takewhile(bool, await tx.db.scalars(ended))))


async def session_of_seat(tx: Tx, seat_id: int) -> int | None:
    """Which session a seat is in; for whoever hears of the seat's money."""
    return await tx.db.scalar(select(col(Seat.session_id)).where(col(Seat.id) == seat_id))
