"""Series as they are chosen, shown, and changed from one session on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.models import LIVE, CoachingSession, Seat, Series
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.money_words import Case, refund_text
from loom_app.domains.scheduling.queries.places import as_agreed, needs_of, rooms_at
from loom_app.domains.scheduling.rules import series as rules
from loom_app.domains.scheduling.rules import slots, why
from loom_app.domains.scheduling.rules.series import Repeat
from loom_app.domains.scheduling.rules.slots import Hours, Interval, Offer
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.text import t

NEAR = timedelta(days=3)
CHOICES = 4
# every start of a series must be free, however far beyond the window for booking it lies
AHEAD_DAYS = 800


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series; `problem` says in words why it cannot be, `others` are the free times
    nearest to it. Of a move `session_id` says which session, and `old` where it stands."""

    at: datetime
    problem: str = ""
    others: tuple[datetime, ...] = ()
    session_id: int = 0
    old: datetime | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """A session that would be cancelled with the one before it, and what that gives back."""

    session_id: int
    starts_at: datetime
    ends_at: datetime
    number: int
    refund_text: str


@dataclass
class Ground:
    """All that stands for or against a start, with what a series itself has taken so far."""

    hours: Hours
    offer: Offer
    blocked: list[Interval]
    counted: list[int]
    client: list[Interval]
    now: int
    coaching: bool = False
    rooms: tuple[Sequence[Interval], ...] | None = None
    _buffers: Interval = field(init=False)

    def __post_init__(self) -> None:
        self._buffers = (self.offer.buffer_before * 60, self.offer.buffer_after * 60)

    def take(self, at: datetime) -> None:
        """What follows sees this start as taken."""
        start = int(at.timestamp())
        before, after = self._buffers
        self.blocked.append((start - before, start + self.offer.duration * 60 + after))
        self.counted.append(start)

    def problem(self, at: datetime) -> str:
        """Why a session cannot begin then, in words; empty where it can. A coach's own hours are
        for others."""
        start = int(at.timestamp())
        end = start + self.offer.duration * 60
        if any(a < end and start < b for a, b in self.client):
            return (
                t("Your client cannot come then.")
                if self.coaching
                else t("You have another session then.")
            )
        kinds = [one.kind for one in why.reasons(self._asked(), start)]
        words = _words()
        if self.coaching:
            if any(one in ("busy", "hold", "buffer", "past") for one in kinds):
                return t("Your calendar has something else then.")
            return next((words[kind] for kind in ("shut", "room") if kind in kinds), "")
        return next((words[kind] for kind in words if kind in kinds), "")

    def near(self, at: datetime) -> tuple[datetime, ...]:
        """The free starts nearest to it, in their order."""
        middle = int(at.timestamp())
        reach = int(NEAR.total_seconds())
        asked = self._asked()
        found = slots.slots(
            self.hours,
            self.offer,
            asked.taken,
            now=self.now,
            first=middle - reach,
            last=middle + reach,
        )
        length = self.offer.duration * 60
        free = [
            one for one in found if not any(a < one + length and one < b for a, b in self.client)
        ]
        nearest = sorted(free, key=lambda one: abs(one - middle))[:CHOICES]
        return tuple(datetime.fromtimestamp(one, UTC) for one in sorted(nearest))

    def _asked(self) -> why.Asked:
        blocks = [why.Block(a, b, a, b) for a, b in self.blocked]
        return why.Asked(self.hours, self.offer, blocks, self.counted, self.now, self.rooms)


def _words() -> dict[str, str]:
    """In the order in which they are worth saying."""
    return {
        "past": t("This time is over."),
        "away": t("Your coach is away."),
        "holiday": t("A public holiday."),
        "exception": t("Your coach has other hours that day."),
        "outside": t("Outside your coach's hours."),
        "short": t("Outside your coach's hours."),
        "between": t("Outside your coach's hours."),
        "busy": t("Somebody has booked this time."),
        "hold": t("Somebody has booked this time."),
        "buffer": t("Somebody has booked this time."),
        "shut": t("The place is closed then."),
        "room": t("No room is free then."),
        "day_limit": t("This day is full."),
        "week_limit": t("This week is full."),
        "notice": t("Too soon to be booked."),
        "window": t("Too far ahead."),
    }


