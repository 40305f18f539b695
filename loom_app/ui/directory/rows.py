"""Rows that directory, coach page and booking draw: everything already in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OfferingRow:
    """Something to book; `closed` while its coach cannot be paid yet, or not in its currency."""

    id: int = 0
    name: str = ""
    description: str = ""
    duration: str = ""
    place: str = ""
    place_icon: str = "video"
    # of the place where it is in person
    site_id: int = 0
    site_name: str = ""
    site_zone: str = ""
    directions: str = ""
    price: str = ""
    terms: str = ""
    minimum: str = ""
    free: bool = False
    closed: bool = False
    href: str = ""


@dataclass(frozen=True)
class TimeRow:
    """A start: the instant for the server, the words for people."""

    instant: str = ""
    label: str = ""
    other: str = ""
    href: str = ""
    free: bool = True
    seats: str = ""
    part: str = ""  # of the day: morning, afternoon or evening
