"""Signing up, in and out, and one's own profile."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed, NotVerified, WrongCredentials
from loom_app.domains.accounts.models import (
    AuthSession,
    Credential,
    EmailLink,
    SavedFilter,
    SignInThrottle,
    User,
)
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, NotFound, TooMany
from loom_app.kit.i18n.times import check_zone
from loom_app.kit.security import passwords, tokens
from loom_app.kit.text import t

VERIFY = "verify"
MOST_SAVED_FILTERS = 20

_TOUCH = text(
    "UPDATE auth_sessions SET seen_at = :now, idle_until = least(expires_at,"
    " :now + CASE WHEN remember THEN CAST(:long AS interval) ELSE CAST(:idle AS interval) END)"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND seen_at < :now - interval '1 minute'"
)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What the form sends; nothing in it is trusted."""

    name: str
    email: str
    password: str
    role: str
    zone: str
    return_to: str = ""


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


def check_sign_up(form: SignUp) -> SignUp:
    """Clean the form before anything costs time. Raises Invalid."""
    name = rules.clean_name(form.name)
    email = rules.clean_email(form.email)
    rules.check_password(form.password, name, email)
    return SignUp(
        name,
        email,
        form.password,
        rules.clean_role(form.role),
        check_zone(form.zone),
        form.return_to,
    )


async def sign_up(tx: Tx, me: Actor, form: SignUp, password_hash: str) -> None:
    """Make the account and its link; a known address gets a mail and the caller the same answer."""
    async with tx.acting_as_system("accounts.sign_up"):
        key = rules.email_key(form.email)
        # serialises two sign-ups with one address, which would otherwise race to the unique index
        await tx.db.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 1))"), {"k": key}
        )
        known = await tx.db.scalar(
            select(col(Credential.user_id)).where(col(Credential.email_key) == key)
        )
        if known is not None:
            await tx.emit(events.KnownAddressUsed(known))
            return
        user = User(name=form.name, zone=form.zone, roles=[form.role], created_at=tx.now)
        tx.db.add(user)
        await tx.db.flush()
        assert user.id is not None  # noqa: S101
        tx.db.add(
            Credential(
                user_id=user.id,
                email=form.email,
                email_key=key,
                password_hash=password_hash,
                changed_at=tx.now,
            )
        )
        link_id = await _new_link(tx, user.id, visitor=me.visitor, return_to=form.return_to)
        await audit(tx, "account.sign_up", "user", user.id)
        await tx.emit(events.UserSignedUp(user.id, link_id))


async def ask_verification(tx: Tx, me: Actor, email: str, *, return_to: str = "") -> None:
    """Send a new link if the address waits for one; the caller learns nothing either way."""
    async with tx.acting_as_system("accounts.verify"):
        user_id = await tx.db.scalar(
            select(col(User.id))
            .join(Credential, col(Credential.user_id) == col(User.id))
            .where(
                col(Credential.email_key) == rules.email_key(email), col(User.verified_at).is_(None)
            )
        )
        if user_id is not None:
            await _send_link(tx, user_id, me.visitor, return_to)


async def verify(tx: Tx, me: Actor, token: str, device: Device) -> SignedIn:
    """Confirm the address, sign in, and adopt what the visitor began.

    Raises NotFound (not our link), LinkUsed, LinkExpired.
    """
    link_id = tokens.unsigned(token, "email-link")
    if link_id is None or not link_id.isdecimal():
        raise NotFound(t("This link is not complete. Open it from the mail once more."))
    async with tx.acting_as_system("accounts.verify"):
        link = await tx.db.get(EmailLink, int(link_id), with_for_update=True)
        if link is None or link.purpose != VERIFY:
            raise NotFound(t("This link is not complete. Open it from the mail once more."))
        if link.used_at is not None:
            raise LinkUsed
        if link.expires_at <= tx.now:
            raise LinkExpired
        link.used_at = tx.now
        await tx.db.execute(
            update(User)
            .where(col(User.id) == link.user_id, col(User.verified_at).is_(None))
            .values(verified_at=tx.now)
        )
        await audit(tx, "account.verify", "user", link.user_id)
        made = await _start_session(tx, link.user_id, device, remember=False)
    for visitor in dict.fromkeys(v for v in (link.visitor, me.visitor) if v):
        await tx.emit(events.VisitorAdopted(visitor, link.user_id))
    return SignedIn(made, link.user_id, link.return_to)


