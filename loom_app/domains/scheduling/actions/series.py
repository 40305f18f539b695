"""Sessions that are held together, and from one of them on cancelled or moved together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import line, seating
from loom_app.domains.scheduling.actions.course import cancel
from loom_app.domains.scheduling.actions.move import Shift, move_all
from loom_app.domains.scheduling.errors import ClientBusy, NotPossible, SeriesTaken, SlotTaken
from loom_app.domains.scheduling.models import CoachingSession, Seat, Series
from loom_app.domains.scheduling.queries.series import (
    check_numbers,
    from_here,
    ground,
)
from loom_app.domains.scheduling.rules.series import Repeat
from loom_app.domains.scheduling.rules.terms import later_terms
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound, TooMany
from loom_app.kit.text import t

# holds of visitors, whom nobody knows, are few
MOST_OF_A_VISITOR = 10


async def repeat_held(
    tx: Tx, me: Actor, offering: OfferingView, lead: Seat, repeat: Repeat | None
) -> None:
    """Hold these times with a first one that is the caller's already, as long as it; what was held
    with it before ends. The caller has the locks, and acts as scheduling.

    Raises Invalid, TooMany, SeriesTaken: then nothing of this transaction stays.
    """
    before = await common.followers(tx, lead, ("held",))
    if repeat is not None:
        await line.pass_on(tx, offering.coach_id)  # who waits comes first, but for what is held
    session = await common.locked_session(tx, lead.session_id)
    for one in before:
        its = await common.locked_session(tx, one.session_id)
        await common.set_status(tx, its, [one], "expired", "hold.replace")
    if before:
        await tx.emit(events.HoldExpired(before[0].session_id))
    number = await _begin(tx, me, offering, lead, repeat) if repeat else None
    lead.series_id = session.series_id = number
    session.series_no = 1 if repeat else 0
    await tx.db.flush()
    if repeat is not None and lead.hold_expires_at is not None:
        await _hold_following(tx, me, offering, lead, repeat)
        await common.keep_until(tx, lead, lead.hold_expires_at)


async def _begin(tx: Tx, me: Actor, offering: OfferingView, lead: Seat, repeat: Repeat) -> int:
    check_numbers(repeat.every_weeks, repeat.times)
    # what a coach keeps for somebody has a price, a length and an end of its own
    if offering.capacity > 1 or offering.intro or lead.booked_by is not None:
        raise Invalid(t("This session cannot be repeated."), field="every")
    first = lead.starts_at
    aware = all(one.tzinfo is not None for one in repeat.starts)
    if not aware or len({first, *repeat.starts}) < repeat.times or min(repeat.starts) <= first:
        raise Invalid(t("Choose the times from the list."), field="starts_at")
    if me.person_id is None and repeat.times > MOST_OF_A_VISITOR:
        raise TooMany(t("Sign in to repeat a session more than ten times."))
    series = Series(
        coach_id=offering.coach_id,
        client_id=me.person_id,
        every_weeks=repeat.every_weeks,
        times=repeat.times,
        created_at=tx.now,
    )
    tx.db.add(series)
    await tx.db.flush()
    assert series.id is not None  # noqa: S101 - flushed
    return series.id


async def _hold_following(
    tx: Tx, me: Actor, offering: OfferingView, lead: Seat, repeat: Repeat
) -> None:
    """They may lie beyond the window for booking; everything else holds for each."""
    starts = sorted(one.astimezone(UTC).replace(microsecond=0) for one in repeat.starts)
    words = t("Many times are kept from your network just now. Sign in to go on.")
    await common.check_address(tx, me, MOST_OF_A_VISITOR + 1 - repeat.times, words)
    here = await ground(tx, me, offering.id, [lead.starts_at, *starts])
    here.take(lead.starts_at)
    wrong: list[tuple[datetime, str]] = []
    for at in starts:
        if problem := here.problem(at):
            wrong.append((at, problem))
        here.take(at)
    if wrong:
        raise SeriesTaken(wrong, me.zone)
    agreed = later_terms(offering, selling=await common.sells(tx, offering))
    for number, at in enumerate(starts, start=2):
        place = replace(agreed, series=(lead.series_id or 0, number))
        try:
            await seating.seat_in(tx, me, offering, at, place, None)
        except (SlotTaken, ClientBusy) as problem:  # behind the back of every check
            raise SeriesTaken([(at, str(problem))], me.zone) from None


async def cancel_following(
    tx: Tx, me: Actor, session_id: int, listed: Sequence[int], reason: str = ""
) -> int:
    """Cancel a session and those after it in its series, of them only what was `listed` to the
    caller; each by its own policy. Returns how many were cancelled now.

    Raises NotFound, NotPossible once the first has begun.
    """
    together = await _chosen(tx, me, session_id, [*listed, session_id])
    for one in together:
        await cancel(tx, me, one, reason, together=together if len(together) > 1 else ())
    return len(together)


async def move_following(
    tx: Tx, me: Actor, session_id: int, changes: Mapping[int, datetime], reason: str = ""
) -> list[Shift]:
    """Move a session and those after it in its series, each to its new start, all or none; what is
    not named stays. Raises NotFound, NotPossible, Invalid, SeriesTaken, and of the constraints
    CoachBusy, ClientElsewhere, SlotTaken, ClientBusy."""
    ids = await _chosen(tx, me, session_id, list(changes))
    if not ids or len(ids) < len(changes):
        raise NotPossible(t("Something changed meanwhile. Look at the list again."))
    sessions = [one for one in [await tx.db.get(CoachingSession, n) for n in ids] if one]
    if any(at.tzinfo is None for at in changes.values()):
        raise Invalid(t("Choose a time from the list."), field="starts_at")
    news = {one: changes[one].astimezone(UTC).replace(microsecond=0) for one in ids}
    by_coach = sessions[0].coach_id == me.require_person()
    if not by_coach:
        await common.lock_owner(tx, me)
    await common.lock_coach(tx, sessions[0].coach_id)
    if not by_coach:
        here = await ground(tx, me, sessions[0].offering_id, news.values(), sessions)
        wrong: list[tuple[datetime, str]] = []
        for one in sessions:
            at = news[one.id or 0]
            if at != one.starts_at and (problem := here.problem(at)):
                wrong.append((at, problem))
            here.take(at)
        if wrong:
            raise SeriesTaken(wrong, me.zone)
    return await move_all(tx, me, news, reason)


async def _chosen(tx: Tx, me: Actor, session_id: int, listed: Sequence[int]) -> tuple[int, ...]:
    """As the caller: row-level security says whether it is theirs. What is over, or was cancelled
    meanwhile, is left out."""
    me.require_person()
    session = await tx.db.get(CoachingSession, session_id, populate_existing=True)
    if session is None:
        raise NotFound
    found = await from_here(tx, session)
    return tuple(one.id or 0 for one in found if one.id in listed)