async def ground(
    tx: Tx,
    me: Actor,
    offering_id: int,
    times: Collection[datetime],
    moving: Sequence[CoachingSession] = (),
) -> Ground:
    """What the rules need for starts at these times, as if the sessions that move were not there:
    they do not stand in each other's way. Raises NotFound."""
    offering = await coaches.offering(tx, me, offering_id)
    coach_id = offering.coach_id
    hours = (await availability.hours_of(tx, [coach_id])).get(coach_id)
    if hours is None:
        raise NotFound
    if moving:
        offering = await as_agreed(tx, offering, moving[0])
    offer = replace(availability.offer_of(offering), window_days=AHEAD_DAYS)
    client_id = me.person_id
    if moving:
        length = moving[0].ends_at - moving[0].starts_at
        offer = replace(offer, duration=int(length.total_seconds()) // 60)
        client_id = await _client_of(tx, moving[0])
    around = (min(times) - 2 * NEAR, max(times) + 2 * NEAR)
    busy = (await availability.busy_of(tx, [coach_id], *around)).get(coach_id, availability.FREE)
    needs = needs_of(offering)
    rooms = (await rooms_at(tx, [needs], *around)).without(moving)
    own = {_span(one) for one in moving}
    kept = [n for n, span in enumerate(busy.blocked) if span not in own]
    return Ground(
        hours,
        offer,
        [busy.blocked[n] for n in kept],
        [busy.starts[n] for n in kept if busy.offerings[n] == offering_id],
        await _elsewhere(tx, client_id, around, {one.id or 0 for one in moving}),
        availability.ceil(tx.now),
        coaching=coach_id == me.person_id,
        rooms=rooms.that_do(needs),
    )


async def _client_of(tx: Tx, session: CoachingSession) -> int | None:
    return await tx.db.scalar(
        select(col(Seat.client_id)).where(
            col(Seat.session_id) == session.id, col(Seat.status) == "confirmed"
        )
    )


def _span(one: CoachingSession) -> Interval:
    return int(one.blocked_from.timestamp()), int(one.blocked_until.timestamp())


async def _elsewhere(
    tx: Tx, client_id: int | None, around: tuple[datetime, datetime], without: Collection[int]
) -> list[Interval]:
    """When the client has another session, whoever coaches it; their own hold is none."""
    if client_id is None:
        return []
    async with tx.acting_as_system("scheduling.series"):
        rows = await tx.db.execute(
            select(col(Seat.starts_at), col(Seat.ends_at)).where(
                col(Seat.client_id) == client_id,
                col(Seat.status).in_(LIVE),
                (col(Seat.status) != "held") | col(Seat.under_way) | col(Seat.offered),
                col(Seat.starts_at) < around[1],
                col(Seat.ends_at) > around[0],
                col(Seat.session_id).not_in(without),
            )
        )
    return [(int(start.timestamp()), int(end.timestamp())) for start, end in rows]


def check_numbers(every_weeks: int, times: int) -> None:
    """Raises Invalid."""
    if every_weeks not in rules.EVERY:
        raise Invalid(t("Choose weekly or every second week."), field="every")
    if not rules.FEWEST <= times <= rules.MOST:
        raise Invalid(t("Choose a number from 2 to 26."), field="times")


async def series_plan(
    tx: Tx, me: Actor, offering_id: int, first: datetime, every_weeks: int, times: int
) -> list[Occurrence]:
    """Every time of a series after its first, which is taken to be the caller's already: those that
    cannot be say why, with what is free around them. Raises NotFound, Invalid."""
    check_numbers(every_weeks, times)
    offering = await coaches.offering(tx, me, offering_id)
    zone = (await availability.hours_of(tx, [offering.coach_id]))[offering.coach_id].zone
    wanted = rules.occurrences(zone, first, every_weeks, times)
    here = await ground(tx, me, offering_id, wanted)
    here.take(first)
    return _judged(here, [(at, 0, None) for at in wanted[1:]])


def _judged(
    here: Ground, wanted: Sequence[tuple[datetime, int, datetime | None]]
) -> list[Occurrence]:
    """First all that can stay takes its place: no alternative may lie on one of them."""
    said = [here.problem(at) for at, _, _ in wanted]
    for (at, _, _), problem in zip(wanted, said, strict=True):
        if not problem:
            here.take(at)
    return [
        Occurrence(at, problem, _others(here, at, old) if problem else (), session_id, old)
        for (at, session_id, old), problem in zip(wanted, said, strict=True)
    ]


def _others(here: Ground, at: datetime, old: datetime | None) -> tuple[datetime, ...]:
    """Where it stands already is no change."""
    return tuple(one for one in here.near(at) if one != old)


async def held_series(tx: Tx, seat_id: int) -> list[Seat]:
    """The seats that are held together with this one, the first among them; for their owner."""
    lead = await tx.db.get(Seat, seat_id)
    if lead is None or lead.series_id is None:
        return []
    found = await tx.db.scalars(
        select(Seat)
        .where(col(Seat.series_id) == lead.series_id, col(Seat.status) == "held")
        .order_by(col(Seat.starts_at))
    )
    return list(found)


async def series_words(tx: Tx, sessions: Sequence[CoachingSession]) -> dict[int, str]:
    """The place in its series of each session that is in one, by the session's id."""
    ids = {one.series_id for one in sessions if one.series_id is not None}
    if not ids:
        return {}
    rows = await tx.db.scalars(select(Series).where(col(Series.id).in_(ids)))
    known: Mapping[int | None, Series] = {one.id: one for one in rows}
    return {
        one.id or 0: rules.place_words(
            one.series_no, known[one.series_id].times, known[one.series_id].every_weeks
        )
        for one in sessions
        if one.series_id in known
    }


async def from_here(tx: Tx, session: CoachingSession) -> list[CoachingSession]:
    """This session and those of its series that come after it and are booked, soonest first."""
    if session.series_id is None:
        return [session]
    found = await tx.db.scalars(
        select(CoachingSession)
        .where(
            col(CoachingSession.series_id) == session.series_id,
            col(CoachingSession.status) == "confirmed",
            col(CoachingSession.starts_at) >= session.starts_at,
        )
        .order_by(col(CoachingSession.starts_at), col(CoachingSession.id))
        .execution_options(populate_existing=True)
    )
    return list(found)


async def following(tx: Tx, me: Actor, session_id: int) -> list[Following]:
    """What cancelling this session and all that follow it changes, and what each gives back; for
    both sides. Raises NotFound."""
    session = await tx.db.get(CoachingSession, session_id, populate_existing=True)
    if session is None:
        raise NotFound
    coaching = session.coach_id == me.require_person()
    found: list[Following] = []
    for one in await from_here(tx, session):
        seat = await tx.db.scalar(
            select(Seat).where(col(Seat.session_id) == one.id, col(Seat.status) == "confirmed")
        )
        if seat is None or one.starts_at <= tx.now:
            continue
        charges = await payments.charges_of(tx, me, seat.payable)
        case = Case(one, seat, charges, await payments.dues_of(tx, seat.payable), tx.now)
        words = refund_text(case, coaching=coaching)
        found.append(Following(one.id or 0, one.starts_at, one.ends_at, one.series_no, words))
    return found


async def move_plan(tx: Tx, me: Actor, session_id: int, starts_at: datetime) -> list[Occurrence]:
    """Where this session and all that follow it would go, and which of them cannot. NotFound."""
    session = await tx.db.get(CoachingSession, session_id, populate_existing=True)
    if session is None:
        raise NotFound
    moving = await from_here(tx, session)
    if not moving:
        raise NotFound
    olds = [one.starts_at for one in moving]
    hours = (await availability.hours_of(tx, [session.coach_id]))[session.coach_id]
    news = rules.shifted(hours.zone, olds, starts_at)
    here = await ground(tx, me, session.offering_id, news, moving)
    ids = [one.id or 0 for one in moving]
    return _judged(here, list(zip(news, ids, olds, strict=True)))


def repeat_of(row: dict[str, object] | None) -> Repeat | None:
    """The repetition that a draft remembers."""
    if not row:
        return None
    every, starts = row.get("every"), row.get("starts")
    if not isinstance(every, int) or not isinstance(starts, list):
        return None
    return Repeat(every, tuple(datetime.fromisoformat(str(one)) for one in starts))
