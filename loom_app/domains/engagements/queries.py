"""Reads of engagements."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.engagements.invitation_queries import (
    InvitationLetter,
    InvitationView,
    InvitedView,
    JudgedLine,
    Which,
    invitation_counts,
    invitation_letter,
    invitation_token,
    invited,
    my_invitations,
    my_sheet,
    staff_invitations,
)
from loom_app.domains.engagements.models import Engagement
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

__all__ = [
    "EngagementView",
    "InvitationLetter",
    "InvitationView",
    "InvitedView",
    "JudgedLine",
    "Which",
    "engagement",
    "find_engagement",
    "invitation_counts",
    "invitation_letter",
    "invitation_token",
    "invited",
    "my_invitations",
    "my_sheet",
    "staff_invitations",
]


@dataclass(frozen=True)
class EngagementView:
    id: int
    coach_id: int
    client_id: int
    status: str


async def find_engagement(tx: Tx, coach_id: int, client_id: int) -> EngagementView | None:
    """None where there is none, or none the caller may know of."""
    row = await tx.db.scalar(
        select(Engagement).where(
            col(Engagement.coach_id) == coach_id, col(Engagement.client_id) == client_id
        )
    )
    return _view(row) if row else None


async def engagement(tx: Tx, me: Actor, engagement_id: int) -> EngagementView:
    """Raises NotFound for what is not the caller's."""
    row = await tx.db.get(Engagement, engagement_id)
    if row is None:
        raise NotFound
    return _view(row)


def _view(row: Engagement) -> EngagementView:
    assert row.id is not None  # noqa: S101 - a loaded row has its id
    return EngagementView(row.id, row.coach_id, row.client_id, row.status)
