"""Why a time cannot be booked: the slot rule, asked the other way round. Pure.

A start is in `slots()` or has a reason here, never both; instants are epoch seconds as there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from loom_app.domains.scheduling.rules.slots import (
    EVER,
    MINUTE,
    Hours,
    Interval,
    Offer,
    Taken,
    day_of,
    full,
    midnight_of,
    shut,
    spans_of,
    zone_of,
)

Kind = Literal[
    "past", "away", "holiday", "exception", "outside", "window", "busy", "hold", "buffer",
    "notice", "day_limit", "week_limit", "short", "between", "shut", "room",
]  # fmt: skip
# where one of these holds, nothing else is worth saying
ALONE: tuple[Kind, ...] = ("past", "window", "away", "holiday", "exception", "outside", "shut")


@dataclass(frozen=True, slots=True)
class Block:
    """A session or a hold of the coach; the blocked range has its own buffers."""

    start: int
    end: int
    blocked_from: int
    blocked_until: int
    session_id: int = 0
    held: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """`session_id` says which session is in the way, 0 where none is."""

    kind: Kind
    session_id: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """No session can begin in [start, end); nothing is in the way where there are no reasons."""

    start: int
    end: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Asked:
    """One offering in one coach's time; `counted` are the starts that count for its limits."""

    hours: Hours
    offer: Offer
    blocks: Sequence[Block]
    counted: Sequence[int]
    now: int
    rooms: tuple[Sequence[Interval], ...] | None = None

    @property
    def taken(self) -> Taken:
        ranges = tuple((one.blocked_from, one.blocked_until) for one in self.blocks)
        return Taken(ranges, tuple(self.counted), self.rooms)

    @property
    def window_ends(self) -> int:
        zone = zone_of(self.hours.zone)
        return midnight_of(self.hours.zone, day_of(self.now, zone) + self.offer.window_days + 1)


def reasons(asked: Asked, start: int) -> tuple[Reason, ...]:
    """All that stands against a start; empty where it can be booked."""
    offer, end = asked.offer, start + asked.offer.duration * MINUTE
    found = [*_opening(asked, start, end)]
    if start < asked.now:
        found.append(Reason("past"))
    elif start < asked.now + offer.notice * MINUTE:
        found.append(Reason("notice"))
    if start >= asked.window_ends:
        found.append(Reason("window"))
    if any(a < end and start < b for a, b in asked.hours.away):
        found.append(Reason("away"))
    for one in asked.blocks:
        if one.start < end and start < one.end:
            found.append(Reason("hold" if one.held else "busy", one.session_id))
        elif (
            one.blocked_from < end + offer.buffer_after * MINUTE
            and start - offer.buffer_before * MINUTE < one.blocked_until
        ):
            found.append(Reason("buffer", one.session_id))
    return (*found, *_limits(asked, start), *_place(asked, start))


def shown(found: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Those that are worth saying; being between two starts of the grid is none."""
    for kind in ALONE:
        if any(one.kind == kind for one in found):
            return (Reason(kind),)
    # where the coach is taken, so is the room that they sit in
    taken = any(one.kind in ("busy", "hold", "buffer") for one in found)
    idle = ("between", "room") if taken else ("between",)
    return tuple(one for one in found if one.kind not in idle)


def stretches(asked: Asked, first: int, last: int) -> list[Stretch]:
    """[first, last) cut where the reasons change, without gaps."""
    edges = sorted({one for one in (first, *_edges(asked, first, last)) if first <= one < last})
    found: list[Stretch] = []
    for edge, following in zip(edges, [*edges[1:], last], strict=True):
        said = shown(reasons(asked, edge))
        if found and found[-1].reasons == said:
            found[-1] = Stretch(found[-1].start, following, said)
        else:
            found.append(Stretch(edge, following, said))
    return found


def _opening(asked: Asked, start: int, end: int) -> list[Reason]:
    hours, offer = asked.hours, asked.offer
    zone = zone_of(hours.zone)
    today = day_of(start, zone)
    inside = [span for span in spans_of(hours, today, today) if span[0] <= start < span[1]]
    if not inside:
        day = date.fromordinal(today)
        if day in hours.exceptions:
            return [Reason("exception")]
        return [Reason("holiday" if day in hours.holidays else "outside")]
    fitting = [span for span in inside if end <= span[2]]
    if not fitting:
        return [Reason("short")]
    aligned = any((start - span[0]) % (offer.interval * MINUTE) == 0 for span in fitting)
    return [] if aligned else [Reason("between")]


def _limits(asked: Asked, start: int) -> list[Reason]:
    offer, zone = asked.offer, zone_of(asked.hours.zone)
    days = Counter(day_of(one, zone) for one in asked.counted)
    today = day_of(start, zone)
    monday = today - (today - 1) % 7
    found: list[Reason] = []
    if offer.per_day is not None and days[today] >= offer.per_day:
        found.append(Reason("day_limit"))
    week = sum(n for day, n in days.items() if monday <= day < monday + 7)
    if offer.per_week is not None and week >= offer.per_week:
        found.append(Reason("week_limit"))
    return found


def _place(asked: Asked, start: int) -> list[Reason]:
    found: list[Reason] = []
    if any(a <= start < b for a, b in shut(asked.offer, start, start + 1)):
        found.append(Reason("shut"))
    if any(a <= start < b for a, b in full(asked.offer, asked.rooms)):
        found.append(Reason("room"))
    return found


def _edges(asked: Asked, first: int, last: int) -> list[int]:
    """Every instant at which a reason may begin or end."""
    hours, offer = asked.hours, asked.offer
    zone = zone_of(hours.zone)
    duration = offer.duration * MINUTE
    days = range(day_of(first, zone), day_of(last, zone) + 2)
    found = [midnight_of(hours.zone, day) for day in days]
    for start, end, reach in spans_of(hours, days[0], days[-1]):
        found += [start, end, reach - duration + 1]
    for start, end in hours.away:
        found += [start - duration + 1, end]
    for one in asked.blocks:
        found += [one.start - duration + 1, one.end]
        found += [
            one.blocked_from - duration - offer.buffer_after * MINUTE + 1,
            one.blocked_until + offer.buffer_before * MINUTE,
        ]
    for closed in (*shut(offer, first, last), *full(offer, asked.rooms)):
        found += [at for at in closed if at not in EVER]
    return [*found, asked.now, asked.now + offer.notice * MINUTE, asked.window_ends]
