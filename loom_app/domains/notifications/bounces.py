"""Addresses that take no mail: nothing goes there any more until the person says it works again.

Only links that somebody asked for (`links` in the catalogue) are still tried: they are few, limited
at their door, and without them nobody who is locked out would ever come back. Of an address only
its digest is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.notifications.actions import send_test
from loom_app.integrations.mail.reports import Report
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.security import tokens

DOOR = Actor.system_job("notifications.bounces")
READER = "notifications.address"

_STOP = text(
    "INSERT INTO mail_suppressions (digest, reason, detail, at)"
    " VALUES (:digest, :reason, :detail, :now) ON CONFLICT (digest) DO UPDATE"
    " SET reason = excluded.reason, detail = excluded.detail, at = excluded.at"
)
_MARK = text(
    "UPDATE deliveries SET status = :status, last_error = :detail"
    " WHERE id = :id AND channel = 'mail' AND status IN ('sent', 'bounced')"
)
_FIND = text("SELECT reason, detail, at FROM mail_suppressions WHERE digest = :digest")
_LIFT = text("DELETE FROM mail_suppressions WHERE digest = :digest RETURNING reason")


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why nothing is sent to an address: `reason` is "bounced" or "complained", `detail` what the
    other side said."""

    reason: str
    detail: str
    at: datetime


async def record(tx: Tx, told: Report) -> None:
    """Acting as a system of notifications: mark the delivery, and send nothing more there. Told
    twice it stays the same; a complaint that follows a bounce counts as one."""
    marked = {"id": told.delivery, "status": told.kind, "detail": told.detail or told.kind}
    await tx.db.execute(_MARK, marked)
    values = {"reason": told.kind, "detail": told.detail, "now": tx.now}
    await tx.db.execute(_STOP, {"digest": _digest(told.address), **values})


async def stopped(tx: Tx, address: str) -> Stopped | None:
    """Whether nothing goes to an address, acting as a system of notifications."""
    row = (await tx.db.execute(_FIND, {"digest": _digest(address)})).first()
    return Stopped(*row) if row else None


async def mine(tx: Tx, me: Actor) -> Stopped | None:
    """Of one's own address."""
    async with tx.acting_as_system(READER):
        return await stopped(tx, await accounts.email_of(tx, me.require_person()))


async def works_again(tx: Tx, me: Actor) -> None:
    """One's own address is written to again, with a test at once: where that comes back, it stops
    again."""
    async with tx.acting_as_system(READER):
        address = await accounts.email_of(tx, me.require_person())
        lifted = await tx.db.scalar(_LIFT, {"digest": _digest(address)})
    if lifted:
        await send_test(tx, me)


def _digest(address: str) -> str:
    return tokens.digest(accounts.email_key(address))
