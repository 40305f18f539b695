"""Reads of accounts."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, cast, func, select
from sqlmodel import col

from loom_app.domains.accounts import devices, rules
from loom_app.domains.accounts.address_queries import (
    address_of,
    addresses_of,
    ids_of_addresses,
)
from loom_app.domains.accounts.help_queries import (
    FactorResetView,
    HelpView,
    factor_reset,
    factor_reset_of,
)
from loom_app.domains.accounts.models import (
    AuthSession,
    Credential,
    EmailLink,
    RecoveryCode,
    SavedFilter,
    SecondFactor,
    User,
)
from loom_app.domains.accounts.staff_queries import (
    HELD,
    StaffMemberView,
    StaffRoleView,
    role_name,
    staff_roles,
    staff_who_may,
)
from loom_app.domains.accounts.suspension_queries import (
    appeal_token,
    case_of_token,
    is_suspended,
    suspended,
)
from loom_app.domains.accounts.tokens import held_by
from loom_app.domains.accounts.trail_queries import (
    ChainView,
    FlagView,
    TrailEntry,
    TrailFilter,
    chain_state,
    my_trail,
    open_flags,
    trail,
    trail_filter,
    whole_trail,
)
from loom_app.domains.accounts.trail_words import verb_words
from loom_app.domains.accounts.way_queries import (
    IdentityView,
    MyWaysView,
    VisitView,
    WayView,
    connection_token,
    my_ways,
    waiting_visit,
    way_name,
    ways_in,
)
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens

__all__ = [
    "ChainView",
    "FactorResetView",
    "FlagView",
    "HelpView",
    "IdentityView",
    "MyWaysView",
    "StaffMemberView",
    "StaffRoleView",
    "TrailEntry",
    "TrailFilter",
    "VisitView",
    "WayView",
    "address_of",
    "addresses_of",
    "appeal_token",
    "case_of_token",
    "chain_state",
    "connection_token",
    "factor_reset",
    "factor_reset_of",
    "ids_of_addresses",
    "is_suspended",
    "my_trail",
    "my_ways",
    "open_flags",
    "role_name",
    "staff_roles",
    "staff_who_may",
    "trail",
    "trail_filter",
    "verb_words",
    "waiting_visit",
    "way_name",
    "ways_in",
    "whole_trail",
]
password_strength = rules.strength
clean_email = rules.clean_email
email_key = rules.email_key


@dataclass(frozen=True)
class PersonView:
    """What is shown of a person wherever one appears."""

    id: int
    name: str
    zone: str
    avatar_url: str
    initials: str
    hue: int


@dataclass(frozen=True)
class ProfileView:
    """One's own profile."""

    id: int
    name: str
    email: str
    pronouns: str
    bio: str
    zone: str
    language: str
    theme: str
    avatar_url: str
    initials: str
    hue: int


@dataclass(frozen=True)
class SavedFilterView:
    id: int
    name: str
    query: str


@dataclass(frozen=True)
class SignInView:
    """A sign-in of one's own; what is not known of it is ""."""

    id: int
    browser: str
    system: str
    address: str
    country: str
    created_at: datetime
    seen_at: datetime


def person_view(user: User) -> PersonView:
    assert user.id is not None  # noqa: S101 - a loaded row has its id
    return PersonView(
        id=user.id,
        name=user.name,
        zone=user.zone,
        avatar_url=avatar_url(user.avatar),
        initials=rules.initials(user.name),
        hue=rules.hue(user.id),
    )


def avatar_url(key: str) -> str:
    """Demo portraits are assets and keep their path; uploads are served by their random key."""
    if not key or key.startswith("/"):
        return key
    return f"/files/avatars/{key}"


async def people(tx: Tx, ids: Iterable[int]) -> dict[int, PersonView]:
    """Those of the ids that the caller may see."""
    wanted = set(ids)
    if not wanted:
        return {}
    users = await tx.db.scalars(select(User).where(col(User.id).in_(wanted)))
    return {view.id: view for view in map(person_view, users)}


async def person(tx: Tx, user_id: int) -> PersonView:
    """Raises NotFound."""
    found = await people(tx, [user_id])
    if user_id not in found:
        raise NotFound
    return found[user_id]


async def my_profile(tx: Tx, me: Actor) -> ProfileView:
    """Raises Forbidden for visitors, NotFound for a deleted account."""
    row = (
        await tx.db.execute(
            select(User, col(Credential.email))
            .join(Credential, col(Credential.user_id) == col(User.id))
            .where(col(User.id) == me.require_person())
        )
    ).first()
    if row is None:
        raise NotFound
    user, email = row
    view = person_view(user)
    return ProfileView(
        id=view.id,
        name=user.name,
        email=email,
        pronouns=user.pronouns,
        bio=user.bio,
        zone=user.zone,
        language=user.language,
        theme=user.theme,
        avatar_url=view.avatar_url,
        initials=view.initials,
        hue=view.hue,
    )


