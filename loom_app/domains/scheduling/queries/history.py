"""What happened to a session, told by its row: the audit trail is for staff."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.scheduling.models import CoachingSession, SessionMove
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import when
from loom_app.kit.text import t


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    words: str


async def history(tx: Tx, session: CoachingSession, zone: str) -> list[HistoryLine]:
    """Oldest first, with times in this zone."""
    lines = [HistoryLine(session.created_at, t("Time chosen"))]
    if session.booked_at:
        lines.append(HistoryLine(session.booked_at, t("Booked")))
    for one in await _moves(tx, session):
        who = t("the coach") if one.moved_by == "coach" else t("the client")
        words = t("Moved by {who} from {when}", who=who, when=when(one.old_starts_at, zone))
        if one.reason:
            words += t(": “{reason}”", reason=one.reason)
        lines.append(HistoryLine(one.moved_at, words))
    if session.cancelled_at:
        by_coach = session.cancelled_by == "coach"
        words = t("Cancelled by the coach") if by_coach else t("Cancelled by the client")
        lines.append(HistoryLine(session.cancelled_at, words))
    if session.status in {"in_progress", "completed"}:
        lines.append(HistoryLine(session.starts_at, t("Began")))
    if session.status == "completed":
        lines.append(HistoryLine(session.ends_at, t("Completed")))
    return lines


async def _moves(tx: Tx, session: CoachingSession) -> list[SessionMove]:
    found = select(SessionMove).where(col(SessionMove.session_id) == session.id)
    return list(await tx.db.scalars(found.order_by(col(SessionMove.id))))
