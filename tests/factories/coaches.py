"""A published coach with one offering."""

from dataclasses import replace

from sqlalchemy import text

from loom_app.domains.coaches import actions
from loom_app.domains.coaches.actions import OfferingEdit, PlaceEdit, ProfileEdit, RoomEdit
from loom_app.domains.coaches.onboarding import show_titles
from loom_app.domains.coaches.rules import slug_of
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user

OFFERING = OfferingEdit(
    name="Clarity session", duration_minutes=60, price_minor=12_000, currency="EUR"
)
PROFILE = ProfileEdit(
    headline="Clear thinking at turning points",
    bio="I help people who think for a living.",
    specialties=("Career", "Leadership"),
    languages=("English", "German"),
    currency="EUR",
)


async def make_coach(
    name: str = "Ada Lindqvist",
    zone: str = "Europe/Berlin",
    offering: OfferingEdit = OFFERING,
    *,
    profile: ProfileEdit = PROFILE,
    published: bool = True,
    selling: bool = True,
    verified: bool = True,
) -> tuple[Actor, int]:
    """The coach and the offering's id."""
    coach = await make_user(name=name, roles=["coach"], zone=zone)
    if verified:
        await make_verified(coach)
    async with transaction(coach) as tx:
        slug = f"{slug_of(name)}-{coach.person_id}"
        await actions.save_profile(tx, coach, replace(profile, slug=slug))
        offering_id = await actions.create_offering(tx, coach, offering)
        if published and verified:
            await actions.publish(tx, coach)
    if selling:
        await make_account(coach)
    return coach, offering_id


async def make_verified(coach: Actor, *certifications: str) -> None:
    """As if staff had looked at everything; with the proofs that the page names."""
    async with transaction(Actor.system_job("coaches.staff")) as tx:
        about = {"coach": coach.person_id, "now": tx.now}
        await tx.db.execute(
            text(
                "INSERT INTO coach_standings (coach_id, verified_at) VALUES (:coach, :now)"
                " ON CONFLICT DO NOTHING"
            ),
            about,
        )
        for title in certifications:
            await tx.db.execute(
                text(
                    "INSERT INTO coach_credentials (coach_id, kind, title, status, created_at)"
                    " VALUES (:coach, 'credential', :title, 'verified', :now)"
                ),
                {**about, "title": title},
            )
        await show_titles(tx, coach.require_person())


async def make_account(coach: Actor, *, currency: str = "EUR", processor_id: str = "") -> None:
    """An account that can be paid, as if onboarding were done."""
    async with transaction(Actor.system_job("payments.factory")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO payout_accounts (user_id, processor_id, status, currency)"
                " VALUES (:user, :processor, 'active', :currency)"
            ),
            {
                "user": coach.person_id,
                "processor": processor_id or f"acct_made{coach.person_id}",
                "currency": currency,
            },
        )


PLACE = PlaceEdit(
    name="Studio Mitte",
    street="Torstraße 1",
    postal_code="10119",
    city="Berlin",
    country="DE",
    zone="Europe/Berlin",
    directions="Second yard, ring twice.",
    hours=tuple((day, 0, 1440) for day in range(7)),
    rooms=(RoomEdit("Garden room", 4),),
    shared=True,
)


async def make_place(me: Actor, place: PlaceEdit = PLACE) -> int:
    """A place that is open around the clock, with one room for four."""
    async with transaction(me) as tx:
        return await actions.save_place(tx, me, place)


async def meet_at(coach: Actor, place_id: int, offering: OfferingEdit = OFFERING) -> int:
    """An offering of theirs in a room of that place."""
    there = replace(offering, place="in_person", place_id=place_id, needs_room=True)
    async with transaction(coach) as tx:
        return await actions.create_offering(tx, coach, there)
