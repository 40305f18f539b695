"""The next time that is really free, for as few coaches as it takes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.queries.directory_rows import Found
from loom_app.domains.scheduling.queries.groups import groups_between
from loom_app.domains.scheduling.queries.places import rooms_at
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules import windows
from loom_app.domains.scheduling.rules.slots import Hours, Interval
from loom_app.kit.db.transaction import Tx

LOOK_AHEAD = (3, 14)  # days
AT_ONCE = 72
NEVER = 1 << 62
FARTHEST = timedelta(days=732)  # as far as anything can be booked


async def soonest(tx: Tx, found: list[Found], wanted: int) -> list[Found]:
    """In order of the next free time, exact for the first `wanted`.

    Nobody is free before their hours open or a group of theirs with a seat left begins, so coaches
    are looked at in that order until the next one opens later than enough others are free.
    """
    hours = await availability.hours_at(tx, {one.profile.coach_id: one.version for one in found})
    begun = await _begun(tx, found)
    now = availability.ceil(tx.now)
    waiting = sorted(
        (
            min(
                _opens(one, hours.get(one.profile.coach_id), now),
                *(begun[sale.id][0] for sale in one.bookable if sale.id in begun),
                NEVER,
            ),
            n,
        )
        for n, one in enumerate(found)
    )
    looked: list[Found] = []
    for begin in range(0, len(waiting), AT_ONCE):
        opening = waiting[begin][0]
        free = sum(one.next_free is not None and one.next_free <= opening for one in looked)
        if free >= wanted:
            break
        batch = [found[n] for _, n in waiting[begin : begin + AT_ONCE]]
        await find_next(tx, batch, hours, begun=begun)
        looked += batch
    return sorted(looked, key=lambda one: one.soonest)


def _opens(one: Found, hours: Hours | None, now: int) -> int:
    if not _ever_open(hours) or not one.bookable:
        return NEVER
    notice = min(sale.offer.notice for sale in one.bookable)
    days = max(sale.offer.window_days for sale in one.bookable)
    found = rules.opens_at(hours, after=now + notice * rules.MINUTE, days=days)
    return NEVER if found is None else found


async def find_next(
    tx: Tx,
    found: Sequence[Found],
    hours: Mapping[int, Hours] | None = None,
    spans: list[Interval] | None = None,
    begun: Mapping[int, list[int]] | None = None,
) -> None:
    """Fill in the next free start, of those in `spans` alone where given: a time of one's own, or
    a seat in a group that somebody is in already.

    A few days first, where nearly all are free; the others over two weeks, then all of it.
    """
    if hours is None:
        hours = await availability.hours_at(
            tx, {one.profile.coach_id: one.version for one in found}
        )
    open_ones = [one for one in found if _ever_open(hours.get(one.profile.coach_id))]
    whole = max((o.offer.window_days + 2 for one in open_ones for o in one.offers), default=0)
    begin, end = availability.ceil(tx.now), availability.ceil(tx.now + timedelta(days=whole))
    asked = windows.clipped([(begin, end)] if spans is None else spans, begin, end)
    left = asked
    narrow = spans is not None
    for ahead in (*LOOK_AHEAD, whole):
        if not left:
            break
        until = min(left[-1][1], left[0][0] + ahead * rules.DAY)
        waiting = [one for one in open_ones if one.next_free is None]
        await _find_in(tx, waiting, hours, windows.clipped(left, begin, until), narrow=narrow)
        left = windows.clipped(left, until, end)
    seats = await _begun(tx, found) if begun is None else begun
    for one in found:
        for sale in one.bookable:
            start = _first_in(seats.get(sale.id, ()), [(begin, NEVER)] if spans is None else spans)
            if start is not None and (one.next_free is None or start < one.next_free):
                one.next_free, one.next_offering_id = start, sale.id


async def _begun(tx: Tx, found: Sequence[Found]) -> dict[int, list[int]]:
    """By offering, soonest first: when groups meet that have a seat left for the caller."""
    sales = {sale.id: sale for one in found for sale in one.bookable if sale.capacity > 1}
    if not sales:
        return {}
    begun: dict[int, list[int]] = {}
    for offering_id, group in await groups_between(tx, sales, tx.now, tx.now + FARTHEST):
        soonest_one = tx.now + timedelta(minutes=sales[offering_id].join_notice)
        if group.left and not group.mine and group.starts_at >= soonest_one:
            begun.setdefault(offering_id, []).append(int(group.starts_at.timestamp()))
    return {offering_id: sorted(starts) for offering_id, starts in begun.items()}


def _first_in(starts: Sequence[int], spans: Sequence[Interval]) -> int | None:
    return next((at for at in starts if any(low <= at < high for low, high in spans)), None)


def _ever_open(hours: Hours | None) -> TypeGuard[Hours]:
    return hours is not None and bool(hours.weekly or hours.exceptions)


async def _find_in(
    tx: Tx,
    found: Sequence[Found],
    hours: Mapping[int, Hours],
    spans: list[Interval],
    *,
    narrow: bool,
) -> None:
    """Busy times are read of those alone who are open at all when they are asked for."""
    opened = _openings(found, hours, spans) if narrow else [spans] * len(found)
    asked = [(one, its) for one, its in zip(found, opened, strict=True) if its]
    if not asked:
        return
    ids = [one.profile.coach_id for one, _ in asked]
    limits = any(o.offer.per_day or o.offer.per_week for one, _ in asked for o in one.offers)
    since, until = (datetime.fromtimestamp(at, UTC) for at in (spans[0][0], spans[-1][1]))
    busy = await availability.busy_of(tx, ids, since, until, limits=limits)
    needed = [sale.needs for one, _ in asked for sale in one.bookable]
    rooms = await rooms_at(tx, needed, since, until)
    now, last = availability.ceil(tx.now), spans[-1][1]
    for one, its in asked:
        coach_id = one.profile.coach_id
        taken = busy.get(coach_id, availability.FREE)
        for sale in one.bookable:
            start = windows.first_start(
                hours[coach_id],
                sale.offer,
                availability.taken_for(sale.id, sale.offer, taken, rooms.that_do(sale.needs)),
                its,
                now=now,
                until=min(last, one.next_free or last),
            )
            if start is not None:
                one.next_free, one.next_offering_id = start, sale.id


def _openings(
    found: Sequence[Found], hours: Mapping[int, Hours], spans: list[Interval]
) -> list[list[Interval]]:
    """In the order of the coaches; those who keep the same plain week are worked out once."""
    known: dict[tuple[str, int], list[Interval]] = {}
    opened: list[list[Interval]] = []
    for one in found:
        own = hours[one.profile.coach_id]
        if own.exceptions or own.holidays or own.away:
            opened.append(windows.openings(own, spans))
            continue
        key = (own.zone, id(own.weekly))  # equal weeks are one object, which `hours` keeps alive
        if key not in known:
            known[key] = windows.openings(own, spans)
        opened.append(known[key])
    return opened
