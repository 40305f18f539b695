"""A coach writes their profile and their offerings."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.coaches import events, rules
from loom_app.domains.coaches.models import CoachProfile, Offering, SessionTemplate
from loom_app.domains.coaches.place_actions import (
    PlaceInUse,
    archive_place,
    check_where,
    lock_coach,
    lock_place,
    restore_place,
    save_place,
)
from loom_app.domains.coaches.place_rules import PlaceEdit, RoomEdit
from loom_app.domains.coaches.queries.standing import my_standing
from loom_app.domains.coaches.rules import OfferingEdit, ProfileEdit, TemplateEdit
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.settings import settings
from loom_app.kit.text import t, tn

__all__ = [
    "OfferingEdit",
    "PlaceEdit",
    "PlaceInUse",
    "ProfileEdit",
    "RoomEdit",
    "TemplateEdit",
    "archive_place",
    "lock_coach",
    "lock_place",
    "restore_place",
    "save_place",
]


async def save_profile(tx: Tx, me: Actor, edit: ProfileEdit) -> None:
    """Make or change one's own profile. Raises Invalid by field."""
    coach_id = me.require_coach()
    values = asdict(rules.check_profile(edit))
    for field in ("specialties", "languages"):
        values[field] = list(values[field])
    row = await tx.db.get(CoachProfile, coach_id)
    if row is not None and edit.default_price_minor is None and _has_default(row):
        await _check_nobody_needs_it(tx, coach_id)
    if row is None:
        row = CoachProfile(user_id=coach_id, created_at=tx.now, **values)
        tx.db.add(row)
    else:
        for field, value in values.items():
            setattr(row, field, value)
    try:
        async with tx.db.begin_nested():
            await tx.db.flush()
    except IntegrityError:
        raise Invalid(t("This address is taken. Try another."), field="slug") from None
    await audit(tx, "coach.save_profile", "coach", coach_id)


async def publish(tx: Tx, me: Actor) -> None:
    """Show the profile to everybody; idempotent. Raises Invalid for what is missing, Forbidden."""
    row = await _my_profile(tx, me, lock=True)
    if not me.verified:
        raise Forbidden(t("Confirm your mail address before you publish."))
    if row.status == "published":
        return
    await _check_standing(tx, me)
    sold = await tx.db.scalar(
        select(func.count())
        .select_from(Offering)
        .where(col(Offering.coach_id) == row.user_id, col(Offering.archived_at).is_(None))
    )
    rules.check_publishable(
        headline=row.headline, bio=row.bio, specialties=row.specialties, offerings=sold or 0
    )
    try:
        async with tx.db.begin_nested():
            row.status, row.published_at = "published", row.published_at or tx.now
            await tx.db.flush()
    except IntegrityError:  # a moment ago staff decided otherwise, or they are about to leave
        raise Forbidden(t("While your account is suspended or ends, nobody sees a page.")) from None
    await audit(tx, "coach.publish", "coach", row.user_id)
    await tx.emit(events.CoachPublished(row.user_id))


async def _check_standing(tx: Tx, me: Actor) -> None:
    """Raises Forbidden for who was not verified yet, or whose page staff took away."""
    standing = await my_standing(tx, me)
    if standing.verified_at is None:
        raise Forbidden(t("First our team checks who you are. Submit your profile to them."))
    if standing.hidden:
        why = standing.hidden
        raise Forbidden(t("Our team took your page out of the directory: {why}", why=why))


async def unpublish(tx: Tx, me: Actor) -> None:
    """Take the profile back to a draft; booked sessions stay. Idempotent."""
    row = await _my_profile(tx, me, lock=True)
    if row.status == "draft":
        return
    row.status = "draft"
    await tx.db.flush()
    await audit(tx, "coach.unpublish", "coach", row.user_id)
    await tx.emit(events.CoachHidden(row.user_id))


async def create_offering(tx: Tx, me: Actor, edit: OfferingEdit) -> int:
    """Raises Invalid by field."""
    profile = await _my_profile(tx, me)
    values = await _values(tx, me, edit, profile)
    row = Offering(coach_id=profile.user_id, created_at=tx.now, **values)
    tx.db.add(row)
    await tx.db.flush()
    assert row.id is not None  # noqa: S101 - flushed
    await _changed(tx, row, "offering.create")
    return row.id


async def save_offering(tx: Tx, me: Actor, offering_id: int, edit: OfferingEdit) -> None:
    """Sessions that are booked keep what was agreed. Raises Invalid by field, NotFound."""
    row = await _my_offering(tx, me, offering_id)
    profile = await _my_profile(tx, me)
    values = await _values(tx, me, edit, profile, row.place_id)
    for field, value in values.items():
        setattr(row, field, value)
    await tx.db.flush()
    await _changed(tx, row, "offering.save")


async def archive_offering(tx: Tx, me: Actor, offering_id: int) -> None:
    """Take it out of sale; what is booked stays. Idempotent."""
    row = await _my_offering(tx, me, offering_id)
    if row.archived_at is None:
        row.archived_at = tx.now
        await tx.db.flush()
        await _changed(tx, row, "offering.archive")


