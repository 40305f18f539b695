"""What happened between coaches and clients."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class InvitationsMade(Event):
    """Somebody invited these by mail, each for the nth time: (invitation, n)."""

    asked: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """Two belong together now."""

    invitation_id: int
    engagement_id: int
    coach_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class StaffInvitationAccepted(Event):
    """Somebody joined the staff by an invitation."""

    invitation_id: int
    inviter_id: int
    user_id: int
