"""Somebody may not sign in for a while, or for good. Every sign-in of theirs ends at once.

It is enforced where identity is: `running` is part of what makes a sign-in alive (`queries`), and
`begin_session` and `start_session` begin none. Whoever proves who they are gets a token instead,
which opens the page with the reason and the appeal and nothing else.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.accounts import events
from loom_app.domains.accounts.actions.helping import within_of
from loom_app.domains.accounts.actions.sessions import end_all
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.models import User
from loom_app.domains.accounts.suspension_models import Suspension
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, NotFound
from loom_app.kit.text import t

SYSTEM = "accounts.suspend"


async def suspend(
    tx: Tx, me: Actor, person_id: int, case_id: int, *, reason: str, until: datetime | None
) -> int:
    """End all sign-ins of somebody and begin none until then; None is for good. Returns its number.

    Raises Forbidden, StepUpNeeded, NotFound, Conflict where they are suspended already.
    """
    me.require("people.moderate")
    require_step_up(tx, me)
    if person_id == me.person_id:
        raise Forbidden(t("Nobody suspends themselves."))
    async with tx.acting_as_system(SYSTEM):
        # two who suspend at once, and a sign-in that begins meanwhile, wait for this row; what
        # names the person goes on, as it may hold what a reaction to this waits for
        lock = {"key_share": True}
        if await tx.db.get(User, person_id, with_for_update=lock) is None:
            raise NotFound
        if not await within_of(tx, me, person_id):
            raise Forbidden(t("They may do more than you. Ask an owner."))
        await _close_over(tx, person_id)
        row = Suspension(
            person_id=person_id,
            by_id=me.person_id,
            case_id=case_id,
            reason=reason,
            at=tx.now,
            until_at=until,
        )
        try:
            async with tx.db.begin_nested():
                tx.db.add(row)
                await tx.db.flush()
        except IntegrityError:
            raise Conflict(t("They are suspended already.")) from None
    number = row.id or 0
    ended = await end_all(tx, person_id)
    after = {"until": until.isoformat() if until else "", "ended": ended}
    await audit(tx, "account.suspend", "user", person_id, after=after, reason=reason[:300])
    if until is not None:
        await tx.enqueue("accounts.end_suspension", {"id": number}, at=until)
    await tx.emit(events.PersonSuspended(person_id, number, case_id))
    return number


async def lift(tx: Tx, me: Actor, case_id: int, how: str) -> None:
    """End the suspension of a decision before its time; one that is over is fine.

    Raises Forbidden, StepUpNeeded.
    """
    me.require("people.moderate")
    require_step_up(tx, me)
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.scalar(
            select(Suspension)
            .where(col(Suspension.case_id) == case_id, col(Suspension.ended_at).is_(None))
            .with_for_update()
        )
        if row is None:
            return
        row.ended_at, row.ended_how = tx.now, how
        await tx.db.flush()
    await audit(tx, "account.unsuspend", "user", row.person_id, after={"how": how})
    await tx.emit(events.SuspensionEnded(row.person_id, row.id or 0, how))


async def end_suspension(tx: Tx, suspension_id: int) -> None:
    """The queued work at its end; one that was lifted before is left."""
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Suspension, suspension_id, with_for_update=True)
        if row is None or row.ended_at is not None or row.until_at is None:
            return
        if row.until_at > tx.now:
            await tx.enqueue("accounts.end_suspension", {"id": suspension_id}, at=row.until_at)
            return
        row.ended_at, row.ended_how = tx.now, "over"
        await tx.db.flush()
    await audit(tx, "account.unsuspend", "user", row.person_id, after={"how": "over"})
    await tx.emit(events.SuspensionEnded(row.person_id, suspension_id, "over"))


async def _close_over(tx: Tx, person_id: int) -> None:
    """One whose time is over and whose job has not come yet makes room for another."""
    row = await tx.db.scalar(
        select(Suspension)
        .where(
            col(Suspension.person_id) == person_id,
            col(Suspension.ended_at).is_(None),
            col(Suspension.until_at) <= tx.now,
        )
        .with_for_update()
    )
    if row is not None:
        row.ended_at, row.ended_how = tx.now, "over"
        await tx.db.flush()
