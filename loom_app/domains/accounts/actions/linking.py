"""Whose an identity at a provider is: linked, made an account of, unlinked."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.sessions import Device, SignedIn, end_all
from loom_app.domains.accounts.actions.signing_in import begin_session
from loom_app.domains.accounts.actions.signing_up import open_account
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.errors import AddressKnown, LastWay, WayLost, WayTaken
from loom_app.domains.accounts.models import Credential, ExternalIdentity, OAuthVisit, User
from loom_app.integrations.oauth.client import Identity
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n.times import check_zone
from loom_app.kit.security import tokens

SYSTEM = "accounts.oauth"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the page asks of somebody who comes by a provider; nothing in it is trusted."""

    visit: str
    name: str
    role: str
    zone: str


async def add_identity(tx: Tx, user_id: int, provider: str, identity: Identity) -> None:
    """Link it, acting as `accounts.oauth`. Raises WayTaken where somebody was faster."""
    made = await tx.db.scalar(
        insert(ExternalIdentity)
        .values(
            user_id=user_id,
            provider=provider,
            issuer=identity.issuer,
            subject=identity.subject,
            email=identity.email,
            linked_at=tx.now,
            used_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(col(ExternalIdentity.id))
    )
    if made is None:
        raise WayTaken
    await audit(tx, "account.link", "user", user_id, after={"provider": provider})
    await tx.emit(events.IdentityLinked(user_id, made, provider))
    tx.signal(f"person:{user_id}:ways")


async def join(tx: Tx, me: Actor, form: Newcomer, device: Device, old_token: str = "") -> SignedIn:
    """Make the account of somebody whose address the provider has checked, and sign in.

    Raises Invalid by field, WayLost, WayTaken.
    """
    name, role, zone = (
        rules.clean_name(form.name),
        rules.clean_role(form.role),
        check_zone(form.zone),
    )
    async with tx.acting_as_system(SYSTEM):
        visit = await waiting(tx, me, form.visit)
        if visit.user_id is not None:
            raise WayLost
        try:
            user_id = await open_account(
                tx, name=name, email=visit.email or "", role=role, zone=zone
            )
        except AddressKnown:
            raise WayLost from None
        await settle(tx, visit, user_id)
        return_to = visit.return_to
    return await begin_session(
        tx, me, user_id, device, remember=False, old_token=old_token, return_to=return_to
    )


async def connect(tx: Tx, me: Actor, visit_token: str) -> str:
    """The account's own person agrees; returns where they were going. Raises WayLost, NotFound for
    another's, StepUpNeeded, WayTaken."""
    person_id = me.require_person()
    require_step_up(tx, me)
    async with tx.acting_as_system(SYSTEM):
        visit = await waiting(tx, me, visit_token)
        if visit.user_id != person_id:
            raise NotFound
        await settle(tx, visit, person_id)
        return visit.return_to


async def mail_connection(tx: Tx, me: Actor, visit_token: str) -> None:
    """Ask the account by mail, once a visit. Raises WayLost."""
    async with tx.acting_as_system(SYSTEM):
        visit = await waiting(tx, me, visit_token)
        if visit.user_id is None or visit.id is None:
            raise WayLost
        await tx.emit(events.ConnectionAsked(visit.user_id, visit.id, visit.provider))


async def connect_by_mail(
    tx: Tx, me: Actor, token: str, device: Device, old_token: str = ""
) -> SignedIn:
    """The mailed link was opened, in the browser that asked: link, and sign in.

    An account that never confirmed its address may have been made by anybody: it belongs to who
    reads the mail, and the password that somebody gave it is forgotten. Raises WayLost, WayTaken.
    """
    async with tx.acting_as_system(SYSTEM):
        visit = await waiting(tx, me, token, purpose="oauth-mail")
        user = await tx.db.get(User, visit.user_id or 0, with_for_update=True)
        if user is None or user.id is None:
            raise WayLost
        if user.verified_at is None:
            user.verified_at = tx.now
            credential = await tx.db.get_one(Credential, user.id)
            credential.password_hash, credential.changed_at = "", tx.now
            await end_all(tx, user.id)
        await settle(tx, visit, user.id)
        return_to = visit.return_to
    return await begin_session(
        tx, me, user.id, device, remember=False, old_token=old_token, return_to=return_to
    )


async def unlink(tx: Tx, me: Actor, identity_id: int) -> None:
    """Close one of one's ways in. Raises NotFound, LastWay, StepUpNeeded."""
    person_id = me.require_person()
    require_step_up(tx, me)
    async with tx.acting_as_system(SYSTEM):
        # two at once would each see the other as what is left
        await tx.db.get_one(User, person_id, with_for_update=True)
        found = await tx.db.get(ExternalIdentity, identity_id)
        if found is None or found.user_id != person_id:
            raise NotFound
        left = await tx.db.scalar(
            select(func.count()).where(col(ExternalIdentity.user_id) == person_id)
        )
        credential = await tx.db.get_one(Credential, person_id)
        if not credential.password_hash and (left or 0) < 2:
            raise LastWay
        await tx.db.execute(delete(ExternalIdentity).where(col(ExternalIdentity.id) == identity_id))
        before = {"provider": found.provider}
        await audit(tx, "account.unlink", "user", person_id, before=before)
        await tx.emit(events.IdentityUnlinked(person_id, identity_id, found.provider))
    tx.signal(f"person:{person_id}:ways")


async def waiting(tx: Tx, me: Actor, token: str, *, purpose: str = "oauth-visit") -> OAuthVisit:
    """What waits for this browser's decision, locked. Raises WayLost."""
    number = tokens.unsigned(token, purpose)
    if number is None or not number.isdecimal() or me.visitor is None:
        raise WayLost
    visit = await tx.db.get(OAuthVisit, int(number), with_for_update=True)
    if (
        visit is None
        or visit.visitor != me.visitor
        or visit.issuer is None
        or visit.settled_at is not None
        or visit.expires_at <= tx.now
    ):
        raise WayLost
    return visit


async def settle(tx: Tx, visit: OAuthVisit, user_id: int) -> None:
    """What waited in the visit is this person's."""
    visit.settled_at = tx.now
    await tx.db.flush()
    identity = Identity(
        visit.issuer or "",
        visit.subject or "",
        visit.email or "",
        verified=True,
        name=visit.name or "",
    )
    await add_identity(tx, user_id, visit.provider, identity)
