"""Who is first in line gets what is free: a hold in the database like any other, so nobody else can
take its time.

Offers are made under the coach's lock: by a job after whatever freed a time, by the sweep, and by
`hold` itself, so that nobody who comes along in between is faster than who waits.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import seating
from loom_app.domains.scheduling.errors import NotBookable, NotTheFirst
from loom_app.domains.scheduling.models import LIVE, CoachingSession, Seat
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.waitlist_models import ONE_TIME, WaitlistEntry, WaitlistOffer
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError

OFFER = timedelta(minutes=30)
MISSES = 3  # unanswered offers after which a wish ends

# what became of the offers: their seats know
_ANSWERS = text(
    """
    UPDATE waitlist_offers o SET answer = CASE
        WHEN s.status <> 'expired' THEN 'booked'
        WHEN o.answer = 'taken' OR s.hold_expires_at <= :now THEN 'missed' ELSE 'gone' END
    FROM seats s, waitlist_entries e
    WHERE s.id = o.seat_id AND e.id = o.entry_id AND e.coach_id = :coach
      AND o.answer IN ('', 'taken') AND s.status <> 'held'
    RETURNING o.entry_id, o.answer
    """
)
# it passes on to the next: others come first now
TO_THE_END = text(
    "UPDATE waitlist_entries SET place = nextval('waitlist_places') WHERE id = ANY(:entries)"
)
_OVER = text(
    """
    WITH wishes AS (
      SELECT e.id, e.until - e.since <= :one AS one_time, p.archived_at IS NOT NULL AS archived,
        e.until <= CAST(:now AS timestamptz)
          + make_interval(mins => greatest(p.notice_minutes, :offer)) AS passed,
        count(*) FILTER (WHERE o.answer = 'missed') AS missed,
        count(*) FILTER (WHERE o.answer = 'declined') AS declined,
        count(*) FILTER (WHERE o.answer IN ('', 'taken')) AS open
      FROM waitlist_entries e JOIN offerings p ON p.id = e.offering_id
        LEFT JOIN waitlist_offers o ON o.entry_id = e.id
      WHERE e.coach_id = :coach AND e.status = 'waiting' GROUP BY e.id, p.id
    ), ending AS (
      SELECT id, CASE
        WHEN missed >= CASE WHEN one_time THEN 1 ELSE :misses END THEN 'missed'
        WHEN one_time AND declined > 0 THEN 'declined'
        WHEN open > 0 THEN NULL
        WHEN archived THEN 'archived'
        WHEN passed THEN 'passed' END AS why
      FROM wishes
    )
    UPDATE waitlist_entries e SET status = 'over' FROM ending
    WHERE ending.id = e.id AND ending.why IS NOT NULL
    RETURNING e.id, e.client_id, ending.why
    """
)
# a wish that came true otherwise lets go what is still offered for it
_LEFT_OVER = text(
    "SELECT s.id FROM waitlist_offers o JOIN seats s ON s.id = o.seat_id"
    " JOIN waitlist_entries e ON e.id = o.entry_id WHERE e.coach_id = :coach"
    " AND e.status <> 'waiting' AND s.status = 'held' AND s.offered ORDER BY s.id"
)


@dataclass
class _Line:
    """Who waits for a coach, and what says whether a time is for them."""

    entries: Sequence[WaitlistEntry]
    offerings: dict[int, OfferingView]
    selling: frozenset[str]
    refused: set[tuple[int, datetime]]
    has_offer: set[int]
    busy: dict[int, list[tuple[datetime, datetime]]]
    free: dict[int, list[datetime]] = field(default_factory=dict)

    def fitting(self, entry: WaitlistEntry, offering: OfferingView) -> Iterator[datetime]:
        """The free starts for this one, soonest first."""
        starts = self.free[offering.id]
        first = bisect_left(starts, entry.since) if entry.since else 0
        over = bisect_left(starts, entry.until) if entry.until else len(starts)
        length, busy = timedelta(minutes=offering.duration_minutes), self.busy.get(entry.client_id)
        for start in starts[first:over]:
            clashes = busy and any(begin < start + length and start < end for begin, end in busy)
            if not clashes and (entry.id or 0, start) not in self.refused:
                yield start


async def pass_on(tx: Tx, coach_id: int) -> int:
    """Make the offers that are due; how many. The caller has locked the coach, and acts as
    scheduling.

    Who has an open offer, or another session or hold at that time, is passed over and keeps their
    place. Who declines or misses one goes to the end of the line, and is not offered that start
    again. While the coach cannot be booked at all, what became of the offers is written down, and
    none is made.
    """
    if not await anybody(tx, coach_id):
        return 0
    await _stand_still(tx, coach_id)
    await _note(tx, coach_id)
    if not await coaches.is_verified(tx, coach_id) or await accounts.is_suspended(tx, coach_id):
        return 0
    line = await _line(tx, coach_id)
    made = 0
    for entry in line.entries:
        offering = line.offerings.get(entry.offering_id)
        if offering is None or entry.client_id in line.has_offer:
            continue
        if offering.id not in line.free:
            begin = soonest(tx, offering)
            line.free[offering.id] = await availability.free_starts(
                tx, offering, begin, last(tx, offering)
            )
        if await _first_that_works(tx, line, entry, offering):
            line.has_offer.add(entry.client_id)
            line.free.clear()  # what is offered is free no more
            made += 1
    return made


async def _first_that_works(
    tx: Tx, line: _Line, entry: WaitlistEntry, offering: OfferingView
) -> bool:
    fitting = line.fitting(entry, offering)
    soonest_one = next(fitting, None)
    if soonest_one is None:
        return False
    if await moderation.is_blocked_between(tx, entry.coach_id, entry.client_id):
        return False
    if await accounts.is_suspended(tx, entry.client_id):
        return False
    try:
        await common.check_first(tx, offering, entry.client_id)
        for start in chain([soonest_one], fitting):
            if await _offer(tx, line, entry, offering, start):
                return True
    except (NotTheFirst, NotBookable):  # no other time would do either
        return False
    return False


async def _offer(
    tx: Tx, line: _Line, entry: WaitlistEntry, offering: OfferingView, start: datetime
) -> bool:
    """Raises NotBookable."""
    client = Actor(person_id=entry.client_id)
    selling = offering.currency in line.selling
    agreed = common.terms_of(tx, offering, start, selling=selling)
    until = tx.now + OFFER
    try:
        group = await seating.group_to_join(tx, client, offering, start)
        seat = await seating.seat_in(
            tx, client, offering, start, agreed, group, kept=seating.Kept(until)
        )
    except NotBookable:
        raise
    except DomainError:  # the constraints know better: the next time, or the next round
        return False
    offer = WaitlistOffer(
        entry_id=entry.id or 0, seat_id=seat.id or 0, starts_at=start, made_at=tx.now, until=until
    )
    tx.db.add(offer)
    await tx.db.flush()
    await common.expire_at(tx, seat)
    tell(tx, entry.coach_id, [entry.client_id])
    await tx.emit(events.TimeOffered(offer.id or 0, entry.coach_id, entry.client_id))
    return True


async def _stand_still(tx: Tx, coach_id: int) -> None:
    """Nothing of this coach is freed until this ends: who frees a time locks its session, and what
    came free after the line was asked would be anybody's."""
    live = (
        select(col(CoachingSession.id))
        .where(
            col(CoachingSession.coach_id) == coach_id,
            col(CoachingSession.status).in_(LIVE),
            col(CoachingSession.ends_at) > tx.now,
        )
        .order_by(col(CoachingSession.id))
        .with_for_update(key_share=True)
    )
    await tx.db.execute(live)


