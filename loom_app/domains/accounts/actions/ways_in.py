"""Other ways in: somebody is sent to a provider and comes back as who they are there.

An identity is (issuer, subject). An address that a provider names finds an account, and links to it
only after the account itself agreed: by signing in to it, or by a mailed link opened in the same
browser. No call to a provider happens inside a transaction.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.actions.linking import add_identity
from loom_app.domains.accounts.actions.sessions import Device, SignedIn
from loom_app.domains.accounts.actions.signing_in import begin_session
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.errors import (
    AddressUnchecked,
    WayClosed,
    WayDenied,
    WayLost,
    WayTaken,
)
from loom_app.domains.accounts.models import Credential, ExternalIdentity, OAuthVisit
from loom_app.integrations.oauth import client, providers
from loom_app.integrations.oauth.client import Identity
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings

AWAY = timedelta(minutes=10)
DECIDING = timedelta(minutes=30)
KEPT = timedelta(days=1)
SYSTEM = "accounts.oauth"


@dataclass(frozen=True, slots=True)
class CameBack:
    """What a provider sent along; nothing in it is trusted."""

    state: str
    code: str = ""
    issuer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of it. "known": an account has that address and must agree; "new": nobody has, and
    an account may be made; then `visit` names what waits."""

    kind: Literal["signed_in", "linked", "known", "new"]
    return_to: str = ""
    signed_in: SignedIn | None = None
    visit: str = ""


async def set_out(me: Actor, key: str, *, return_to: str = "", link: bool = False) -> str:
    """Where to send this browser: to sign in, or to `link` the provider to the caller's account.

    Raises NotFound, WayLost for a browser without a cookie, WayClosed, StepUpNeeded.
    """
    provider = _provider(key)
    if me.visitor is None:
        raise WayLost
    state = tokens.new_token()
    async with transaction(me) as tx:
        if link:
            require_step_up(tx, me)
        async with tx.acting_as_system(SYSTEM):
            await tx.db.execute(
                delete(OAuthVisit).where(col(OAuthVisit.expires_at) < tx.now - KEPT)
            )
            tx.db.add(
                OAuthVisit(
                    state_hash=tokens.digest(state),
                    provider=key,
                    purpose="link" if link else "sign_in",
                    visitor=me.visitor,
                    user_id=me.person_id if link else None,
                    return_to=return_to,
                    created_at=tx.now,
                    expires_at=tx.now + AWAY,
                )
            )
            await tx.db.flush()
    try:
        return await client.authorization_url(
            provider,
            redirect_uri=_back(key),
            state=state,
            nonce=tokens.seal(state, "oauth-nonce"),
            verifier=tokens.seal(state, "oauth-verifier"),
        )
    except client.ProviderAway as away:
        raise WayClosed from away


async def come_back(
    me: Actor, key: str, answer: CameBack, device: Device, *, old_token: str = ""
) -> Arrival:
    """Who the provider says it is, and what follows. A visit is taken once, whatever comes of it.

    Raises NotFound, WayLost, WayDenied, WayClosed, AddressUnchecked, WayTaken, NotVerified.
    """
    provider = _provider(key)
    visit = await _take(me, key, answer.state)
    try:
        if not await client.answers_as(provider, answer.issuer):
            raise WayLost
        if answer.error or not answer.code:
            raise WayDenied if answer.error == "access_denied" else WayClosed
        identity = await client.identify(
            provider,
            redirect_uri=_back(key),
            code=answer.code,
            nonce=tokens.seal(answer.state, "oauth-nonce"),
            verifier=tokens.seal(answer.state, "oauth-verifier"),
        )
    except (client.ProviderAway, client.ProviderRefused) as failed:
        raise WayClosed from failed
    async with transaction(me) as tx:
        return await _arrive(tx, me, visit, identity, device, old_token)


async def _take(me: Actor, key: str, state: str) -> int:
    """The visit of this state, from this browser, now taken. Raises WayLost."""
    if me.visitor is None or not state:
        raise WayLost
    async with transaction(me) as tx, tx.acting_as_system(SYSTEM):
        found = await tx.db.scalar(
            update(OAuthVisit)
            .where(
                col(OAuthVisit.state_hash) == tokens.digest(state),
                col(OAuthVisit.visitor) == me.visitor,
                col(OAuthVisit.provider) == key,
                col(OAuthVisit.returned_at).is_(None),
                col(OAuthVisit.expires_at) > tx.now,
            )
            .values(returned_at=tx.now)
            .returning(col(OAuthVisit.id))
        )
    if found is None:
        raise WayLost
    return found


async def _arrive(
    tx: Tx, me: Actor, visit_id: int, identity: Identity, device: Device, old_token: str
) -> Arrival:
    async with tx.acting_as_system(SYSTEM):
        visit = await tx.db.get_one(OAuthVisit, visit_id, with_for_update=True)
        owner = await _owner(tx, identity)
        if visit.purpose == "link":
            return await _link(tx, me, visit, identity, owner)
        if owner is None:
            return await _introduce(tx, visit, identity)
        visit.settled_at = tx.now
        await tx.db.flush()
        await tx.db.execute(
            update(ExternalIdentity)
            .where(*_same(identity))
            .values(used_at=tx.now, email=identity.email)
        )
    made = await begin_session(
        tx,
        me,
        owner,
        device,
        remember=False,
        old_token=old_token,
        return_to=visit.return_to,
    )
    return Arrival("signed_in", visit.return_to, made)


async def _link(
    tx: Tx, me: Actor, visit: OAuthVisit, identity: Identity, owner: int | None
) -> Arrival:
    """For whom it was asked, if they are still the one who is signed in."""
    if me.person_id is None or me.person_id != visit.user_id:
        raise WayLost
    if owner not in {None, me.person_id}:
        raise WayTaken
    visit.settled_at = tx.now
    await tx.db.flush()
    if owner is None:
        await add_identity(tx, me.person_id, visit.provider, identity)
    return Arrival("linked", visit.return_to)


async def _introduce(tx: Tx, visit: OAuthVisit, identity: Identity) -> Arrival:
    """Somebody we have not met this way: they wait in the visit until it is known who they are."""
    try:
        email = rules.clean_email(identity.email)
    except Invalid:
        raise AddressUnchecked from None
    if not identity.verified:
        raise AddressUnchecked
    visit.issuer, visit.subject = identity.issuer, identity.subject
    visit.email, visit.name = email, identity.name[: rules.NAME_MAX]
    visit.expires_at = tx.now + DECIDING
    visit.user_id = await tx.db.scalar(
        select(col(Credential.user_id)).where(col(Credential.email_key) == rules.email_key(email))
    )
    await tx.db.flush()
    token = tokens.signed(str(visit.id), "oauth-visit")
    return Arrival("known" if visit.user_id else "new", visit.return_to, visit=token)


async def _owner(tx: Tx, identity: Identity) -> int | None:
    return await tx.db.scalar(select(col(ExternalIdentity.user_id)).where(*_same(identity)))


def _same(identity: Identity) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ExternalIdentity.issuer) == identity.issuer,
        col(ExternalIdentity.subject) == identity.subject,
    )


def _provider(key: str) -> providers.Provider:
    found = providers.find(key)
    if found is None:
        raise NotFound
    return found


def _back(key: str) -> str:
    """Where a provider sends people back to: from the settings, never from a request."""
    return f"{settings().base_url}/auth/with/{key}/back"
