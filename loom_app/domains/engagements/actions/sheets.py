"""Many at once: a file of people is kept, looked through, and sent; only what is good leaves."""

from dataclasses import asdict

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.engagements import rules
from loom_app.domains.engagements.actions.inviting import (
    Asked,
    one_at_a_time,
    require_inviter,
    send,
)
from loom_app.domains.engagements.errors import EnoughForToday
from loom_app.domains.engagements.invitation_queries import judged
from loom_app.domains.engagements.models import InvitationSheet
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t


async def keep_sheet(tx: Tx, me: Actor, raw: bytes) -> int:
    """Read a CSV and keep its people to be looked through; replaces the one before. Returns how
    many. Raises Forbidden, Invalid."""
    coach_id = require_inviter(me)
    lines = [asdict(line) for line in rules.read_sheet(raw)]
    kept = insert(InvitationSheet).values(user_id=coach_id, lines=lines, made_at=tx.now)
    again = {"lines": kept.excluded.lines, "made_at": kept.excluded.made_at}
    await tx.db.execute(kept.on_conflict_do_update(index_elements=["user_id"], set_=again))
    return len(lines)


async def drop_sheet(tx: Tx, me: Actor) -> None:
    """Begin anew; nothing was sent."""
    await tx.db.execute(
        delete(InvitationSheet).where(col(InvitationSheet.user_id) == me.require_person())
    )


async def send_sheet(tx: Tx, me: Actor) -> int:
    """Invite everybody of it who can be, as of now; returns how many. The sheet is gone then.

    Raises Forbidden, Invalid where nobody is left, EnoughForToday.
    """
    coach_id = require_inviter(me)
    await one_at_a_time(tx, coach_id)
    lines, left = await judged(tx, coach_id)
    good = [Asked(line.email, line.name, line.note) for line in lines if not line.problem]
    if not good:
        raise Invalid(t("There is nobody to invite in it."), field="file")
    if len(good) > left:
        raise EnoughForToday(left)
    await send(tx, coach_id, good)
    await drop_sheet(tx, me)
    return len(good)
