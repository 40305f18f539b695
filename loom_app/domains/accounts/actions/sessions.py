"""Sign-ins on devices: they begin, are used, and end."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.models import (
    AuthSession,
    User,
)
from loom_app.domains.accounts.staff_queries import is_of_staff
from loom_app.domains.accounts.suspension_queries import suspended_case
from loom_app.domains.accounts.tokens import held_by
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in: the token goes into the cookie and nowhere else. Or half of one: `step` is the
    token of a second step then, and nobody is signed in. `lacks_factor`: of staff, who need one.
    `suspended`: the token of the page with the reason and the appeal, and nobody is signed in."""

    token: str
    user_id: int
    return_to: str = ""
    remember: bool = False
    lacks_factor: bool = False
    step: str = ""
    suspended: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    agent: str = ""
    address: str = ""


_TOUCH = text(
    "UPDATE auth_sessions SET seen_at = :now,"
    " idle_until = least(expires_at, :now + idle_minutes * interval '1 minute')"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND seen_at < :now - interval '1 minute'"
)


async def touch(tx: Tx, session_ids: Collection[int]) -> None:
    """Remember that these sessions were used, and move their idle end; at most once a minute."""
    if session_ids:
        await tx.db.execute(_TOUCH, {"ids": sorted(session_ids), "now": tx.now})


@dataclass(frozen=True, slots=True)
class Renewed:
    """A new token for the cookie of a sign-in that goes on; `max_age` in seconds, None where the
    cookie ends with the browser."""

    token: str
    max_age: int | None


async def renew(tx: Tx, token: str) -> Renewed | None:
    """Another token for the sign-in of this cookie, once a day; None while there is no need.

    The former token stays good until a minute after the new one was first seen, so that a lost
    answer or a second tab costs nobody their sign-in. Sockets know the record, and stay.
    """
    async with tx.acting_as_system("accounts.session"):
        row = await tx.db.scalar(
            select(AuthSession)
            .where(held_by(token, tx.now), col(AuthSession.revoked_at).is_(None))
            .with_for_update()
        )
        if row is None:
            return None
        current = row.token_hash == tokens.digest(token)
        if current and row.former_hash is not None and row.former_until is None:
            row.former_until = tx.now + rules.FORMER_LIFE
        lost = not current and row.former_until is None
        age = tx.now - row.renewed_at
        if age < (rules.FORMER_LIFE if lost else rules.RENEW_AFTER):
            return None
        return await _renew(tx, row, former=token)


async def renew_now(tx: Tx, me: Actor) -> Renewed | None:
    """Another token after what one may do has changed; the former one is good for a minute more.
    None for whom no sign-in is known."""
    async with tx.acting_as_system("accounts.session"):
        row = await tx.db.get(AuthSession, me.session_id or 0, with_for_update=True)
        if row is None or row.revoked_at is not None:
            return None
        made = await _renew(tx, row)
        row.former_until = tx.now + rules.FORMER_LIFE
        await tx.db.flush()
        return made


async def shorten(tx: Tx, user_id: int) -> None:
    """Somebody became staff, acting as `accounts.*`: their sign-ins live no longer than those of
    staff, and get another token with the next page that is opened."""
    idle, absolute = rules.lifetime((), remember=False, staff=True)
    await tx.db.execute(
        update(AuthSession)
        .where(col(AuthSession.user_id) == user_id, col(AuthSession.revoked_at).is_(None))
        .values(
            idle_minutes=int(idle.total_seconds() // 60),
            idle_until=func.least(col(AuthSession.idle_until), tx.now + idle),
            expires_at=func.least(col(AuthSession.expires_at), tx.now + absolute),
            renewed_at=tx.now - rules.RENEW_AFTER,
        )
    )


async def _renew(tx: Tx, row: AuthSession, *, former: str = "") -> Renewed:
    token = tokens.new_token()
    row.former_hash = tokens.digest(former) if former else row.token_hash
    row.former_until = None
    row.token_hash, row.renewed_at = tokens.digest(token), tx.now
    await tx.db.flush()
    left = int((row.expires_at - tx.now).total_seconds())
    return Renewed(token, left if row.remember else None)


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
    a second factor as well. Raises Forbidden for who is suspended: callers have led them away."""
    token = tokens.new_token()
    user = await tx.db.get_one(User, user_id)
    if await suspended_case(tx, user_id):
        raise Forbidden(t("This account is suspended."))
    idle, absolute = rules.lifetime(
        user.roles, remember=remember, staff=await is_of_staff(tx, user_id)
    )
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
            idle_minutes=int(idle.total_seconds() // 60),
            renewed_at=tx.now,
        )
    )
    await tx.db.flush()
    tx.signal(f"person:{user_id}:sign-ins")
    return token


async def revoke(tx: Tx, token: str) -> None:
    session_id = await tx.db.scalar(
        update(AuthSession)
        .where(
            held_by(token, tx.now),
            col(AuthSession.revoked_at).is_(None),
        )
        .values(revoked_at=tx.now)
        .returning(col(AuthSession.id))
    )
    if session_id is not None:
        tx.signal(f"auth:{session_id}")