async def appoint(tx: Tx, email: str, *, staff: bool) -> None:
    """Make somebody staff, or end that; for the command line. Raises NotFound."""
    found = await find_credential(tx, email)
    if found is None:
        raise NotFound(t("Nobody has this address."))
    async with tx.acting_as_system("accounts.appoint"):
        user = await tx.db.get_one(User, found[0], with_for_update=True)
        before, roles = user.roles, [role for role in user.roles if role != "staff"]
        user.roles = [*roles, "staff"] if staff else roles
        after = {"roles": user.roles}
        await audit(tx, "account.appoint", "user", found[0], before={"roles": before}, after=after)
    tx.signal(f"person:{found[0]}:profile")


async def check_throttle(tx: Tx, email: str) -> None:
    """Raises TooMany while the account's delay runs."""
    async with tx.acting_as_system("accounts.sign_in"):
        row = await tx.db.get(SignInThrottle, tokens.digest(rules.email_key(email)))
    if row and row.blocked_until and row.blocked_until > tx.now:
        wait = (row.blocked_until - tx.now).total_seconds()
        raise TooMany(
            t("Too many tries. Wait {n} seconds and try again.", n=max(1, round(wait))),
            retry_after=wait,
        )


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


async def record_failure(tx: Tx, email: str) -> None:
    """One more wrong password; the fifth and later ones cost a growing delay."""
    async with tx.acting_as_system("accounts.sign_in"):
        key = tokens.digest(rules.email_key(email))
        # made first, so that two at once wait for one row and do not race to make it
        await tx.db.execute(
            insert(SignInThrottle)
            .values(key=key, failures=0, last_at=tx.now)
            .on_conflict_do_nothing()
        )
        row = await tx.db.get_one(SignInThrottle, key, with_for_update=True)
        if tx.now - row.last_at > rules.FAILURE_WINDOW:
            row.failures = 0
        row.failures += 1
        row.last_at = tx.now
        delay = rules.delay_after(row.failures)
        row.blocked_until = tx.now + delay if delay else None
        await tx.db.flush()


async def begin_session(
    tx: Tx, me: Actor, user_id: int, device: Device, *, remember: bool, old_token: str = ""
) -> SignedIn:
    """Sign in after the password was right; the caller's former session ends.

    Raises NotVerified; the caller sends a new link then, since this transaction is rolled back.
    """
    async with tx.acting_as_system("accounts.sign_in"):
        user = await tx.db.get(User, user_id)
        if user is None:
            raise WrongCredentials
        if user.verified_at is None:
            raise NotVerified
        if old_token:
            await _revoke(tx, old_token)
        token = await _start_session(tx, user_id, device, remember=remember)
        await audit(tx, "account.sign_in", "user", user_id)
    if me.visitor:
        await tx.emit(events.VisitorAdopted(me.visitor, user_id))
    return SignedIn(token, user_id)


async def send_verification(tx: Tx, me: Actor, user_id: int, *, return_to: str = "") -> None:
    """For an account whose password was right and whose address waits."""
    async with tx.acting_as_system("accounts.verify"):
        await _send_link(tx, user_id, me.visitor, return_to)


async def forget_failures(tx: Tx, email: str) -> None:
    async with tx.acting_as_system("accounts.sign_in"):
        key = tokens.digest(rules.email_key(email))
        row = await tx.db.get(SignInThrottle, key)
        if row is not None:
            await tx.db.delete(row)
            await tx.db.flush()


async def sign_out(tx: Tx, me: Actor, token: str) -> None:
    """End the session of this cookie; idempotent."""
    async with tx.acting_as_system("accounts.session"):
        await _revoke(tx, token)


async def sign_out_everywhere(tx: Tx, me: Actor) -> None:
    """End all sessions of the caller."""
    user_id = me.require_person()
    async with tx.acting_as_system("accounts.session"):
        ended = await tx.db.scalars(
            update(AuthSession)
            .where(col(AuthSession.user_id) == user_id, col(AuthSession.revoked_at).is_(None))
            .values(revoked_at=tx.now)
            .returning(col(AuthSession.id))
        )
        for session_id in ended:
            tx.signal(f"auth:{session_id}")
    await audit(tx, "account.sign_out_everywhere", "user", user_id)


