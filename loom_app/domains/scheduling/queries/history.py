"""What happened to a session, told by its row: the audit trail is for staff."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.scheduling.models import CoachingSession, Seat, SessionMove
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import when
from loom_app.kit.text import t


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    words: str


async def history(
    tx: Tx, session: CoachingSession, zone: str, seat: Seat | None = None
) -> list[HistoryLine]:
    """Oldest first, with times in this zone; of a group as the client of this seat sees it."""
    if seat is not None and session.capacity > 1:
        return await _seat_history(tx, session, zone, seat)
    lines = [HistoryLine(session.created_at, t("Time chosen"))]
    if session.booked_at:
        lines.append(HistoryLine(session.booked_at, _booked(session, seat)))
    lines += await _move_lines(tx, session, zone)
    if session.cancelled_at:
        lines.append(HistoryLine(session.cancelled_at, _cancelled(session)))
    return lines + _took_place(session, session.status)


async def _seat_history(
    tx: Tx, session: CoachingSession, zone: str, seat: Seat
) -> list[HistoryLine]:
    """Others' coming and going is theirs."""
    lines = [HistoryLine(seat.created_at, t("Time chosen"))]
    if seat.booked_at:
        lines.append(HistoryLine(seat.booked_at, _booked(session, seat)))
    lines += [line for line in await _move_lines(tx, session, zone) if line.at >= seat.created_at]
    if seat.cancelled_at:
        staff = seat.cancelled_by == "staff"
        words = t("Cancelled by our team") if staff else t("Cancelled by the client")
        lines.append(HistoryLine(seat.cancelled_at, words))
    elif session.cancelled_at and seat.status == "cancelled":
        lines.append(HistoryLine(session.cancelled_at, _cancelled(session)))
    return lines + _took_place(session, seat.status)


def _booked(session: CoachingSession, seat: Seat | None) -> str:
    if seat is None or seat.booked_by is None:
        return t("Booked")
    if seat.booked_by == session.coach_id:
        return t("Booked by the coach for the client")
    return t("Booked by our team for the client")


def _cancelled(session: CoachingSession) -> str:
    return {
        "coach": t("Cancelled by the coach"),
        "minimum": t("Called off: too few had booked"),
        "staff": t("Cancelled by our team"),
    }.get(session.cancelled_by or "", t("Cancelled by the client"))


def _took_place(session: CoachingSession, status: str) -> list[HistoryLine]:
    lines: list[HistoryLine] = []
    if status in {"in_progress", "completed"}:
        lines.append(HistoryLine(session.starts_at, t("Began")))
    if status == "completed":
        lines.append(HistoryLine(session.ends_at, t("Completed")))
    if status == "no_show" and session.missed_by == "coach":
        lines.append(HistoryLine(session.starts_at, t("The coach did not come")))
    elif status == "no_show":
        lines.append(HistoryLine(session.starts_at, t("The client did not come")))
    return lines


async def _move_lines(tx: Tx, session: CoachingSession, zone: str) -> list[HistoryLine]:
    lines: list[HistoryLine] = []
    for one in await _moves(tx, session):
        who = t("the coach") if one.moved_by == "coach" else t("the client")
        words = t("Moved by {who} from {when}", who=who, when=when(one.old_starts_at, zone))
        if one.reason:
            words += t(": “{reason}”", reason=one.reason)
        lines.append(HistoryLine(one.moved_at, words))
    return lines


async def _moves(tx: Tx, session: CoachingSession) -> list[SessionMove]:
    found = select(SessionMove).where(col(SessionMove.session_id) == session.id)
    return list(await tx.db.scalars(found.order_by(col(SessionMove.id))))
