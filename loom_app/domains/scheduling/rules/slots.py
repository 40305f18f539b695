"""From hours, exceptions and what is taken to the starts that can be booked (SCH-7).

Instants are whole epoch seconds, days are proleptic ordinals and times of day are minutes, so that
the inner loop only adds integers. Wall times go through the zone once per day (`_wall`).

- Starts lie at the interval's start + k × slot interval, per interval of the coach's calendar day,
  before anything taken is looked at: a booking removes starts and never shifts the others.
- A slot fits wholly inside open hours, and these go on over midnight when the next day opens at
  00:00, so an evening slot may end tomorrow while the grid of each day stays its own.
- Everything is half-open: what ends at ten does not touch what begins at ten.
- The place where it is must be open for the whole session, by its own clock, and one of its rooms
  free with the buffers around it: one and the same from the first minute to the last.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from loom_app.kit.intervals import MIDNIGHT, Interval, merge

MINUTE = 60
DAY = 86_400
EVER = (-(1 << 62), 1 << 62)


@dataclass(frozen=True, slots=True)
class Weekly:
    """One interval of one weekday (Monday is 0), each week or every second one."""

    weekday: int
    start: int
    end: int
    every: int = 1
    anchor: date | None = None  # any day of a week in which an every-second-week interval holds
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        if day.weekday() != self.weekday:
            return False
        if self.valid_from and day < self.valid_from:
            return False
        if self.valid_to and day > self.valid_to:
            return False
        if self.every == 1:
            return True
        return (_week_of(day) - _week_of(self.anchor or self.valid_from or date.min)) % 2 == 0


@dataclass(frozen=True, slots=True)
class Hours:
    """When a coach is open: weekly intervals, and dates on which these do not count.

    A date's own hours win over a holiday, a holiday over the week, time off over all.
    """

    zone: str
    weekly: tuple[Weekly, ...] = ()
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)  # dates off, and their names
    away: tuple[Interval, ...] = ()  # time off in epoch seconds
    # a day's instants follow from the rest; several offerings of a coach ask for the same days
    _days: dict[int, list[Interval]] = field(default_factory=dict, compare=False, repr=False)

    def on(self, day: date) -> list[Interval]:
        """The day's intervals in minutes, merged; time off is not yet taken out of them."""
        other = self.exceptions.get(day)
        if other is not None:
            return merge(other)
        if day in self.holidays:
            return []
        return merge([(w.start, w.end) for w in self.weekly if w.holds_on(day)])

    def instants(self, ordinal: int) -> list[Interval]:
        """The day's intervals in epoch seconds; those that a clock change swallows are gone."""
        found = self._days.get(ordinal)
        if found is None:
            wall = [
                (_wall(self.zone, ordinal, opens), _wall(self.zone, ordinal, closes))
                for opens, closes in self.on(date.fromordinal(ordinal))
            ]
            found = self._days[ordinal] = [(start, end) for start, end in wall if start < end]
        return found


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be placed; minutes, but for the window in days."""

    duration: int
    interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    notice: int = 0
    window_days: int = 60
    per_day: int | None = None
    per_week: int | None = None
    at: Hours | None = None  # when the place is open, where it is one


@dataclass(frozen=True, slots=True)
class Taken:
    """What is there already, in epoch seconds."""

    blocked: tuple[Interval, ...] = ()  # busy times of the coach with their own buffers
    counted: tuple[int, ...] = ()  # starts that count for the limits of the offering
    # what blocks each room that would do, one of which has to be free; None: no room is needed
    rooms: tuple[Sequence[Interval], ...] | None = None


NOTHING = Taken()


def slots(
    hours: Hours, offer: Offer, taken: Taken = NOTHING, *, now: int, first: int, last: int
) -> list[int]:
    """The bookable starts in [first, last), ascending."""
    zone = zone_of(hours.zone)
    low = max(first, now + offer.notice * MINUTE)
    high = min(last, _wall(hours.zone, day_of(now, zone) + offer.window_days + 1, 0))
    if low >= high:
        return []
    spans = spans_of(hours, day_of(low, zone), day_of(high - 1, zone))
    if not spans:
        return []
    closed = merge(
        [*_closed_starts(hours, offer, taken), *shut(offer, low, high), *full(offer, taken.rooms)]
    )
    ends = [end for _, end in closed]
    step, duration = offer.interval * MINUTE, offer.duration * MINUTE
    found: list[int] = []
    ordered = True
    for start, end, reach in spans:
        latest = min(end, reach - duration + 1, high) - 1
        at = start if start >= low else low + (start - low) % step
        i = bisect_right(ends, at)
        while at <= latest:
            if i < len(closed) and closed[i][0] <= at:
                at = closed[i][1] + (start - closed[i][1]) % step
                i = bisect_right(ends, at, i)
                continue
            stop = min(latest + 1, closed[i][0]) if i < len(closed) else latest + 1
            ordered = ordered and not (found and found[-1] >= at)
            found.extend(range(at, stop, step))
            at = stop + (start - stop) % step
    # Only a clock change of a whole day (Apia 2011) lays one day's hours over another's.
    return found if ordered else sorted(set(found))


def next_slot(
    hours: Hours,
    offer: Offer,
    taken: Taken = NOTHING,
    *,
    now: int,
    since: int = 0,
    until: int | None = None,
) -> int | None:
    """The first bookable start, looking a few days at a time: most coaches are free soon."""
    first = max(since, now + offer.notice * MINUTE)
    limit = now + (offer.window_days + 2) * DAY
    limit = limit if until is None else min(limit, until)
    days = 1
    while first < limit:
        last = min(first + days * DAY, limit)
        found = slots(hours, offer, taken, now=now, first=first, last=last)
        if found:
            return found[0]
        first, days = last, days * 3
    return None


def opens_at(hours: Hours, *, after: int, days: int) -> int | None:
    """The first open instant from `after` on, whatever is taken: no slot can begin before it."""
    today = day_of(after, zone_of(hours.zone))
    for ordinal in range(today - 1, today + days + 2):
        for start, end in hours.instants(ordinal):
            if end > after:
                return max(start, after)
    return None


def is_bookable(hours: Hours, offer: Offer, taken: Taken, *, now: int, start: int) -> bool:
    return slots(hours, offer, taken, now=now, first=start, last=start + 1) == [start]


def instant(zone_name: str, day: date, minute: int) -> int:
    """The instant of a minute of a calendar day in that zone."""
    return _wall(zone_name, day.toordinal(), minute)


def midnight(zone_name: str, day: date) -> int:
    """The instant at which a calendar day begins in that zone."""
    return _midnight(zone_name, day.toordinal())[0]


def midnight_of(zone_name: str, ordinal: int) -> int:
    """The same of a day by its ordinal."""
    return _midnight(zone_name, ordinal)[0]


def day_of(instant: int, zone: ZoneInfo) -> int:
    """The calendar day in that zone, as an ordinal."""
    return datetime.fromtimestamp(instant, zone).toordinal()


def spans_of(hours: Hours, first_day: int, last_day: int) -> list[tuple[int, int, int]]:
    """(start, end, how far open hours go on without a gap) of each interval of these days."""
    spans: list[Interval] = []
    # A day before for zones that skip dates, two after because a slot may run over midnight.
    for ordinal in range(first_day - 1, last_day + 3):
        spans += hours.instants(ordinal)
    spans.sort()
    unions = merge(spans)
    reaches: list[tuple[int, int, int]] = []
    i = 0
    for start, end in spans:
        while unions[i][1] <= start:
            i += 1
        reaches.append((start, end, unions[i][1]))
    return reaches


def shut(offer: Offer, low: int, high: int) -> list[Interval]:
    """Ranges of [low, high) in which nothing may start, as the place would not be open from the
    start to the end."""
    if offer.at is None:
        return []
    zone, length = zone_of(offer.at.zone), offer.duration * MINUTE
    days = range(day_of(low, zone) - 1, day_of(high + length, zone) + 2)
    opened = merge(span for day in days for span in offer.at.instants(day))
    ends = [low, *(end - length + 1 for _, end in opened)]
    starts = [*(start for start, _ in opened), high]
    return [(end, start) for end, start in zip(ends, starts, strict=True) if end < start]


def full(offer: Offer, rooms: tuple[Sequence[Interval], ...] | None) -> list[Interval]:
    """Ranges in which nothing may start, as no room would be free throughout."""
    if rooms is None:
        return []
    before = (offer.duration + offer.buffer_after) * MINUTE - 1
    after = offer.buffer_before * MINUTE
    common: list[Interval] = [EVER]
    for blocked in rooms:
        closed = merge((start - before, end + after) for start, end in blocked)
        common = _in_both(common, closed)
    return common


def _in_both(one: list[Interval], other: list[Interval]) -> list[Interval]:
    found: list[Interval] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return found


def _closed_starts(hours: Hours, offer: Offer, taken: Taken) -> list[Interval]:
    """Half-open ranges in which nothing may start: near busy times, so as to reach into time off,
    on full days, in full weeks. Buffers keep their distance from busy times alone."""
    zone_name, length = hours.zone, offer.duration * MINUTE - 1
    before = (offer.duration + offer.buffer_after) * MINUTE - 1
    after = offer.buffer_before * MINUTE
    closed = [(start - before, end + after) for start, end in taken.blocked]
    closed += [(start - length, end) for start, end in hours.away]
    if offer.per_day is not None or offer.per_week is not None:
        zone = zone_of(zone_name)
        days = [day_of(start, zone) for start in taken.counted]
        if offer.per_day is not None:
            over = [day for day, n in Counter(days).items() if n >= offer.per_day]
            closed += [_days(zone_name, day, 1) for day in over]
        if offer.per_week is not None:
            mondays = Counter(day - (day - 1) % 7 for day in days)
            over = [day for day, n in mondays.items() if n >= offer.per_week]
            closed += [_days(zone_name, day, 7) for day in over]
    return closed


def _days(zone_name: str, day: int, count: int) -> Interval:
    return _wall(zone_name, day, 0), _wall(zone_name, day + count, 0)


def _week_of(day: date) -> int:
    return (day.toordinal() - 1) // 7  # ordinal 1 is a Monday


@cache
def zone_of(name: str) -> ZoneInfo:
    """A time zone, looked up once."""
    return ZoneInfo(name)


def _wall(zone_name: str, ordinal: int, minute: int) -> int:
    """A wall time as an instant; RFC 5545 3.3.5 for times that are missing or come twice."""
    midnight, plain = _midnight(zone_name, ordinal)
    if plain:
        return midnight + minute * MINUTE
    return _exact(zone_name, ordinal, minute)


@lru_cache(maxsize=65_536)
def _midnight(zone_name: str, ordinal: int) -> tuple[int, bool]:
    """The instant of 00:00, and whether the clock runs through this day without a change."""
    start = _exact(zone_name, ordinal, 0)
    return start, _exact(zone_name, ordinal, MIDNIGHT) - start == DAY


def _exact(zone_name: str, ordinal: int, minute: int) -> int:
    # fold=0 is the RFC's rule: the first of two, and the offset before the gap for a missing one.
    wall = datetime.fromordinal(ordinal) + timedelta(minutes=minute)
    return int(wall.replace(tzinfo=zone_of(zone_name)).astimezone(UTC).timestamp())
