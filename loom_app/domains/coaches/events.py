"""What happened to profiles and offerings."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class OfferingChanged(Event):
    """An offering was made, changed, archived or restored."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class PlaceChanged(Event):
    """A place or its rooms were made, changed, archived or restored."""

    place_id: int


@dataclass(frozen=True, slots=True)
class CoachPublished(Event):
    """A profile can be seen by everybody now."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class CoachHidden(Event):
    """A profile was taken back to a draft."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class CoachSubmits(Event):
    """A coach is about to hand everything to staff: whoever knows that something is missing raises
    Invalid."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class CoachSubmitted(Event):
    """A coach, or new proofs of one, wait for staff."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class CoachVerified(Event):
    """Staff approved what was submitted. `first`: they could not be booked before."""

    coach_id: int
    decision_id: int
    first: bool
    published: bool


@dataclass(frozen=True, slots=True)
class CoachSentBack(Event):
    """Staff asks for changes; the decision has the words."""

    coach_id: int
    decision_id: int


@dataclass(frozen=True, slots=True)
class CoachTakenOut(Event):
    """Staff took a page out of the directory; the decision has the words."""

    coach_id: int
    decision_id: int