async def touch(tx: Tx, session_ids: Collection[int]) -> None:
    """Remember that these sessions were used, and move their idle end; at most once a minute."""
    if session_ids:
        idle, _ = rules.lifetime(remember=False)
        long_idle, _ = rules.lifetime(remember=True)
        values = {"ids": sorted(session_ids), "now": tx.now, "idle": idle, "long": long_idle}
        await tx.db.execute(_TOUCH, values)


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    name: str
    zone: str
    pronouns: str = ""
    bio: str = ""
    theme: str = "system"


async def save_profile(tx: Tx, me: Actor, edit: ProfileEdit) -> None:
    """Raises Invalid by field."""
    user = await tx.db.get(User, me.require_person())
    if user is None:
        raise NotFound
    user.name = rules.clean_name(edit.name)
    user.zone = check_zone(edit.zone)
    user.pronouns = edit.pronouns.strip()[:40]
    user.bio = edit.bio.strip()[:2000]
    user.theme = edit.theme if edit.theme in {"system", "light", "dark"} else "system"
    await tx.db.flush()
    assert user.id is not None  # noqa: S101
    await tx.emit(events.ProfileChanged(user.id))
    tx.signal(f"person:{user.id}:profile")


async def set_avatar(tx: Tx, me: Actor, key: str) -> str:
    """Replace the picture by its storage key ("" removes it); returns the former key."""
    user = await tx.db.get(User, me.require_person())
    if user is None:
        raise NotFound
    former, user.avatar = user.avatar, key
    await tx.db.flush()
    assert user.id is not None  # noqa: S101
    await tx.emit(events.ProfileChanged(user.id))
    tx.signal(f"person:{user.id}:profile")
    return former


async def _new_link(tx: Tx, user_id: int, *, visitor: str | None, return_to: str) -> int:
    link = EmailLink(
        user_id=user_id,
        purpose=VERIFY,
        visitor=visitor,
        return_to=return_to,
        created_at=tx.now,
        expires_at=tx.now + rules.LINK_LIFE,
    )
    tx.db.add(link)
    await tx.db.flush()
    assert link.id is not None  # noqa: S101
    return link.id


async def _send_link(tx: Tx, user_id: int, visitor: str | None, return_to: str) -> None:
    """At most one new link a minute, so that nobody is mailed into anger."""
    recent = await tx.db.scalar(
        select(col(EmailLink.id)).where(
            col(EmailLink.user_id) == user_id,
            col(EmailLink.created_at) > tx.now - timedelta(minutes=1),
        )
    )
    if recent is None:
        link_id = await _new_link(tx, user_id, visitor=visitor, return_to=return_to)
        await tx.emit(events.VerificationAsked(user_id, link_id))


async def _start_session(tx: Tx, user_id: int, device: Device, *, remember: bool) -> str:
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
        )
    )
    await tx.db.flush()
    return token


async def _revoke(tx: Tx, token: str) -> None:
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


async def prepare_password(password: str) -> str:
    """Hash off the event loop; about 70 ms by design."""
    return await passwords.hash_password(password)


async def save_filter(tx: Tx, me: Actor, *, page: str, name: str, query: str) -> None:
    """Keep what a list was asked for; an equal name is overwritten.

    Raises Invalid, Conflict when there are many already, Forbidden for visitors.
    """
    person_id = me.require_person()
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid(t("Give it a name of up to 60 letters."), field="preset")
    if not 1 <= len(query) <= 1000:
        raise Invalid(t("Choose a filter first."), field="preset")
    own = (col(SavedFilter.user_id) == person_id, col(SavedFilter.page) == page)
    others = select(func.count()).where(*own, col(SavedFilter.name) != name)
    if (await tx.db.scalar(others) or 0) >= MOST_SAVED_FILTERS:
        raise Conflict(t("These are many already. Remove one first."), field="preset")
    kept = insert(SavedFilter).values(user_id=person_id, page=page, name=name, query=query)
    await tx.db.execute(
        kept.on_conflict_do_update(
            constraint="uq_saved_filters_user_id", set_={"query": kept.excluded.query}
        )
    )


async def remove_filter(tx: Tx, me: Actor, filter_id: int) -> None:
    """Forget one of the caller's own; what is gone already is fine."""
    await tx.db.execute(
        delete(SavedFilter).where(
            col(SavedFilter.id) == filter_id, col(SavedFilter.user_id) == me.require_person()
        )
    )
