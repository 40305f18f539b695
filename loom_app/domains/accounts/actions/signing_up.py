"""Signing up, and the mailed link that confirms an address."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.second_factor import has_second_factor
from loom_app.domains.accounts.actions.sessions import Device, SignedIn, start_session
from loom_app.domains.accounts.errors import AddressKnown, LinkUsed
from loom_app.domains.accounts.links import VERIFY, made_since, new_link, open_link
from loom_app.domains.accounts.links import void as void_links
from loom_app.domains.accounts.models import (
    Credential,
    User,
)
from loom_app.domains.accounts.suspension_queries import appeal_token, suspended_case
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import check_zone


@dataclass(frozen=True, slots=True)
class SignUp:
    """What the form sends; nothing in it is trusted."""

    name: str
    email: str
    password: str
    role: str
    zone: str
    return_to: str = ""


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
        await _alone_with(tx, key)
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
        link_id = await new_link(
            tx,
            user.id,
            VERIFY,
            rules.LINK_LIFE,
            visitor=me.visitor,
            return_to=form.return_to,
        )
        await audit(tx, "account.sign_up", "user", user.id)
        await tx.emit(events.UserSignedUp(user.id, link_id))


async def open_account(
    tx: Tx, *, name: str, email: str, role: str, zone: str, password_hash: str = ""
) -> int:
    """A verified account for whoever has proven that the address is theirs; all is clean already.
    Without a hash no password opens it. Raises AddressKnown."""
    async with tx.acting_as_system("accounts.sign_up"):
        key = rules.email_key(email)
        await _alone_with(tx, key)
        known = select(col(Credential.user_id)).where(col(Credential.email_key) == key)
        if await tx.db.scalar(known) is not None:
            raise AddressKnown
        user = User(name=name, zone=zone, roles=[role], verified_at=tx.now, created_at=tx.now)
        tx.db.add(user)
        await tx.db.flush()
        assert user.id is not None  # noqa: S101
        tx.db.add(
            Credential(
                user_id=user.id,
                email=email,
                email_key=key,
                password_hash=password_hash,
                changed_at=tx.now,
            )
        )
        await tx.db.flush()
        await audit(tx, "account.sign_up", "user", user.id)
        return user.id


async def _alone_with(tx: Tx, key: str) -> None:
    """Two sign-ups with one address would otherwise race to the unique index."""
    await tx.db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 1))"), {"k": key})


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
    async with tx.acting_as_system("accounts.verify"):
        link = await open_link(tx, token, VERIFY)
        # who has a second factor confirmed the address long ago, and signs in with both
        user = await tx.db.get_one(User, link.user_id, with_for_update=True)
        # once an address is confirmed, a link of it signs nobody in any more
        if user.verified_at is not None or await has_second_factor(tx, link.user_id):
            raise LinkUsed
        user.verified_at = tx.now
        await tx.db.flush()
        await void_links(tx, link.user_id, VERIFY)
        await audit(tx, "account.verify", "user", link.user_id)
        if case_id := await suspended_case(tx, link.user_id):
            return SignedIn("", link.user_id, suspended=appeal_token(case_id))
        made = await start_session(tx, link.user_id, device, remember=False)
    for visitor in dict.fromkeys(v for v in (link.visitor, me.visitor) if v):
        await tx.emit(events.VisitorAdopted(visitor, link.user_id))
    return SignedIn(made, link.user_id, link.return_to)


async def send_verification(tx: Tx, me: Actor, user_id: int, *, return_to: str = "") -> None:
    """For an account whose password was right and whose address waits."""
    async with tx.acting_as_system("accounts.verify"):
        await _send_link(tx, user_id, me.visitor, return_to)


async def _send_link(tx: Tx, user_id: int, visitor: str | None, return_to: str) -> None:
    """At most one new link a minute, so that nobody is mailed into anger."""
    if not await made_since(tx, user_id, VERIFY, tx.now - timedelta(minutes=1)):
        link_id = await new_link(
            tx, user_id, VERIFY, rules.LINK_LIFE, visitor=visitor, return_to=return_to
        )
        await tx.emit(events.VerificationAsked(user_id, link_id))
