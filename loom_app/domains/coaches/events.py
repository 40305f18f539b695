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
