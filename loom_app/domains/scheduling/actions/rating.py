"""What a client thought of a session."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.models import CoachingSession, Seat, SessionRating
from loom_app.domains.scheduling.rules.transitions import RATING_CHANGES, may_rate
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

WORDS_MAX = 2000


async def rate(
    tx: Tx, me: Actor, session_id: int, stars: int, feedback: str = "", private_note: str = ""
) -> None:
    """Rate one's own session from 1 to 5, with words for everybody and words for the coach alone.

    One rating a session, which can be changed for two weeks. Raises NotFound, Forbidden before the
    session took place or after that time, Invalid by field.
    """
    if not 1 <= stars <= 5:
        raise Invalid(t("Choose one to five stars."), field="stars")
    feedback = limited(feedback, WORDS_MAX, "feedback")
    private_note = limited(private_note, WORDS_MAX, "private_note")
    person_id = me.require_person()
    seat = await tx.db.scalar(
        select(Seat)
        .where(col(Seat.session_id) == session_id, col(Seat.client_id) == person_id)
        .order_by(col(Seat.id).desc())
        .limit(1)
    )
    if seat is None or seat.id is None:
        raise NotFound
    seen = await tx.db.get(CoachingSession, session_id, populate_existing=True)
    if not may_rate(seat.status, seen.missed_by if seen else ""):
        raise Forbidden(t("A session can be rated once it took place."))
    async with tx.acting_as_system("scheduling.rate"):
        found = await tx.db.get(SessionRating, seat.id, with_for_update=True)
        if found is None:
            found = SessionRating(
                seat_id=seat.id,
                coach_id=seat.coach_id,
                client_id=person_id,
                rated_at=tx.now,
                stars=stars,
                changed_at=tx.now,
            )
            tx.db.add(found)
        elif tx.now > found.rated_at + RATING_CHANGES:
            raise Forbidden(t("A rating can be changed for two weeks."))
        found.stars, found.changed_at = stars, tx.now
        found.feedback, found.private_note = feedback, private_note
        await tx.db.flush()
        await audit(tx, "session.rate", "session", session_id, after={"stars": stars})
        session = await tx.db.get(CoachingSession, session_id)
        if session is not None:
            common.tell(tx, session, [seat])
    await tx.emit(events.SessionRated(session_id, seat.id, seat.coach_id, person_id, stars))