async def email_of(tx: Tx, user_id: int) -> str:
    """For senders of mail, acting as `notifications.*`. Raises NotFound."""
    found = await tx.db.scalar(
        select(col(Credential.email)).where(col(Credential.user_id) == user_id)
    )
    if found is None:
        raise NotFound
    return found


def _alive(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AuthSession.revoked_at).is_(None),
        col(AuthSession.expires_at) > tx.now,
        col(AuthSession.idle_until) > tx.now,
        ~suspended(col(AuthSession.user_id), tx.now),
    )


async def signed_in(tx: Tx, token: str) -> Actor | None:
    """The person behind a session cookie, acting as `accounts.session`; None where it is over."""
    return await _person(tx, held_by(token, tx.now))


async def person_of_session(tx: Tx, session_id: int) -> Actor | None:
    """The person of a sign-in's record, acting as `accounts.session`; None where it is over."""
    return await _person(tx, col(AuthSession.id) == session_id)


async def alive_sessions(tx: Tx, session_ids: Collection[int]) -> frozenset[int]:
    """Those of the sign-ins that are not over, acting as `accounts.session`."""
    if not session_ids:
        return frozenset()
    found = await tx.db.scalars(
        select(col(AuthSession.id)).where(
            col(AuthSession.id) == any_(cast(sorted(session_ids), ARRAY(BigInteger))), *_alive(tx)
        )
    )
    return frozenset(one for one in found if one is not None)


def device_name(agent: str) -> str:
    """Such as "Firefox · Windows", of a User-Agent header; "" where it does not say."""
    parts = devices.browser_and_system(agent[:500])
    return " · ".join(part for part in parts if part)[:80]


async def _person(tx: Tx, which: ColumnElement[bool]) -> Actor | None:
    row = (
        await tx.db.execute(
            select(AuthSession, User, HELD, col(Credential.password_hash) != "")
            .join(Credential, col(Credential.user_id) == col(AuthSession.user_id))
            .join(User, col(User.id) == col(AuthSession.user_id))
            .where(which, *_alive(tx))
        )
    ).first()
    if row is None:
        return None
    session, user, held, has_password = row
    return Actor(
        person_id=user.id,
        name=user.name,
        zone=user.zone,
        roles=frozenset(user.roles),
        # staff may nothing before their second factor: the one place that says so
        powers=permissions.meant(held or ()) if session.mfa else frozenset(),
        lacks_factor=bool(held) and not session.mfa,
        verified=user.verified_at is not None,
        session_id=session.id,
        has_password=has_password,
        mfa=session.mfa,
        stepped_up_at=session.proven_at,
        network=session.address,
        agent=session.agent,
    )


async def my_sign_ins(tx: Tx, me: Actor) -> list[SignInView]:
    """The caller's own that are not over, last used first. Raises Forbidden for visitors."""
    rows = await tx.db.scalars(
        select(AuthSession)
        .where(col(AuthSession.user_id) == me.require_person(), *_alive(tx))
        .order_by(col(AuthSession.seen_at).desc(), col(AuthSession.id).desc())
    )
    found = rows.all()
    # the tables of browsers and countries are read at the first use, which takes a moment
    return await asyncio.to_thread(lambda: [_sign_in(row) for row in found])


def _sign_in(row: AuthSession) -> SignInView:
    browser, system = devices.browser_and_system(row.agent)
    return SignInView(
        row.id or 0,
        browser,
        system,
        row.address,
        devices.country(row.address),
        row.created_at,
        row.seen_at,
    )


@dataclass(frozen=True)
class SecondFactorView:
    """Since when one's second factor is on (None: it is off), and how many recovery codes are
    left."""

    since: datetime | None
    codes_left: int


async def my_second_factor(tx: Tx, me: Actor) -> SecondFactorView:
    """Raises Forbidden for visitors."""
    user_id = me.require_person()
    since = await tx.db.scalar(
        select(col(SecondFactor.confirmed_at)).where(col(SecondFactor.user_id) == user_id)
    )
    left = await tx.db.scalar(
        select(func.count()).where(
            col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None)
        )
    )
    return SecondFactorView(since, left or 0)


async def address_of_link(tx: Tx, link_id: int) -> str:
    """Where a mailed link goes, "" for the account's own address; acting as `notifications.*`."""
    link = await tx.db.get(EmailLink, link_id)
    return link.address if link is not None else ""


def link_token(link_id: int) -> str:
    """The signed token that a mailed link carries."""
    return tokens.signed(str(link_id), "email-link")


initials = rules.initials
hue = rules.hue


async def saved_filters(tx: Tx, me: Actor, page: str) -> list[SavedFilterView]:
    """The caller's own for the list at this path, by name; none for visitors."""
    if me.person_id is None:
        return []
    rows = await tx.db.scalars(
        select(SavedFilter)
        .where(col(SavedFilter.user_id) == me.person_id, col(SavedFilter.page) == page)
        .order_by(col(SavedFilter.name))
    )
    return [SavedFilterView(row.id or 0, row.name, row.query) for row in rows]
