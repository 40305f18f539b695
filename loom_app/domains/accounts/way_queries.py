"""Reads of the ways in: which there are, which are one's own, and what waits to be linked."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts.models import Credential, ExternalIdentity, OAuthVisit
from loom_app.integrations.oauth import providers
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.security import tokens


@dataclass(frozen=True)
class WayView:
    """A provider that people may sign in with."""

    key: str
    name: str


@dataclass(frozen=True)
class IdentityView:
    """One's own way in; `email` is what the provider calls the person, "" where it says nothing."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class MyWaysView:
    """How the caller may sign in; `only` where one way is left, which cannot be closed."""

    password: bool
    identities: list[IdentityView]
    more: list[WayView]
    only: bool


@dataclass(frozen=True)
class VisitView:
    """What waits after somebody came by a provider: an account that exists already has `known`."""

    provider: str
    email: str
    name: str
    known: bool
    mine: bool


def ways_in() -> list[WayView]:
    """Those that the settings name."""
    return [WayView(one.key, one.name) for one in providers.configured()]


def way_name(key: str) -> str:
    """Its name, also after it was switched off."""
    found = providers.find(key)
    return found.name if found else key.title()


async def my_ways(tx: Tx, me: Actor) -> MyWaysView:
    """Raises Forbidden for visitors."""
    person_id = me.require_person()
    own = await tx.db.scalars(
        select(ExternalIdentity)
        .where(col(ExternalIdentity.user_id) == person_id)
        .order_by(col(ExternalIdentity.linked_at), col(ExternalIdentity.id))
    )
    found = [IdentityView(one.id or 0, way_name(one.provider), one.email) for one in own]
    password = bool(
        await tx.db.scalar(
            select(col(Credential.password_hash)).where(col(Credential.user_id) == person_id)
        )
    )
    return MyWaysView(password, found, ways_in(), only=not password and len(found) < 2)


async def waiting_visit(tx: Tx, me: Actor, token: str) -> VisitView | None:
    """What waits for this browser's decision; None where nothing does."""
    number = tokens.unsigned(token, "oauth-visit")
    if number is None or not number.isdecimal():
        return None
    async with tx.acting_as_system("accounts.oauth"):
        row = await tx.db.scalar(
            select(OAuthVisit).where(
                col(OAuthVisit.id) == int(number),
                col(OAuthVisit.visitor) == (me.visitor or ""),
                col(OAuthVisit.issuer).is_not(None),
                col(OAuthVisit.settled_at).is_(None),
                col(OAuthVisit.expires_at) > tx.now,
            )
        )
    if row is None:
        return None
    return VisitView(
        way_name(row.provider),
        row.email or "",
        row.name or "",
        known=row.user_id is not None,
        mine=row.user_id is not None and row.user_id == me.person_id,
    )


def connection_token(visit_id: int) -> str:
    """What the mailed link of a visit carries."""
    return tokens.signed(str(visit_id), "oauth-mail")
