"""What happened between people."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class PersonBlocked(Event):
    """From now on the two neither write to, book nor see each other."""

    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True)
class PersonUnblocked(Event):
    """The block is lifted."""

    blocker_id: int
    blocked_id: int
