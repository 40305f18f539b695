"""What happened to somebody's data."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class ExportReady(Event):
    """All that Loom has of a person can be downloaded, for a day."""

    user_id: int
    export_id: int


@dataclass(frozen=True, slots=True)
class DeletionAsked(Event):
    """Somebody leaves on this day unless they think better of it."""

    user_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeletionWaits(Event):
    """The day came and something stands in the way, such as a booked session. Said once."""

    user_id: int
    due_at: datetime
