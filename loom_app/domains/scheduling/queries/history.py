"""What happened to a session, told by its row: the audit trail is for staff."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.domains.scheduling.models import CoachingSession
from loom_app.kit.text import t


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    words: str


def history(session: CoachingSession) -> list[HistoryLine]:
    """Oldest first."""
    lines = [HistoryLine(session.created_at, t("Time chosen"))]
    if session.booked_at:
        lines.append(HistoryLine(session.booked_at, t("Booked")))
    if session.cancelled_at:
        by_coach = session.cancelled_by == "coach"
        words = t("Cancelled by the coach") if by_coach else t("Cancelled by the client")
        lines.append(HistoryLine(session.cancelled_at, words))
    if session.status in {"in_progress", "completed"}:
        lines.append(HistoryLine(session.starts_at, t("Began")))
    if session.status == "completed":
        lines.append(HistoryLine(session.ends_at, t("Completed")))
    return lines
