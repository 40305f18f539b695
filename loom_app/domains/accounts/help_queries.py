"""Reads for helping somebody back in. Re-exported by `queries`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.links import FACTOR, open_link
from loom_app.domains.accounts.models import Credential, EmailLink, User
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

SYSTEM = "accounts.help"


@dataclass(frozen=True)
class FactorResetView:
    """That a second factor is to be taken away: by whom it is lost, and from when on."""

    zone: str
    due_at: datetime
    is_due: bool


async def factor_reset(tx: Tx, token: str) -> FactorResetView:
    """What a mailed link is about. Raises NotFound, LinkUsed, LinkExpired."""
    async with tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, FACTOR)
        due = await due_at(tx, link)
        user = await tx.db.get_one(User, link.user_id)
        return FactorResetView(user.zone, due, due <= tx.now)


async def factor_reset_of(tx: Tx, user_id: int) -> datetime | None:
    """From when on somebody's second factor can be taken away, if staff began that."""
    async with tx.acting_as_system(SYSTEM):
        link = await tx.db.scalar(
            select(EmailLink).where(
                col(EmailLink.user_id) == user_id,
                col(EmailLink.purpose) == FACTOR,
                col(EmailLink.used_at).is_(None),
                col(EmailLink.expires_at) > tx.now,
            )
        )
        return await due_at(tx, link) if link is not None else None


async def due_at(tx: Tx, link: EmailLink) -> datetime:
    """A day after staff began it, and after the last new password, which a thief of the mailbox
    may have chosen; acting as `accounts.*`. Raises NotFound."""
    changed = await tx.db.scalar(
        select(col(Credential.changed_at)).where(col(Credential.user_id) == link.user_id)
    )
    if changed is None:
        raise NotFound
    return max(link.created_at, changed) + rules.FACTOR_WAIT


@dataclass(frozen=True)
class HelpView:
    """What staff sees of somebody who asks for help. `factor_since` is None without a second
    factor, `reset_due` where nobody began to take it away; `within`: they may not do more than who
    looks, who may help them therefore."""

    id: int
    name: str
    email: str
    since: datetime
    sign_ins: int
    last_seen: datetime | None
    factor_since: datetime | None
    codes_left: int
    password_changed: timedelta
    reset_due: datetime | None
    within: bool