async def restore_offering(tx: Tx, me: Actor, offering_id: int) -> None:
    """Sell it again; idempotent. Raises Invalid where its place, or its price, is gone."""
    row = await _my_offering(tx, me, offering_id)
    if row.archived_at is not None:
        await check_where(tx, me, _where(row))
        profile = await _my_profile(tx, me)
        default, minutes = profile.default_price_minor, row.duration_minutes
        if row.price_minor is None and not rules.usual_price(default, profile.currency, minutes):
            raise Invalid(t("It has no price any more. Give it one first."))
        row.archived_at = None
        await tx.db.flush()
        await _changed(tx, row, "offering.restore")


async def save_template(tx: Tx, me: Actor, edit: TemplateEdit, template_id: int = 0) -> int:
    """Make one, or change it; returns its id. Raises NotFound, Invalid by field."""
    offering = await _my_offering(tx, me, edit.offering_id)
    if offering.archived_at is not None or offering.capacity > 1 or offering.intro:
        raise Invalid(
            t("Choose an offering for one client, and not for a first session only."),
            field="offering_id",
        )
    profile = await _my_profile(tx, me)
    currency = profile.currency if offering.price_minor is None else offering.currency
    values = asdict(rules.check_template(edit, currency))
    if template_id:
        row = await _my_template(tx, me, template_id)
        for field, value in values.items():
            setattr(row, field, value)
    else:
        row = SessionTemplate(coach_id=me.require_coach(), created_at=tx.now, **values)
        tx.db.add(row)
    await tx.db.flush()
    await audit(tx, "template.save", "template", row.id or 0)
    return row.id or 0


async def drop_template(tx: Tx, me: Actor, template_id: int) -> None:
    """What was booked from it stays. Raises NotFound."""
    row = await _my_template(tx, me, template_id)
    await tx.db.delete(row)
    await tx.db.flush()
    await audit(tx, "template.drop", "template", template_id)


async def _my_template(tx: Tx, me: Actor, template_id: int) -> SessionTemplate:
    row = await tx.db.get(SessionTemplate, template_id)
    if row is None or row.coach_id != me.require_coach():
        raise NotFound
    return row


async def _check_nobody_needs_it(tx: Tx, coach_id: int) -> None:
    """The usual price may go when every offering has its own, or the platform has one."""
    if settings().default_rate_minor:
        return
    leaning = await tx.db.scalar(
        select(col(Offering.name))
        .where(col(Offering.coach_id) == coach_id, col(Offering.price_minor).is_(None))
        .limit(1)
    )
    if leaning is not None:
        raise Invalid(
            t("“{name}” has no price of its own and needs this one.", name=leaning),
            field="default_price_minor",
        )


def _has_default(profile: CoachProfile) -> bool:
    return profile.default_price_minor is not None


async def _my_profile(tx: Tx, me: Actor, *, lock: bool = False) -> CoachProfile:
    row = await tx.db.get(
        CoachProfile, me.require_coach(), with_for_update=lock or None, populate_existing=lock
    )
    if row is None:
        raise Invalid(t("Save your profile first."))
    return row


async def _my_offering(tx: Tx, me: Actor, offering_id: int) -> Offering:
    row = await tx.db.get(Offering, offering_id)
    if row is None or row.coach_id != me.require_coach():
        raise NotFound
    return row


async def _values(
    tx: Tx, me: Actor, edit: OfferingEdit, profile: CoachProfile, place_id: int | None = None
) -> dict[str, Any]:
    """The columns of an offering. Raises Invalid by field."""
    usual = rules.usual_price(profile.default_price_minor, profile.currency, edit.duration_minutes)
    if edit.price_minor is None and usual and usual.source == "platform":
        edit = replace(edit, currency=usual.currency)
    checked = rules.check_offering(edit, default=usual.minor if usual else None)
    await check_where(tx, me, checked, place_id)
    values = asdict(checked)
    values["questions"] = list(rules.check_questions(edit.questions))
    values["room_ids"] = list(checked.room_ids)
    return values


def _where(row: Offering) -> OfferingEdit:
    return OfferingEdit(
        name=row.name,
        duration_minutes=row.duration_minutes,
        place_id=row.place_id,
        needs_room=row.needs_room,
        room_ids=tuple(row.room_ids),
        capacity=row.capacity,
    )


async def _changed(tx: Tx, row: Offering, verb: str) -> None:
    assert row.id is not None  # noqa: S101 - a loaded row has its id
    await audit(tx, verb, "offering", row.id)
    await tx.emit(events.OfferingChanged(row.coach_id))
    tx.signal(f"coach:{row.coach_id}:slots")


async def check_nobody_needs_the_rate(tx: Tx) -> None:
    """The platform's rate may go when every offering on sale has another price. Raises Invalid."""
    async with tx.acting_as_system("coaches.rate"):
        leaning = await tx.db.scalar(
            select(func.count())
            .select_from(Offering)
            .join(CoachProfile, col(CoachProfile.user_id) == col(Offering.coach_id))
            .where(
                col(Offering.price_minor).is_(None),
                col(Offering.archived_at).is_(None),
                col(CoachProfile.default_price_minor).is_(None),
            )
        )
    if leaning:
        words = tn("{n} offering has no other price.", "{n} offerings have no other.", leaning)
        raise Invalid(words, field="default_rate_minor")
