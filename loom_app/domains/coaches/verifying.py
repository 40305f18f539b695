"""Staff decides whether a coach may be booked: once for each submission, with words for the coach.

Two who decide at once lock one row: the second is told that it is decided.
"""

from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.coaches import events, rules, standing_rules
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.onboarding import STAFF, show_titles, unlink
from loom_app.domains.coaches.standing_models import CoachCredential, CoachDecision, CoachStanding
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid
from loom_app.kit.text import t


async def approve(tx: Tx, me: Actor, coach_id: int, seen: int, ticked: Iterable[str]) -> None:
    """The coach can be booked from now on; the page shows the proofs that were handed in, and the
    document of who they are is deleted. `seen`: the submission that was looked at.

    Raises Forbidden, StepUpNeeded, Invalid on "checks", Conflict where it is decided or was
    submitted anew.
    """
    staff_id = _allowed(tx, me, coach_id)
    checks = standing_rules.check_ticked(ticked)
    async with tx.acting_as_system(STAFF):
        row = await _waiting(tx, coach_id, seen)
        first = row.verified_at is None
        row.verified_at = row.verified_at or tx.now
        row.review, row.reason, row.decided_at = "none", "", tx.now
        await tx.db.flush()
        await _settle(tx, coach_id, "verified")
        await show_titles(tx, coach_id)
        keys = await _forget_identity(tx, coach_id)
        shown = first and row.hidden_at is None and await _publish(tx, coach_id)
        number = await _note(tx, coach_id, staff_id, "approved")
    await unlink(tx, keys)
    after = {"first": first, "checks": list(checks), "published": shown}
    await audit(tx, "coach.approve", "person", coach_id, after=after)
    await tx.emit(events.CoachVerified(coach_id, number, first=first, published=shown))
    if shown:
        await tx.emit(events.CoachPublished(coach_id))
        tx.signal(f"coach:{coach_id}:slots")
    _tell(tx, coach_id)


async def send_back(tx: Tx, me: Actor, coach_id: int, seen: int, reason: str) -> None:
    """Something has to change first; the coach is told the reason in these words.

    Raises Forbidden, StepUpNeeded, Invalid on "reason", Conflict as `approve` does.
    """
    staff_id = _allowed(tx, me, coach_id)
    words = standing_rules.check_return(reason)
    async with tx.acting_as_system(STAFF):
        row = await _waiting(tx, coach_id, seen)
        row.review, row.reason, row.decided_at = "changes", words, tx.now
        await tx.db.flush()
        await _settle(tx, coach_id, "draft")
        number = await _note(tx, coach_id, staff_id, "returned", words)
    await audit(tx, "coach.send_back", "person", coach_id, reason=words[:300])
    await tx.emit(events.CoachSentBack(coach_id, number))
    _tell(tx, coach_id)


def _allowed(tx: Tx, me: Actor, coach_id: int) -> int:
    staff_id = me.require("coaches.verify")
    require_step_up(tx, me)
    if coach_id == staff_id:
        raise Forbidden(t("Somebody else has to verify you."))
    return staff_id


async def _waiting(tx: Tx, coach_id: int, seen: int) -> CoachStanding:
    """Locked. Raises Conflict."""
    row = await tx.db.get(CoachStanding, coach_id, with_for_update=True, populate_existing=True)
    if row is None or row.review != "waiting":
        raise Conflict(t("Somebody else has decided this a moment ago. Look at the history."))
    newest = await tx.db.scalar(
        select(func.max(col(CoachDecision.id))).where(
            col(CoachDecision.coach_id) == coach_id, col(CoachDecision.kind) == "submitted"
        )
    )
    if newest != seen:
        raise Conflict(t("The coach submitted it anew while you looked. Look at it once more."))
    return row


async def _settle(tx: Tx, coach_id: int, status: str) -> None:
    values = {"status": status, "verified_at": tx.now if status == "verified" else None}
    await tx.db.execute(
        update(CoachCredential)
        .where(col(CoachCredential.coach_id) == coach_id, col(CoachCredential.status) == "waiting")
        .values(**values)
    )


async def _forget_identity(tx: Tx, coach_id: int) -> list[str]:
    """Who they are was seen: what shows it is not kept for longer than that takes."""
    seen = (
        col(CoachCredential.coach_id) == coach_id,
        col(CoachCredential.kind) == "identity",
        col(CoachCredential.status) == "verified",
        col(CoachCredential.key) != "",
    )
    keys = list(await tx.db.scalars(select(col(CoachCredential.key)).where(*seen)))
    await tx.db.execute(
        update(CoachCredential).where(*seen).values(key="", name="", mime="", bytes=0)
    )
    return keys


async def _publish(tx: Tx, coach_id: int) -> bool:
    """What was submitted to be shown is shown, unless something was taken away meanwhile, or the
    coach is suspended or about to leave, as the database knows."""
    page = await tx.db.get_one(CoachProfile, coach_id, with_for_update=True, populate_existing=True)
    sold = await tx.db.scalar(
        select(func.count())
        .select_from(Offering)
        .where(col(Offering.coach_id) == coach_id, col(Offering.archived_at).is_(None))
    )
    try:
        rules.check_publishable(
            headline=page.headline,
            bio=page.bio,
            specialties=page.specialties,
            offerings=sold or 0,
        )
    except Invalid:
        return False
    try:
        async with tx.db.begin_nested():
            page.status, page.published_at = "published", page.published_at or tx.now
            await tx.db.flush()
    except IntegrityError:
        return False
    return True


async def _note(tx: Tx, coach_id: int, by_id: int, kind: str, words: str = "") -> int:
    row = CoachDecision(coach_id=coach_id, by_id=by_id, kind=kind, words=words, at=tx.now)
    tx.db.add(row)
    await tx.db.flush()
    return row.id or 0


def _tell(tx: Tx, coach_id: int) -> None:
    tx.signal("staff:coaches")
    tx.signal(f"person:{coach_id}:standing")
