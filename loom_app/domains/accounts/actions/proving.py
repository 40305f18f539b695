"""Proving that the person is there: by a code of their second factor, or by their password."""

from sqlalchemy import select, update
from sqlmodel import col

from loom_app.domains.accounts.actions.second_factor import check_code, has_second_factor
from loom_app.domains.accounts.actions.signing_in import (
    begin_try,
    forget_failures,
)
from loom_app.domains.accounts.models import AuthSession, Credential
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.security import passwords
from loom_app.kit.text import t

PROOF = "proof"


async def prove(me: Actor, secret: str) -> None:
    """Prove that the person is there; counts for 15 minutes of this sign-in.

    `secret`: who has a second factor proves it by that, others by the password. Opens its own
    transactions, since hashing takes its time on purpose. Raises Invalid on "secret", TooMany after
    several wrong ones, Forbidden for visitors.
    """
    user_id = me.require_person()
    async with transaction(me) as tx:
        await begin_try(tx, str(user_id), PROOF)
        by_code = await has_second_factor(tx, user_id)
        password_hash = await tx.db.scalar(
            select(col(Credential.password_hash)).where(col(Credential.user_id) == user_id)
        )
    right = not by_code and await passwords.verify_password(password_hash, secret)
    async with transaction(me) as tx:
        if right or (by_code and await check_code(tx, user_id, secret)):
            await forget_failures(tx, str(user_id), PROOF)
            await _note(tx, me, mfa=by_code)
            await audit(tx, "account.prove", "user", user_id)
            return
        verb = "account.code_failed" if by_code else "account.proof_failed"
        await audit(tx, verb, "user", user_id)
    words = t("This code is not right.") if by_code else t("This is not your password.")
    raise Invalid(words, field="secret")


async def _note(tx: Tx, me: Actor, *, mfa: bool) -> None:
    async with tx.acting_as_system("accounts.session"):
        await tx.db.execute(
            update(AuthSession)
            .where(col(AuthSession.id) == me.session_id)
            .values(proven_at=tx.now, mfa=mfa)
        )
    tx.signal(f"person:{me.person_id}:profile")
