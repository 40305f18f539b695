"""The times of a series: one weekday and one time of day on the coach's clock. Pure.

What a coach says is "Tuesdays at ten": the wall clock is what repeats, so that a clock change moves
the instant and never the hour. The client's own clock may shift for a week where the two zones
change on different days, which the list shows before anything is confirmed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from dateutil.rrule import WEEKLY, rrule

from loom_app.domains.scheduling.rules import slots
from loom_app.kit.text import t

FEWEST, MOST = 2, 26
EVERY = (1, 2)


@dataclass(frozen=True, slots=True)
class Repeat:
    """What follows a first session: these starts, chosen from every `every_weeks` weeks."""

    every_weeks: int
    starts: tuple[datetime, ...]

    @property
    def times(self) -> int:
        """How many sessions there are, the first among them."""
        return len(self.starts) + 1


def occurrences(zone: str, first: datetime, every_weeks: int, times: int) -> list[datetime]:
    """`times` instants, the first one among them, at the same time of day in that zone."""
    wall = _wall(zone, first)
    rule = rrule(WEEKLY, dtstart=wall, interval=every_weeks, count=times)
    return [first, *(_instant(zone, one) for one in list(rule)[1:])]


def shifted(zone: str, starts: list[datetime], new: datetime) -> list[datetime]:
    """These instants, moved as the first of them moves to `new`: by days and time of day."""
    by = _wall(zone, new) - _wall(zone, starts[0])
    return [new, *(_instant(zone, _wall(zone, one) + by) for one in starts[1:])]


def place_words(number: int, times: int, every_weeks: int) -> str:
    """ "2 of 8, weekly" """
    if every_weeks == 1:
        return t("{n} of {all}, weekly", n=number, all=times)
    return t("{n} of {all}, every second week", n=number, all=times)


def _wall(zone: str, at: datetime) -> datetime:
    return at.astimezone(slots.zone_of(zone)).replace(tzinfo=None)


def _instant(zone: str, wall: datetime) -> datetime:
    """RFC 5545: a time that is missing is read with the offset before, of two the first."""
    return wall.replace(tzinfo=slots.zone_of(zone)).astimezone(UTC)
