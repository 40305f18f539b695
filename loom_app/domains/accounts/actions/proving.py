"""Before money and security change: is the person themselves still there?"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import col

from loom_app.domains.accounts.actions.signing_in import (
    check_throttle,
    forget_failures,
    record_failure,
)
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.accounts.models import AuthSession, Credential
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.security import passwords
from loom_app.kit.text import t

FRESH = timedelta(minutes=15)


def require_step_up(now: Tx | datetime, me: Actor) -> None:
    """Raises StepUpNeeded unless this sign-in proved who is there within the last 15 minutes,
    Forbidden for visitors. Jobs of the system need no proof."""
    if me.system is not None:
        return
    me.require_person()
    moment = now.now if isinstance(now, Tx) else now
    if me.stepped_up_at is None or moment - me.stepped_up_at > FRESH:
        raise StepUpNeeded(by_code=me.mfa)


async def prove(me: Actor, secret: str) -> None:
    """Prove by the password that the person is there; counts for 15 minutes of this sign-in.

    Opens its own transactions, since hashing takes its time on purpose. Raises Invalid on "secret",
    TooMany after several wrong ones, Forbidden for visitors.
    """
    user_id = me.require_person()
    account = f"prove:{user_id}"
    async with transaction(me) as tx:
        await check_throttle(tx, account)
        password_hash = await tx.db.scalar(
            select(col(Credential.password_hash)).where(col(Credential.user_id) == user_id)
        )
    right = await passwords.verify_password(password_hash, secret)
    async with transaction(me) as tx:
        if right:
            await forget_failures(tx, account)
            await _note(tx, me)
            await audit(tx, "account.prove", "user", user_id)
        else:
            await record_failure(tx, account)
            await audit(tx, "account.proof_failed", "user", user_id)
    if not right:
        raise Invalid(t("This is not your password."), field="secret")


async def _note(tx: Tx, me: Actor) -> None:
    async with tx.acting_as_system("accounts.session"):
        await tx.db.execute(
            update(AuthSession).where(col(AuthSession.id) == me.session_id).values(proven_at=tx.now)
        )
    tx.signal(f"person:{me.person_id}:profile")
