"""Somebody who came for a coach wants to be one as well."""

from sqlalchemy import func, update
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.models import AuthSession, User
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.text import t

SYSTEM = "accounts.become"


async def become_coach(tx: Tx, me: Actor) -> None:
    """The role of a coach beside what one is; nobody can book them before staff has verified them.
    Sign-ins live no longer than a coach's from now on. Idempotent.

    Raises Forbidden for visitors and before the address is confirmed.
    """
    user_id = me.require_person()
    if not me.verified:
        raise Forbidden(t("Confirm your mail address first."))
    async with tx.acting_as_system(SYSTEM):
        user = await tx.db.get(User, user_id, with_for_update=True, populate_existing=True)
        if user is None:
            raise NotFound
        if "coach" in user.roles:
            return
        user.roles = [*user.roles, "coach"]
        await tx.db.flush()
        idle, absolute = rules.lifetime(user.roles, remember=True)
        await tx.db.execute(
            update(AuthSession)
            .where(col(AuthSession.user_id) == user_id, col(AuthSession.revoked_at).is_(None))
            .values(
                idle_minutes=func.least(
                    col(AuthSession.idle_minutes), int(idle.total_seconds() // 60)
                ),
                idle_until=func.least(col(AuthSession.idle_until), tx.now + idle),
                expires_at=func.least(col(AuthSession.expires_at), tx.now + absolute),
            )
        )
    await audit(tx, "account.become_coach", "user", user_id)
    tx.signal(f"person:{user_id}:profile")
