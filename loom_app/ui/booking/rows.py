"""What the booking pages draw, already in words."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CoachBrief:
    slug: str = ""
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    headline: str = ""


@dataclass(frozen=True)
class DayCell:
    """A day of the month's page; `kind` is free, full, none or outside."""

    iso: str
    number: str
    label: str
    kind: str
    href: str
    chosen: bool = False
    today: bool = False
    over: bool = False  # of a week that is over
    in_week: bool = False  # of the one that a phone shows
    beside: bool = False  # of the month before or after


@dataclass(frozen=True)
class Turns:
    """Where the calendar turns to; "" where it does not."""

    month_before: str = ""
    month_after: str = ""
    week_before: str = ""
    week_after: str = ""
    whole_month: str = ""
    one_week: str = ""


@dataclass(frozen=True)
class DayPart:
    """Morning, afternoon or evening of a day that has times then."""

    key: str
    label: str
    count: str
    spoken: str
    opened: bool = False  # at first, on a phone
    many: bool = False  # more than a phone shows with room around each


@dataclass(frozen=True)
class Held:
    """The time that is kept for this person, and for how many seconds still."""

    when: str = ""
    other: str = ""
    there: str = ""  # on the clock of its place, where that differs
    seconds: int = 0
    until: str = ""
    # of a series: how many and how often, and each time with the coach's clock
    series: str = ""
    dates: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """Something the coach asks before the session; kind is short, long or choice."""

    key: str
    label: str
    kind: str = "long"
    choices: list[list[str]] = field(default_factory=list)
    answer: str = ""
