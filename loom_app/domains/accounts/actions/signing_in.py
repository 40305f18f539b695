"""Signing in with a password: the delay after failures, and the session that begins."""

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.second_factor import has_second_factor
from loom_app.domains.accounts.actions.sessions import Device, SignedIn, revoke, start_session
from loom_app.domains.accounts.errors import NotVerified, WrongCredentials
from loom_app.domains.accounts.models import (
    Credential,
    SecondStep,
    SignInThrottle,
    User,
)
from loom_app.domains.accounts.staff_queries import is_of_staff
from loom_app.domains.accounts.suspension_queries import appeal_token, suspended_case
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import TooMany
from loom_app.kit.security import passwords, tokens
from loom_app.kit.text import t


async def begin_try(tx: Tx, account: str, purpose: str = "address") -> None:
    """Count one more try before it is judged, so that many at once are not all judged; the fifth
    and later wrong ones cost a growing delay. `forget_failures` takes it back where it was right.

    `account` is an address as it was typed, or with a `purpose` of its own a person's id: what
    somebody types can never count for what is counted by id. Raises TooMany while the delay runs.
    """
    async with tx.acting_as_system("accounts.sign_in"):
        key = _key(account, purpose)
        # made first, so that two at once wait for one row and do not race to make it
        await tx.db.execute(
            insert(SignInThrottle)
            .values(key=key, failures=0, last_at=tx.now)
            .on_conflict_do_nothing()
        )
        row = await tx.db.get_one(SignInThrottle, key, with_for_update=True, populate_existing=True)
        if row.blocked_until and row.blocked_until > tx.now:
            wait = (row.blocked_until - tx.now).total_seconds()
            raise TooMany(
                t("Too many tries. Wait {n} seconds and try again.", n=max(1, round(wait))),
                retry_after=wait,
            )
        if tx.now - row.last_at > rules.FAILURE_WINDOW:
            row.failures = 0
        row.failures += 1
        row.last_at = tx.now
        delay = rules.delay_after(row.failures)
        row.blocked_until = tx.now + delay if delay else None
        await tx.db.flush()


def _key(account: str, purpose: str) -> str:
    return tokens.digest(f"{purpose}|{rules.email_key(account)}")


async def find_credential(tx: Tx, email: str) -> tuple[int, str] | None:
    """The id and password hash behind an address."""
    async with tx.acting_as_system("accounts.sign_in"):
        row = (
            await tx.db.execute(
                select(col(Credential.user_id), col(Credential.password_hash)).where(
                    col(Credential.email_key) == rules.email_key(email)
                )
            )
        ).first()
    return (row[0], row[1]) if row else None


async def forget_failures(tx: Tx, account: str, purpose: str = "address") -> None:
    async with tx.acting_as_system("accounts.sign_in"):
        key = _key(account, purpose)
        await tx.db.execute(delete(SignInThrottle).where(col(SignInThrottle.key) == key))


async def begin_session(  # noqa: PLR0913 - how somebody came in
    tx: Tx,
    me: Actor,
    user_id: int,
    device: Device,
    *,
    remember: bool,
    old_token: str = "",
    mfa: bool = False,
    return_to: str = "",
) -> SignedIn:
    """Sign in after the first factor was right; the caller's former session ends.

    Where the account has a second factor that was not passed yet (`mfa`), nobody is signed in: a
    second step begins, which goes on to `return_to`; nor where it is suspended. Raises NotVerified;
    the caller sends a new link then, since this transaction is rolled back.
    """
    async with tx.acting_as_system("accounts.sign_in"):
        # a suspension that begins meanwhile waits for this row, and then ends this sign-in
        user = await tx.db.get(User, user_id, with_for_update={"read": True})
        if user is None:
            raise WrongCredentials
        if user.verified_at is None:
            raise NotVerified
        if case_id := await suspended_case(tx, user_id):
            await audit(tx, "account.sign_in_suspended", "user", user_id)
            return SignedIn("", user_id, suspended=appeal_token(case_id))
        if not mfa and await has_second_factor(tx, user_id):
            step = await begin_second_step(tx, user_id, remember=remember, return_to=return_to)
            return SignedIn("", user_id, return_to, step=step)
        if old_token:
            await revoke(tx, old_token)
        lacks_factor = not mfa and await is_of_staff(tx, user_id)
        token = await start_session(tx, user_id, device, remember=remember, proven=True, mfa=mfa)
        await audit(tx, "account.sign_in", "user", user_id, after={"mfa": mfa})
    if me.visitor:
        await tx.emit(events.VisitorAdopted(me.visitor, user_id))
    return SignedIn(token, user_id, return_to, remember=remember, lacks_factor=lacks_factor)


async def begin_second_step(
    tx: Tx, user_id: int, *, remember: bool = False, return_to: str = ""
) -> str:
    """The token for a cookie of ten minutes, which only this browser has: with it and a code of the
    second factor it signs in (`pass_second_step`)."""
    token = tokens.new_token()
    async with tx.acting_as_system("accounts.second_factor"):
        await tx.db.execute(
            delete(SecondStep).where(
                col(SecondStep.user_id) == user_id, col(SecondStep.expires_at) <= tx.now
            )
        )
        tx.db.add(
            SecondStep(
                user_id=user_id,
                token_hash=tokens.digest(token),
                remember=remember,
                return_to=return_to,
                created_at=tx.now,
                expires_at=tx.now + rules.STEP_LIFE,
            )
        )
        await tx.db.flush()
    return token


async def renew_hash(tx: Tx, user_id: int, old_hash: str, new_hash: str) -> None:
    """The same password hashed with today's parameters; nothing where it was changed meanwhile."""
    async with tx.acting_as_system("accounts.sign_in"):
        await tx.db.execute(
            update(Credential)
            .where(col(Credential.user_id) == user_id, col(Credential.password_hash) == old_hash)
            .values(password_hash=new_hash)
        )


async def prepare_password(password: str) -> str:
    """Hash off the event loop; about 70 ms by design."""
    return await passwords.hash_password(password)
