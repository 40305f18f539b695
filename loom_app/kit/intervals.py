"""Stretches of a day in minutes, or of time in epoch seconds: half-open, merged, checked."""

from collections.abc import Iterable

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

MIDNIGHT = 1440  # an interval may end here: 24:00
MOST_PER_DAY = 12

Interval = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted, with what overlaps or touches made one; empty ones are dropped."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def day_of_intervals(intervals: Iterable[Interval], field: str) -> list[Interval]:
    """The open stretches of one day, merged. Raises Invalid."""
    given = list(intervals)
    for start, end in given:
        check_interval(start, end, field)
    found = merge(given)
    if len(found) > MOST_PER_DAY:
        raise Invalid(t("Twelve intervals a day are enough."), field=field)
    return found


def check_interval(start: int, end: int, field: str) -> None:
    """Raises Invalid."""
    if not 0 <= start < MIDNIGHT or not 0 < end <= MIDNIGHT:
        raise Invalid(t("Give times between 00:00 and 24:00."), field=field)
    if start >= end:
        raise Invalid(
            t("The end must come after the start. For hours over midnight, end at 24:00 and"
              " begin the next day at 00:00."),
            field=field,
        )  # fmt: skip
