"""What happened to holds and sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class SlotHeld(Event):
    coach_id: int


@dataclass(frozen=True, slots=True)
class HoldExpired(Event):
    session_id: int


@dataclass(frozen=True, slots=True)
class HoursChanged(Event):
    """A coach is open at other times than before: hours, dates, time off or holidays."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class TimeOffered(Event):
    """Who was first in line has a time kept for them, for half an hour."""

    offer_id: int
    coach_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class WishEnded(Event):
    """Somebody waits no longer, and did not end it themselves: its time came, what was offered was
    not answered, or the coach offers it no more."""

    entry_id: int
    coach_id: int
    client_id: int
    why: Literal["passed", "missed", "archived"]


@dataclass(frozen=True, slots=True)
class TimeKept(Event):
    """A coach, or the staff, keeps a time for a client until they have paid."""

    session_id: int
    seat_id: int


@dataclass(frozen=True, slots=True)
class KeptOver(Event):
    """The client did not take, or did not pay, what was kept for them."""

    session_id: int
    seat_id: int


@dataclass(frozen=True, slots=True)
class SessionBooked(Event):
    """A seat is booked; in a group others may be already.

    `together`: the sessions of a series that this happens to at once, each with an event of its
    own; who tells people of it tells of the first and names the others. Empty for one alone.
    """

    session_id: int
    seat_id: int
    together: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionMoved(Event):
    """It begins at another time than at `old_starts_at`."""

    session_id: int
    by: str
    old_starts_at: datetime
    together: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRelocated(Event):
    """The place where it is booked has another address."""

    session_id: int


@dataclass(frozen=True, slots=True)
class SessionCancelled(Event):
    """These seats are off: all of a session, or one that a client gave up in a group. By
    "minimum": too few had booked; by "staff" in place of the coach or a client."""

    session_id: int
    by: Literal["coach", "client", "minimum", "staff"]
    seat_ids: tuple[int, ...]
    together: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionCompleted(Event):
    session_id: int
    seat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PaymentAwaited(Event):
    """The time is kept while the client's bank is asked, which takes days."""

    session_id: int
    seat_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class PaymentMissed(Event):
    """The client's bank did not pay; the time is free again."""

    session_id: int
    seat_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class SessionRated(Event):
    session_id: int
    seat_id: int
    coach_id: int
    client_id: int
    stars: int


@dataclass(frozen=True, slots=True)
class SessionMissed(Event):
    """Who had these seats did not come."""

    session_id: int
    seat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a client gets of a session to which its coach did not come: so much money, in minor
    units, what they paid `in_person` from their coach's hand, and the session in its package, to be
    used `until` then (None: not); what a bank decides about `waits` for it."""

    seat_id: int
    minor: int
    currency: str
    in_person: int
    until: datetime | None
    waits: bool


@dataclass(frozen=True, slots=True)
class CoachMissed(Event):
    """The coach did not come, as they or staff say; who had a seat gets everything back."""

    session_id: int
    by: Literal["coach", "staff"]
    given: tuple[GivenBack, ...]


@dataclass(frozen=True, slots=True)
class SlotLost(Event):
    """Paid too late: the time had gone, the money goes back, and the client deserves a word."""

    session_id: int
    seat_id: int
    client_id: int