async def anybody(tx: Tx, coach_id: int) -> bool:
    """Whether anybody waits, or has something offered."""
    waits = select(col(WaitlistEntry.id)).where(
        col(WaitlistEntry.coach_id) == coach_id, col(WaitlistEntry.status) == "waiting"
    )
    offered = select(col(Seat.id)).where(
        col(Seat.coach_id) == coach_id, col(Seat.status) == "held", col(Seat.offered)
    )
    return bool(await tx.db.scalar(select(waits.exists() | offered.exists())))


async def _note(tx: Tx, coach_id: int) -> None:
    """Write down what became of offers and wishes."""
    for seat_id in list(await tx.db.scalars(_LEFT_OVER, {"coach": coach_id})):
        # sessions are locked by now: a seat that is locked has somebody waiting for them
        found = select(Seat).where(col(Seat.id) == seat_id).with_for_update(skip_locked=True)
        seat = await tx.db.scalar(found, execution_options=common.FRESH)
        if seat is not None and seat.status == "held" and seat.offered:
            await common.let_go(tx, seat, "offer.end")
    answers = await tx.db.execute(_ANSWERS, {"coach": coach_id, "now": tx.now})
    missed = sorted({row.entry_id for row in answers if row.answer == "missed"})
    if missed:
        await tx.db.execute(TO_THE_END, {"entries": missed})
    values = {
        "coach": coach_id,
        "now": tx.now,
        "one": ONE_TIME,
        "misses": MISSES,
        "offer": OFFER // timedelta(minutes=1),
    }
    over = (await tx.db.execute(_OVER, values)).all()
    tell(tx, coach_id, [one.client_id for one in over])
    for one in over:
        if one.why != "declined":  # who says no knows
            await tx.emit(events.WishEnded(one.id, coach_id, one.client_id, one.why))


