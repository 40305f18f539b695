"""What staff does with the audit trail: looking at what is odd, taking it out."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col

from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.kit.actor import Actor
from loom_app.kit.audit import AuditFlag, audit, chain
from loom_app.kit.db.transaction import Tx


async def see_flag(tx: Tx, me: Actor, flag_id: int) -> None:
    """Somebody has looked at it; again is fine. Raises Forbidden."""
    me.require("audit.read")
    async with tx.acting_as_system("audit.see"):
        await tx.db.execute(
            update(AuditFlag)
            .where(col(AuditFlag.id) == flag_id, col(AuditFlag.seen_at).is_(None))
            .values(seen_at=tx.now, seen_by=me.person_id)
        )
    tx.signal("staff:audit")


async def note_export(tx: Tx, me: Actor, asked: dict[str, Any]) -> None:
    """Before the trail leaves as a file. Raises Forbidden, StepUpNeeded."""
    me.require("audit.export")
    require_step_up(tx, me)
    await audit(tx, "audit.export", "audit", 0, after=asked)


async def check_chain(me: Actor) -> chain.Verdict:
    """Walk the whole chain of the trail, in transactions of its own. Raises Forbidden."""
    me.require("audit.read")
    return await chain.verify()
