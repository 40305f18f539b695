"""Ratings as the client who gave them and the coach who got them see them."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.domains.scheduling.models import Seat, SessionRating
from loom_app.domains.scheduling.rules.transitions import RATING_CHANGES, may_rate
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class RatingView:
    """`stars` is 0 where nothing was given; `open` says whether the viewer may rate or change."""

    stars: int = 0
    feedback: str = ""
    private_note: str = ""
    rated_at: datetime | None = None
    open: bool = False


async def rating_of(tx: Tx, seat: Seat, missed_by: str, *, coaching: bool) -> RatingView:
    """Of one seat, as its client or its coach; `missed_by` is its session's."""
    may = not coaching and may_rate(seat.status, missed_by)
    found = await tx.db.get(SessionRating, seat.id, populate_existing=True)
    if found is None:
        return RatingView(open=may)
    changeable = may and tx.now <= found.rated_at + RATING_CHANGES
    return RatingView(
        found.stars, found.feedback, found.private_note, found.rated_at, open=changeable
    )
