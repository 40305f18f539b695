"""Where a video session takes place, and when its door is open."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select, text
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.integrations.video import jitsi
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=30)
BOOKED = ("confirmed", "in_progress", "completed")
Door = Literal["early", "open", "over"]

_OWN = text("SELECT url FROM meeting_links WHERE coach_id = :coach")


@dataclass(frozen=True, slots=True)
class Room:
    """`address` and `own` are empty unless the door is open; `own` is the coach's own meeting."""

    session_id: int
    title: str
    other: str
    other_id: int
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    door: Door
    address: str = ""
    own: str = ""


def opens_at(starts_at: datetime) -> datetime:
    return starts_at - BEFORE


def door(status: str, starts_at: datetime, ends_at: datetime, now: datetime) -> Door:
    """Open from ten minutes before the start to half an hour after the end."""
    if status not in BOOKED or now >= ends_at + AFTER:
        return "over"
    return "open" if now >= opens_at(starts_at) else "early"


async def room(tx: Tx, me: Actor, session_id: int) -> Room:
    """For the people of a session that is a video call. Raises NotFound for everybody else."""
    person_id = me.require_person()
    row = (
        await tx.db.execute(
            select(CoachingSession, Seat)
            .join(Seat, col(Seat.session_id) == col(CoachingSession.id))
            .where(
                col(CoachingSession.id) == session_id,
                col(CoachingSession.place) == "video",
                col(Seat.status).in_(BOOKED),
                or_(col(Seat.client_id) == person_id, col(Seat.coach_id) == person_id),
            )
            .order_by(col(Seat.id).desc())
            .limit(1)
        )
    ).first()
    if row is None:
        raise NotFound(t("This session has no room here."))
    session, seat = row
    coaching = session.coach_id == person_id
    other_id = (seat.client_id or 0) if coaching else session.coach_id
    people = await accounts.people(tx, {other_id, person_id})
    crowded = coaching and session.capacity > 1
    name = people[other_id].name if other_id in people else ""
    if crowded:
        name = t("your group")
    hidden = session.capacity > 1 and not coaching and not seat.share_name
    state = door(seat.status, session.starts_at, session.ends_at, tx.now)
    found = Room(
        session_id,
        session.title,
        name,
        0 if crowded else other_id,
        session.starts_at,
        session.ends_at,
        opens_at(session.starts_at),
        state,
    )
    if state != "open":
        return found
    async with tx.acting_as_system("scheduling.room"):
        own = await tx.db.scalar(_OWN, {"coach": session.coach_id}) or ""
    entry = jitsi.address(
        session_id,
        # who does not show their name to the group writes one themselves
        name=people[person_id].name if person_id in people and not hidden else "",
        host=coaching,
        opens=found.opens_at,
        closes=session.ends_at + AFTER,
    )
    return replace(found, address="" if own else entry, own=own)


async def meeting_link(tx: Tx, me: Actor) -> str:
    """The coach's own meeting, as they wrote it; empty where Loom's rooms are used."""
    return await tx.db.scalar(_OWN, {"coach": me.require_person()}) or ""
