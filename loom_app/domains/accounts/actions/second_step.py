"""Between the first factor and the second: a short while, in one browser, with few tries."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.actions.second_factor import SYSTEM, check_code
from loom_app.domains.accounts.actions.sessions import Device, SignedIn
from loom_app.domains.accounts.actions.signing_in import (
    begin_session,
    begin_try,
    forget_failures,
)
from loom_app.domains.accounts.errors import SecondStepOver
from loom_app.domains.accounts.models import SecondStep
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.security import tokens

CODE = "code"


async def pass_second_step(
    tx: Tx, me: Actor, token: str, code: str, device: Device, *, old_token: str = ""
) -> SignedIn | None:
    """Sign in by the second factor; None for a wrong code, which is counted by this transaction.

    Raises SecondStepOver (the password again), TooMany while the account's delay runs.
    """
    async with tx.acting_as_system(SYSTEM):
        step = await tx.db.scalar(
            select(SecondStep)
            .where(col(SecondStep.token_hash) == tokens.digest(token))
            .with_for_update()
        )
        if step is None or step.expires_at <= tx.now or step.failures >= rules.WRONG_CODES:
            raise SecondStepOver
        account = str(step.user_id)
        await begin_try(tx, account, CODE)
        if not await check_code(tx, step.user_id, code):
            step.failures += 1
            await tx.db.flush()
            await audit(tx, "account.code_failed", "user", step.user_id)
            return None
        user_id, remember, return_to = step.user_id, step.remember, step.return_to
        await tx.db.delete(step)
        await tx.db.flush()
        await forget_failures(tx, account, CODE)
    return await begin_session(
        tx,
        me,
        user_id,
        device,
        remember=remember,
        old_token=old_token,
        mfa=True,
        return_to=return_to,
    )
