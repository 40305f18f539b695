"""When somebody has time: days and parts of the day as instants. Pure."""

from collections.abc import Collection
from datetime import date, timedelta

from loom_app.domains.scheduling.rules import slots
from loom_app.domains.scheduling.rules.slots import Hours, Interval, Offer, Taken

# minutes of the day in the zone of who looks
PARTS: dict[str, Interval] = {
    "morning": (6 * 60, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 22 * 60),
}
_EPOCH = date(1970, 1, 1).toordinal()
MOST_DAYS = 31
USUAL_DAYS = 14
MOST_AHEAD = 366  # nobody's window for booking is longer


def windows(
    zone: str,
    today: date,
    *,
    first: date | None = None,
    last: date | None = None,
    parts: Collection[str] = (),
) -> list[Interval]:
    """The instants in which a start is wanted, ascending: `first` to `last`, both included.

    Two weeks from today where no day is named, a month at most; unknown parts are no parts.
    """
    begin = max(first or today, today)
    if begin > today + timedelta(days=MOST_AHEAD):
        return []
    end = min(last or begin + timedelta(days=USUAL_DAYS - 1), begin + timedelta(days=MOST_DAYS - 1))
    spans = [span for name, span in PARTS.items() if name in parts] or [(0, slots.MIDNIGHT)]
    return slots.merge(
        (slots.instant(zone, day, start), slots.instant(zone, day, stop))
        for day in (begin + timedelta(days=n) for n in range((end - begin).days + 1))
        for start, stop in spans
    )


def clipped(spans: list[Interval], first: int, last: int) -> list[Interval]:
    """What of them lies in [first, last)."""
    cut = [(max(start, first), min(end, last)) for start, end in spans]
    return [(start, end) for start, end in cut if start < end]


def openings(hours: Hours, spans: list[Interval]) -> list[Interval]:
    """Those of the spans, cut at both ends, in which the hours are open at all."""
    found: list[Interval] = []
    for start, end in spans:
        # a calendar day of any zone begins and ends within a day of UTC's
        first, last = _day(start) - 1, _day(end) + 1
        opened = [
            (max(start, opens), min(end, closes))
            for day in range(first, last + 1)
            for opens, closes in hours.instants(day)
            if opens < end and closes > start
        ]
        if opened:
            found.append((min(opened)[0], max(close for _, close in opened)))
    return found


def first_start(
    hours: Hours, offer: Offer, taken: Taken, spans: list[Interval], *, now: int, until: int
) -> int | None:
    """The first bookable start that lies in one of the spans and before `until`."""
    low = now + offer.notice * slots.MINUTE
    for start, end in spans:
        if start >= until:
            return None
        if end <= low:
            continue
        found = slots.next_slot(
            hours, offer, taken, now=now, since=max(start, low), until=min(end, until)
        )
        if found is not None:
            return found
    return None


def _day(at: int) -> int:
    return _EPOCH + at // slots.DAY
