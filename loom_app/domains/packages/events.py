"""What happened to packages."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class PackageEvent(Event):
    package_id: int


@dataclass(frozen=True, slots=True)
class PackageBought(PackageEvent):
    coach_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class PackageEnding(PackageEvent):
    """Sessions are left, and it ends in `days` at most (14 or 3), at `expires_at`."""

    client_id: int
    days: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PackageEnded(PackageEvent):
    """So many sessions were left and are forfeited."""

    coach_id: int
    client_id: int
    sessions: int


@dataclass(frozen=True, slots=True)
class PackageAsked(PackageEvent):
    """The client asks for the unused part."""

    coach_id: int


@dataclass(frozen=True, slots=True)
class PackageAnswered(PackageEvent):
    """The coach gave back the part of so many sessions (`minor`), or none and said why; `ref` tells
    one answer from the next."""

    client_id: int
    sessions: int
    minor: int
    ref: str
