"""Sessions that are about to begin, for whoever reminds of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Coming:
    """One seat with its client, and the coach with the first of a session. `agreed_at` is when it
    got its time: booked, or moved since."""

    session_id: int
    starts_at: datetime
    agreed_at: datetime
    people: tuple[int, ...]


async def coming(tx: Tx, until: datetime) -> list[Coming]:
    """Confirmed sessions that begin from now to an instant, acting as notifications."""
    session, seat = CoachingSession, Seat
    statement: Any = (
        select(
            col(session.id),
            col(session.starts_at),
            func.greatest(col(seat.booked_at), col(session.booked_at), col(session.moved_at)),
            col(session.coach_id),
            col(seat.client_id),
        )
        .join(seat, col(seat.session_id) == col(session.id))
        .where(
            col(session.status) == "confirmed",
            col(session.starts_at) > tx.now,
            col(session.starts_at) <= until,
            col(seat.status) == "confirmed",
            col(seat.client_id).is_not(None),
        )
        .order_by(col(session.id), col(seat.id))
    )
    rows: Any = (await tx.db.execute(statement)).all()
    found: list[Coming] = []
    for session_id, starts_at, agreed_at, coach_id, client_id in rows:
        first = not found or found[-1].session_id != session_id
        people = (coach_id, client_id) if first else (client_id,)
        found.append(Coming(session_id, starts_at, agreed_at or tx.now, people))
    return found
