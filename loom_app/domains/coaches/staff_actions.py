"""Staff look after what coaches show: every step with a reason, which stands in the trail."""

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.coaches import events
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.onboarding import standing_row
from loom_app.domains.coaches.standing_models import CoachDecision, CoachStanding
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.words import limited, reason_given

SYSTEM = "coaches.staff"


async def correct_page(
    tx: Tx, me: Actor, coach_id: int, *, headline: str, bio: str, reason: str
) -> None:
    """Other words on a coach's page.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "headline", "bio" or "reason".
    """
    words = _allowed(tx, me, reason)
    headline, bio = limited(headline, 120, "headline"), limited(bio, 4000, "bio")
    async with tx.acting_as_system(SYSTEM):
        row = await _profile(tx, coach_id)
        wanted = {"headline": headline, "bio": bio}
        changed = [name for name, value in wanted.items() if getattr(row, name) != value]
        if not changed:
            return
        row.headline, row.bio = headline, bio
        await tx.db.flush()
    await audit(tx, "coach.correct", "coach", coach_id, after={"fields": changed}, reason=words)


async def hide(tx: Tx, me: Actor, coach_id: int, reason: str) -> None:
    """Out of the directory until staff shows it again; what is booked stays. The coach reads the
    reason. Idempotent.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason".
    """
    words = _allowed(tx, me, reason)
    async with tx.acting_as_system(SYSTEM):
        standing = await _standing(tx, coach_id)
        row = await _profile(tx, coach_id)
        if standing.hidden_at is not None:
            return
        before, row.status = row.status, "draft"
        standing.hidden_at, standing.hidden_why = tx.now, words
        decision = _decision(tx, me, coach_id, "hidden", words)
        tx.db.add(decision)
        await tx.db.flush()
    states = {"before": {"status": before}, "after": {"status": "draft"}}
    await audit(tx, "coach.hide", "coach", coach_id, reason=words, **states)
    await tx.emit(events.CoachHidden(coach_id))
    await tx.emit(events.CoachTakenOut(coach_id, decision.id or 0))
    tx.signal(f"person:{coach_id}:standing")


async def show(tx: Tx, me: Actor, coach_id: int, reason: str) -> None:
    """The coach may publish the page again, and does it themselves. Idempotent.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason".
    """
    words = _allowed(tx, me, reason)
    async with tx.acting_as_system(SYSTEM):
        standing = await _standing(tx, coach_id)
        if standing.hidden_at is None:
            return
        standing.hidden_at, standing.hidden_why = None, ""
        tx.db.add(_decision(tx, me, coach_id, "shown", words))
        await tx.db.flush()
    await audit(tx, "coach.show", "coach", coach_id, reason=words)
    tx.signal(f"person:{coach_id}:standing")


async def set_aside(tx: Tx, coach_id: int) -> None:
    """A suspended coach's page leaves the directory; nothing of it changes."""
    await _turn(tx, coach_id, "published", "suspended")


async def take_up(tx: Tx, coach_id: int) -> None:
    """The page is back where it was, unless staff hid it or it was no page before."""
    async with tx.acting_as_system(SYSTEM):
        standing = await tx.db.get(CoachStanding, coach_id, populate_existing=True)
    hidden = standing is not None and standing.hidden_at is not None
    await _turn(tx, coach_id, "suspended", "draft" if hidden else "published")


async def _turn(tx: Tx, coach_id: int, before: str, after: str) -> None:
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(CoachProfile, coach_id, with_for_update=True, populate_existing=True)
        if row is None or row.status != before:
            return
        row.status = after
        await tx.db.flush()
    await tx.emit(
        events.CoachPublished(coach_id) if after == "published" else events.CoachHidden(coach_id)
    )
    tx.signal(f"coach:{coach_id}:slots")


def _decision(tx: Tx, me: Actor, coach_id: int, kind: str, words: str) -> CoachDecision:
    return CoachDecision(coach_id=coach_id, by_id=me.person_id, kind=kind, words=words, at=tx.now)


async def take_off_sale(tx: Tx, me: Actor, offering_id: int, reason: str) -> None:
    """Nobody can book it any more; what is booked stays. Idempotent.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason".
    """
    words = _allowed(tx, me, reason)
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Offering, offering_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound
        if row.archived_at is not None:
            return
        row.archived_at = tx.now
        await tx.db.flush()
    states = {"before": {"on_sale": True}, "after": {"on_sale": False}}
    await audit(tx, "offering.take_off", "offering", offering_id, reason=words, **states)
    await tx.emit(events.OfferingChanged(row.coach_id))
    tx.signal(f"coach:{row.coach_id}:slots")


def _allowed(tx: Tx, me: Actor, reason: str) -> str:
    me.require("content.keep")
    require_step_up(tx, me)
    return reason_given(reason)


async def _standing(tx: Tx, coach_id: int) -> CoachStanding:
    """Locked, and before the profile, as everywhere. Raises NotFound."""
    if await tx.db.get(CoachProfile, coach_id) is None:
        raise NotFound
    return await standing_row(tx, coach_id)


async def _profile(tx: Tx, coach_id: int) -> CoachProfile:
    row = await tx.db.get(CoachProfile, coach_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row
