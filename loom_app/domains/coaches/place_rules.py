"""What a valid place and a valid room are, and which room does for whom. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale

from loom_app.kit.errors import Invalid
from loom_app.kit.i18n.times import check_zone
from loom_app.kit.intervals import Interval, day_of_intervals
from loom_app.kit.text import t
from loom_app.kit.words import limited

MOST_ROOMS, MOST_DAYS, LARGEST = 50, 200, 1000
DAYS_AHEAD = 730


@dataclass(frozen=True, slots=True)
class RoomEdit:
    """A room as it is typed; `id` is 0 for a new one. One that is left out is archived."""

    name: str
    capacity: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class PlaceEdit:
    """What the place's form sends. `hours`: weekday (Monday is 0), first and last minute; `days`:
    dates with hours of their own, none is closed."""

    name: str
    street: str
    city: str
    country: str
    zone: str
    postal_code: str = ""
    directions: str = ""
    hours: tuple[tuple[int, int, int], ...] = ()
    days: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    holidays: bool = False
    shared: bool = False
    rooms: tuple[RoomEdit, ...] = ()


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Two-letter codes and names, by name."""
    names = Locale("en").territories
    known = {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}
    for code in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):  # no countries
        known.pop(code, None)
    return dict(sorted(known.items(), key=lambda one: one[1]))


def check_place(edit: PlaceEdit, today: date) -> PlaceEdit:
    """Cleaned; hours that overlap merge. Raises Invalid by field, hours by `day<weekday>`."""
    words = {
        "name": _needed(edit.name, 80, "name", t("Give the place a name.")),
        "street": _needed(edit.street, 120, "street", t("Give the street and the number.")),
        "city": _needed(edit.city, 80, "city", t("Give the city.")),
    }
    if edit.country not in countries():
        raise Invalid(t("Choose a country from the list."), field="country")
    days: dict[date, tuple[Interval, ...]] = {}
    for day, intervals in sorted(edit.days.items()):
        if day < today - timedelta(days=1):
            continue  # is over, and says nothing any more
        if day > today + timedelta(days=DAYS_AHEAD):
            raise Invalid(t("Choose a date from today on, within two years."), field="day")
        days[day] = tuple(day_of_intervals(intervals, "day"))
    if len(days) > MOST_DAYS:
        raise Invalid(t("These are more dates than fit."), field="day")
    return replace(
        edit,
        **words,
        postal_code=limited(edit.postal_code, 20, "postal_code"),
        directions=limited(edit.directions, 1000, "directions"),
        zone=check_zone(edit.zone),
        hours=_week(edit.hours),
        days=days,
        rooms=_rooms(edit.rooms),
    )


def persons(capacity: int) -> int:
    """How many are in the room: the clients and the coach."""
    return capacity + 1


def address_line(name: str, street: str, postal_code: str, city: str, country: str) -> str:
    """ "Studio Mitte, Torstraße 1, 10119 Berlin, Germany" """
    town = " ".join(part for part in (postal_code, city) if part)
    return ", ".join((name, street, town, countries().get(country, country)))


def _week(hours: Iterable[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    by_day: dict[int, list[Interval]] = {}
    for weekday, start, end in hours:
        if not 0 <= weekday <= 6:
            raise Invalid(t("Choose a day of the week."), field="day0")
        by_day.setdefault(weekday, []).append((start, end))
    if not by_day:
        raise Invalid(t("Say when it is open: without hours nobody can book."), field="hours")
    return tuple(
        (weekday, *one)
        for weekday, intervals in sorted(by_day.items())
        for one in day_of_intervals(intervals, f"day{weekday}")
    )


def _rooms(rooms: tuple[RoomEdit, ...]) -> tuple[RoomEdit, ...]:
    if len(rooms) > MOST_ROOMS:
        raise Invalid(t("These are more rooms than fit."), field="rooms")
    cleaned: list[RoomEdit] = []
    for n, room in enumerate(rooms):
        name = _needed(room.name, 60, f"room{n}", t("Give the room a name."))
        if any(name.casefold() == one.name.casefold() for one in cleaned):
            raise Invalid(t("Another room has this name."), field=f"room{n}")
        if not 2 <= room.capacity <= LARGEST:
            raise Invalid(
                t("A room holds 2 to {most} persons: the coach is one of them.", most=LARGEST),
                field=f"capacity{n}",
            )
        cleaned.append(replace(room, name=name))
    return tuple(cleaned)


def _needed(words: str, longest: int, field: str, missing: str) -> str:
    found = limited(words, longest, field)
    if not found:
        raise Invalid(missing, field=field)
    return found
