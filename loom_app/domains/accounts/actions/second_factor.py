"""An authenticator app as the second factor, and the codes for the day that it is lost."""

import re

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.sessions import end_all
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.links import FACTOR, void
from loom_app.domains.accounts.models import (
    AuthSession,
    RecoveryCode,
    SecondFactor,
    SecondStep,
)
from loom_app.domains.accounts.staff_queries import is_of_staff
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid
from loom_app.kit.security import tokens
from loom_app.kit.text import t

SYSTEM = "accounts.second_factor"
PURPOSE = "second-factor"
_DIGITS = re.compile(r"[0-9]{6}")


async def begin_second_factor(tx: Tx, me: Actor) -> str:
    """A new secret for the caller's app, in Base32; it counts once its first code confirms it, and
    until then the app before it does.

    Raises StepUpNeeded, Forbidden for visitors.
    """
    require_step_up(tx, me)
    user_id = me.require_person()
    secret = rules.new_secret()
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.get(SecondFactor, user_id, with_for_update=True)
        if found is None:
            found = SecondFactor(user_id=user_id, created_at=tx.now)
            tx.db.add(found)
        found.pending = tokens.encrypted(secret, PURPOSE)
        await tx.db.flush()
    return secret


async def confirm_second_factor(tx: Tx, me: Actor, code: str) -> list[str]:
    """Switch it on by a first code; returns the recovery codes, which are shown this once.

    This sign-in has passed it then; all others of the person end. Raises Invalid on "code",
    Conflict where nothing was begun, StepUpNeeded, Forbidden for visitors.
    """
    require_step_up(tx, me)
    user_id = me.require_person()
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.get(SecondFactor, user_id, with_for_update=True)
        if found is None or not found.pending:
            raise Conflict(t("Begin again: there is nothing to confirm."))
        step = _step(tx, found.pending, rules.clean_code(code), after=0)
        if step is None:
            raise Invalid(
                t("This code is not right. Wait for the next one, or check your phone's clock."),
                field="code",
            )
        found.secret, found.pending = found.pending, ""
        found.last_step, found.confirmed_at = step, tx.now
        codes = await _replace_codes(tx, user_id)
    await stop_reset(tx, user_id)
    await _passed(tx, me, mfa=True)
    await end_all(tx, user_id, but=me.session_id)
    await audit(tx, "account.second_factor_on", "user", user_id)
    await tx.emit(events.SecondFactorChanged(user_id, "on", len(codes)))
    return codes


async def renew_recovery_codes(tx: Tx, me: Actor) -> list[str]:
    """Ten new ones; the former open nothing any more.

    Raises StepUpNeeded, Conflict where no second factor is on, Forbidden for visitors.
    """
    require_step_up(tx, me)
    user_id = me.require_person()
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.get(SecondFactor, user_id, with_for_update=True)
        if found is None or found.confirmed_at is None:
            raise Conflict(t("Switch on the second factor first."))
        codes = await _replace_codes(tx, user_id)
    await audit(tx, "account.recovery_codes", "user", user_id)
    await tx.emit(events.SecondFactorChanged(user_id, "codes", len(codes)))
    return codes


async def remove_second_factor(tx: Tx, me: Actor) -> None:
    """Switch it off; all other sign-ins of the person end. What is off already is fine.

    Raises StepUpNeeded, Forbidden for visitors and for staff, who need one.
    """
    require_step_up(tx, me)
    user_id = me.require_person()
    async with tx.acting_as_system(SYSTEM):
        if await is_of_staff(tx, user_id):
            raise Forbidden(t("Staff need a second factor. Set up another app instead."))
        if not await take_factor_away(tx, user_id):
            return
    await stop_reset(tx, user_id)
    await _passed(tx, me, mfa=False)
    await end_all(tx, user_id, but=me.session_id)
    await audit(tx, "account.second_factor_off", "user", user_id)
    await tx.emit(events.SecondFactorChanged(user_id, "off"))


async def take_factor_away(tx: Tx, user_id: int) -> bool:
    """App, recovery codes and half sign-ins are gone, acting as `accounts.*`; False where there was
    no app."""
    found = await tx.db.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)
    if found is None:
        return False
    await tx.db.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    await tx.db.execute(delete(SecondStep).where(col(SecondStep.user_id) == user_id))
    await tx.db.delete(found)
    await tx.db.flush()
    return True


async def stop_reset(tx: Tx, user_id: int) -> None:
    """The second factor is not lost: what staff began comes to nothing. Nothing begun is fine."""
    async with tx.acting_as_system(SYSTEM):
        stopped = await void(tx, user_id, FACTOR)
    if stopped:
        await audit(tx, "account.factor_stop", "user", user_id)
        tx.signal(f"person:{user_id}:profile")


async def has_second_factor(tx: Tx, user_id: int) -> bool:
    """Whether signing in asks for a code."""
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.get(SecondFactor, user_id)
    return found is not None and found.confirmed_at is not None


async def check_code(tx: Tx, user_id: int, code: str) -> bool:
    """Whether a code of the app or a recovery code is right: each counts once, whoever else sends
    it at the same time. The caller counts failures."""
    right = await _is_right(tx, user_id, rules.clean_code(code))
    if right:
        await stop_reset(tx, user_id)
    return right


async def _is_right(tx: Tx, user_id: int, code: str) -> bool:
    async with tx.acting_as_system(SYSTEM):
        factor = await tx.db.get(
            SecondFactor, user_id, with_for_update=True, populate_existing=True
        )
        if factor is None or factor.confirmed_at is None:
            return False
        if _DIGITS.fullmatch(code):
            step = _step(tx, factor.secret, code, after=factor.last_step)
            if step is not None:
                factor.last_step = step
                await tx.db.flush()
            return step is not None
        return await _use_recovery_code(tx, user_id, code)


def _step(tx: Tx, encrypted: str, code: str, *, after: int) -> int | None:
    secret = tokens.decrypted(encrypted, PURPOSE)
    if secret is None or not _DIGITS.fullmatch(code):
        return None
    return rules.matching_step(secret, code, tx.now, after)


async def _use_recovery_code(tx: Tx, user_id: int, code: str) -> bool:
    used = await tx.db.scalar(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.code_hash) == tokens.digest(code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=tx.now)
        .returning(col(RecoveryCode.id))
    )
    if used is None:
        return False
    left = await tx.db.scalar(
        select(func.count()).where(
            col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None)
        )
    )
    await audit(tx, "account.recovery_code_used", "user", user_id, after={"left": left})
    await tx.emit(events.SecondFactorChanged(user_id, "used", left or 0))
    return True


async def _replace_codes(tx: Tx, user_id: int) -> list[str]:
    await tx.db.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = rules.new_recovery_codes()
    for code in codes:
        tx.db.add(RecoveryCode(user_id=user_id, code_hash=tokens.digest(rules.clean_code(code))))
    await tx.db.flush()
    return codes


async def _passed(tx: Tx, me: Actor, *, mfa: bool) -> None:
    async with tx.acting_as_system("accounts.session"):
        await tx.db.execute(
            update(AuthSession)
            .where(col(AuthSession.id) == me.session_id)
            .values(mfa=mfa, proven_at=tx.now)
        )
    tx.signal(f"person:{me.person_id}:profile")
