"""Reads of coaches' profiles. Row-level security hides drafts from everybody else."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.models import User
from loom_app.domains.coaches.models import CoachProfile
from loom_app.domains.coaches.queries.offerings import OfferingView, offerings
from loom_app.domains.coaches.rules import (
    Policy,
    ProfileEdit,
    slug_of,
    standard,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t


@dataclass(frozen=True)
class CoachPage:
    """Everything on a coach's public page."""

    user_id: int
    slug: str
    published: bool
    name: str
    avatar_url: str
    initials: str
    hue: int
    zone: str
    headline: str
    bio: str
    specialties: list[str]
    languages: list[str]
    certifications: list[str]
    years: int
    video_url: str
    cancellation_policy: str
    policy: Policy
    rating_avg: float
    rating_count: int
    offerings: list[OfferingView]


@dataclass(frozen=True)
class ProfileForm:
    """A coach's own profile, as the form shows it."""

    slug: str
    status: str
    headline: str
    bio: str
    specialties: list[str]
    languages: list[str]
    years: int
    video_url: str
    cancellation_policy: str
    currency: str
    default_price_minor: int | None
    policy: Policy = field(default_factory=standard)


def slug_for(name: str) -> str:
    """A public address that fits a name."""
    return slug_of(name)


async def coach_by_slug(tx: Tx, me: Actor, slug: str) -> CoachPage:
    """A published coach, or one's own draft. Raises NotFound."""
    row = (
        await tx.db.execute(
            select(CoachProfile, User)
            .join(User, col(User.id) == col(CoachProfile.user_id))
            .where(col(CoachProfile.slug) == slug.lower())
        )
    ).first()
    if row is None:
        raise NotFound(t("This coach is not here."))
    profile, user = row
    person = accounts.person_view(user)
    return CoachPage(
        user_id=profile.user_id,
        slug=profile.slug,
        published=profile.status == "published",
        name=person.name,
        avatar_url=person.avatar_url,
        initials=person.initials,
        hue=person.hue,
        zone=person.zone,
        headline=profile.headline,
        bio=profile.bio,
        specialties=profile.specialties,
        languages=profile.languages,
        certifications=profile.certifications,
        years=profile.years,
        video_url=profile.video_url,
        cancellation_policy=profile.cancellation_policy,
        policy=Policy(profile.cancel_free_hours, profile.cancel_late_percent),
        rating_avg=round(profile.rating_avg, 1),
        rating_count=profile.rating_count,
        offerings=await offerings(tx, me, profile.user_id),
    )


async def slug_of_coach(tx: Tx, coach_id: int) -> str:
    """The public address of a coach; "" where there is none."""
    found = select(col(CoachProfile.slug)).where(col(CoachProfile.user_id) == coach_id)
    return await tx.db.scalar(found) or ""


async def policy_of(tx: Tx, coach_id: int) -> Policy:
    """What holds for who books now; the default where there is no profile."""
    row = (
        await tx.db.execute(
            select(
                col(CoachProfile.cancel_free_hours), col(CoachProfile.cancel_late_percent)
            ).where(col(CoachProfile.user_id) == coach_id)
        )
    ).first()
    return Policy(row[0], row[1]) if row else standard()


async def is_published(tx: Tx, slug: str) -> bool:
    """Whether somebody who is not signed in finds a coach here."""
    found = select(col(CoachProfile.user_id)).where(
        col(CoachProfile.slug) == slug.lower(), col(CoachProfile.status) == "published"
    )
    return await tx.db.scalar(found) is not None


async def published_slugs(tx: Tx) -> list[str]:
    """For the sitemap."""
    found = await tx.db.scalars(
        select(col(CoachProfile.slug))
        .where(col(CoachProfile.status) == "published")
        .order_by(col(CoachProfile.slug))
    )
    return list(found)


async def my_profile_form(tx: Tx, me: Actor) -> ProfileForm:
    """One's own profile; before the first save, a blank one with a suggested address."""
    row = await tx.db.get(CoachProfile, me.require_person())
    if row is None:
        edit = ProfileEdit(slug=slug_of(me.name))
        return ProfileForm(edit.slug, "draft", "", "", [], [], 0, "", "", "USD", None)
    return ProfileForm(
        row.slug,
        row.status,
        row.headline,
        row.bio,
        row.specialties,
        row.languages,
        row.years,
        row.video_url,
        row.cancellation_policy,
        row.currency,
        row.default_price_minor,
        Policy(row.cancel_free_hours, row.cancel_late_percent),
    )
