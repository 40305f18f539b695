"""Sign-ins on devices: they begin, are used, and end."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text, update
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.models import (
    AuthSession,
)
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in: the token goes into the cookie and nowhere else."""

    token: str
    user_id: int
    return_to: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    agent: str = ""
    address: str = ""


_TOUCH = text(
    "UPDATE auth_sessions SET seen_at = :now, idle_until = least(expires_at,"
    " :now + CASE WHEN remember THEN CAST(:long AS interval) ELSE CAST(:idle AS interval) END)"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND seen_at < :now - interval '1 minute'"
)


async def touch(tx: Tx, session_ids: Collection[int]) -> None:
    """Remember that these sessions were used, and move their idle end; at most once a minute."""
    if session_ids:
        idle, _ = rules.lifetime(remember=False)
        long_idle, _ = rules.lifetime(remember=True)
        values = {"ids": sorted(session_ids), "now": tx.now, "idle": idle, "long": long_idle}
        await tx.db.execute(_TOUCH, values)


async def sign_out(tx: Tx, me: Actor, token: str) -> None:
    """End the session of this cookie; idempotent."""
    async with tx.acting_as_system("accounts.session"):
        await revoke(tx, token)
    if me.person_id is not None:
        await audit(tx, "account.sign_out", "user", me.person_id)


async def sign_out_everywhere(tx: Tx, me: Actor) -> None:
    """End all sessions of the caller."""
    user_id = me.require_person()
    await end_all(tx, user_id)
    await audit(tx, "account.sign_out_everywhere", "user", user_id)


async def end_session(tx: Tx, me: Actor, session_id: int) -> None:
    """End one of the caller's own sign-ins; one that is over already is fine.

    Raises NotFound for anybody else's, Forbidden for visitors.
    """
    user_id = me.require_person()
    async with tx.acting_as_system("accounts.session"):
        found = await tx.db.get(AuthSession, session_id, with_for_update=True)
        if found is None or found.user_id != user_id:
            raise NotFound
        if found.revoked_at is not None:
            return
        found.revoked_at = tx.now
        await tx.db.flush()
    tx.signal(f"auth:{session_id}")
    tx.signal(f"person:{user_id}:sign-ins")
    await audit(tx, "account.end_session", "user", user_id, after={"session": session_id})


async def end_other_sessions(tx: Tx, me: Actor) -> int:
    """End all sign-ins of the caller but this one; returns how many ended."""
    user_id = me.require_person()
    ended = await end_all(tx, user_id, but=me.session_id)
    await audit(tx, "account.end_other_sessions", "user", user_id, after={"ended": ended})
    return ended


async def end_all(tx: Tx, user_id: int, *, but: int | None = None) -> int:
    """End a person's sign-ins, sockets included; returns how many ended."""
    async with tx.acting_as_system("accounts.session"):
        ended = await tx.db.scalars(
            update(AuthSession)
            .where(
                col(AuthSession.user_id) == user_id,
                col(AuthSession.revoked_at).is_(None),
                col(AuthSession.id) != (but or 0),
            )
            .values(revoked_at=tx.now)
            .returning(col(AuthSession.id))
        )
        numbers = ended.all()
    for session_id in numbers:
        tx.signal(f"auth:{session_id}")
    tx.signal(f"person:{user_id}:sign-ins")
    return len(numbers)


async def start_session(
    tx: Tx,
    user_id: int,
    device: Device,
    *,
    remember: bool,
    proven: bool = False,
    mfa: bool = False,
) -> str:
    """A new sign-in; returns the token for the cookie. `proven` by a password or an equal, `mfa` by
    a second factor as well."""
    token = tokens.new_token()
    idle, absolute = rules.lifetime(remember=remember)
    tx.db.add(
        AuthSession(
            user_id=user_id,
            token_hash=tokens.digest(token),
            remember=remember,
            agent=device.agent[:300],
            address=device.address[:64],
            created_at=tx.now,
            seen_at=tx.now,
            idle_until=tx.now + idle,
            expires_at=tx.now + absolute,
            proven_at=tx.now if proven else None,
            mfa=mfa,
        )
    )
    await tx.db.flush()
    tx.signal(f"person:{user_id}:sign-ins")
    return token


async def revoke(tx: Tx, token: str) -> None:
    session_id = await tx.db.scalar(
        update(AuthSession)
        .where(
            col(AuthSession.token_hash) == tokens.digest(token),
            col(AuthSession.revoked_at).is_(None),
        )
        .values(revoked_at=tx.now)
        .returning(col(AuthSession.id))
    )
    if session_id is not None:
        tx.signal(f"auth:{session_id}")
