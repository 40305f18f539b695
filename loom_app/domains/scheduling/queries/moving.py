"""Where a booked session could go: its own time does not stand in its way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.scheduling.models import CoachingSession
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.places import as_agreed, needs_of, rooms_at
from loom_app.domains.scheduling.queries.series import from_here
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

AROUND_DAYS = 14


@dataclass(frozen=True, slots=True)
class Moving:
    """A session that is to be moved. `why_not` says in words why it cannot be, or is empty."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    coaching: bool
    coach_id: int
    coach_name: str
    coach_zone: str
    why_not: str
    # itself and those of its series that come after it
    following: int = 1
    place_id: int = 0  # where its rooms are


async def moving(tx: Tx, me: Actor, session_id: int) -> Moving:
    """For its coach and its clients. Raises NotFound."""
    found = await _mine(tx, session_id)
    people = await accounts.people(tx, {found.coach_id})
    coach = people.get(found.coach_id)
    if coach is None:
        raise NotFound
    coaching = found.coach_id == me.require_person()
    return Moving(
        session_id,
        found.title,
        found.starts_at,
        found.ends_at,
        coaching,
        found.coach_id,
        coach.name,
        coach.zone,
        why_not(found, coaching=coaching, now=tx.now),
        len(await from_here(tx, found)) if found.status == "confirmed" else 1,
        found.place_id or 0,
    )


def why_not(session: CoachingSession, *, coaching: bool, now: datetime) -> str:
    """Why this person cannot move it; empty where they can."""
    if session.status != "confirmed" or session.starts_at <= now:
        return transitions.words(session.status, begun=session.starts_at <= now)
    if coaching:
        return ""
    if session.capacity > 1:
        return t("Others come to this session, too: only the coach can move it.")
    # as long as cancelling would be free: later the coach has kept the time for them
    if now > transitions.free_until(session.policy, session.starts_at, session.moved_by_coach):
        return t("It is too late to move this session yourself. Write to your coach.")
    return ""


async def move_slots(
    tx: Tx,
    me: Actor,
    session_id: int,
    first_day: date,
    last_day: date,
    *,
    following: bool = False,
) -> list[datetime]:
    """The starts it could have on these days (both included) of the viewer's zone. `following`:
    those after it in its series move as well, so that they are not in its way. NotFound."""
    session = await _mine(tx, session_id)
    last_day = min(last_day, first_day + timedelta(days=70))
    since = availability.wall_midnight(first_day, me.zone)
    until = availability.wall_midnight(last_day + timedelta(days=1), me.zone)
    along = await from_here(tx, session) if following else []
    return await _free(tx, me, [session, *along], since, until)


async def free_to_move(
    tx: Tx, me: Actor, session: CoachingSession, start: datetime, *, days: int = 0
) -> list[datetime]:
    """Free starts from an instant on: that one alone, or those of some days."""
    until = start + (timedelta(days=days) or timedelta(seconds=1))
    return await _free(tx, me, [session], start, until)


async def open_to_move(tx: Tx, me: Actor, session: CoachingSession, start: datetime) -> bool:
    """Whether it could start then if nobody else was there."""
    until = start + timedelta(seconds=1)
    return bool(await _free(tx, me, [session], start, until, taken=rules.NOTHING))


async def _free(
    tx: Tx,
    me: Actor,
    moving: Sequence[CoachingSession],
    since: datetime,
    until: datetime,
    *,
    taken: rules.Taken | None = None,
) -> list[datetime]:
    """Of the first that moves, by the offering's rules of today and the length that was agreed; a
    session of a series may lie beyond the window for booking, and may go as far."""
    session = moving[0]
    coach_id = session.coach_id
    offering = await coaches.offering(tx, me, session.offering_id)
    offering = await as_agreed(tx, offering, session)
    hours = (await availability.hours_of(tx, [coach_id])).get(coach_id)
    if hours is None:
        return []
    length = int((session.ends_at - session.starts_at).total_seconds()) // 60
    offer = replace(availability.offer_of(offering), duration=length)
    if session.series_id is not None:
        ahead = (session.starts_at - tx.now).days + AROUND_DAYS
        offer = replace(offer, window_days=max(offer.window_days, ahead))
    if taken is None:
        busy = (await availability.busy_of(tx, [coach_id], since, until)).get(coach_id)
        others = _without(busy or availability.FREE, moving)
        needs = needs_of(offering)
        rooms = (await rooms_at(tx, [needs], since, until)).without(moving).that_do(needs)
        taken = availability.taken_for(offering.id, offer, others, rooms)
    found = rules.slots(
        hours,
        offer,
        taken,
        now=availability.ceil(tx.now),
        first=availability.ceil(since),
        last=availability.ceil(until),
    )
    starts = (datetime.fromtimestamp(one, UTC) for one in found)
    return [start for start in starts if start != session.starts_at]


def _without(busy: availability.Busy, moving: Sequence[CoachingSession]) -> availability.Busy:
    own = [
        (int(one.blocked_from.timestamp()), int(one.blocked_until.timestamp())) for one in moving
    ]
    kept = [n for n, blocked in enumerate(busy.blocked) if blocked not in own]
    return availability.Busy(
        [busy.offerings[n] for n in kept],
        [busy.starts[n] for n in kept],
        tuple(busy.blocked[n] for n in kept),
    )


async def _mine(tx: Tx, session_id: int) -> CoachingSession:
    found = await tx.db.get(CoachingSession, session_id, populate_existing=True)
    if found is None:
        raise NotFound(t("This session is not here."))
    return found