async def _line(tx: Tx, coach_id: int) -> _Line:
    entries = list(
        await tx.db.scalars(
            select(WaitlistEntry)
            .where(col(WaitlistEntry.coach_id) == coach_id, col(WaitlistEntry.status) == "waiting")
            .order_by(col(WaitlistEntry.place)),
            execution_options=common.FRESH,
        )
    )
    selling = await payments.sells_in(tx, coach_id)
    views = await coaches.offerings_by_id(tx, {one.offering_id for one in entries})
    refused = await tx.db.execute(
        select(col(WaitlistOffer.entry_id), col(WaitlistOffer.starts_at)).where(
            col(WaitlistOffer.entry_id).in_([one.id for one in entries]),
            col(WaitlistOffer.answer).in_(("declined", "missed")),
        )
    )
    seats = await tx.db.scalars(
        select(Seat).where(
            col(Seat.client_id).in_({one.client_id for one in entries}),
            col(Seat.status).in_(LIVE),
            col(Seat.ends_at) > tx.now,
        )
    )
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    has_offer: set[int] = set()
    for seat in seats:
        who = seat.client_id or 0
        busy.setdefault(who, []).append((seat.starts_at, seat.ends_at))
        if seat.status == "held" and seat.offered and seat.booked_by is None:
            has_offer.add(who)
    return _Line(
        entries,
        {
            one.id: one
            for one in views.values()
            if not one.archived and (one.currency in selling or not one.price_minor)
        },
        selling,
        {(entry_id, start.astimezone(UTC)) for entry_id, start in refused},
        has_offer,
        busy,
    )


def soonest(tx: Tx, offering: OfferingView) -> datetime:
    """No offer is made inside the notice, nor one that would outlive the start."""
    return tx.now + max(timedelta(minutes=offering.notice_minutes), OFFER)


def last(tx: Tx, offering: OfferingView) -> datetime:
    """The end of the window in every zone; the slot rule is exact."""
    return tx.now + timedelta(days=offering.window_days + 2)


async def queue(tx: Tx, coach_id: int) -> None:
    await tx.enqueue("scheduling.pass_on", {"coach_id": coach_id})


def tell(tx: Tx, coach_id: int, client_ids: Sequence[int]) -> None:
    tx.signal(f"coach:{coach_id}:waitlist")
    for client_id in client_ids:
        tx.signal(f"person:{client_id}:waitlist")
