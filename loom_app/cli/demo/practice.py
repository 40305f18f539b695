"""Coaches, clients and their hours, made by the same actions that people use."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.cli.demo import faces
from loom_app.cli.demo.people import CLIENTS, COACHES, DemoCoach, Sale
from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches import queries as coach_queries
from loom_app.domains.coaches.actions import OfferingEdit, ProfileEdit
from loom_app.domains.coaches.onboarding import show_titles
from loom_app.domains.coaches.queries import price_minor, slug_for
from loom_app.domains.packages import actions as packages
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling.actions import HourEdit
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.security import passwords, tokens
from loom_app.kit.security.demo import DEMO_KEY

PASSWORD = "loom-demo-please"  # noqa: S105 - printed at every start, and refused in production
SEED = Actor.system_job("accounts.seed")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
POLICY = "If you fall ill, write to me: we find another day."


@dataclass(frozen=True)
class Made:
    """A coach with the ids of what they sell, cheapest first."""

    actor: Actor
    demo: DemoCoach
    offerings: list[int]


async def exists() -> bool:
    async with transaction(SEED) as tx:
        found = text("SELECT 1 FROM credentials WHERE email_key = 'ada@loom.test'")
        return await tx.db.scalar(found) is not None


async def people() -> tuple[list[Made], list[Actor]]:
    """Everybody, with one password."""
    secret = await passwords.hash_password(PASSWORD)
    made = []
    for demo in COACHES:
        async with transaction(SEED) as tx:
            actor = await _user(tx, demo.name, demo.zone, demo.email, "coach", secret)
        made.append(await _coach(actor, demo))
    clients = []
    async with transaction(SEED) as tx:
        for number, (name, zone) in enumerate(CLIENTS):
            email = f"{_ascii(name.split()[0].lower())}@loom.test"
            clients.append(
                await _user(tx, name, zone, email, "client", secret, face=number % 2 == 0)
            )
        sam = await _user(
            tx, "Sam Winter", "Europe/Berlin", "sam@loom.test", "", secret, face=False
        )
        await accounts.appoint(tx, "sam@loom.test", staff=True)
        # staff need a second factor; this one's code of now is shown at /dev/code
        await tx.db.execute(
            text(
                "INSERT INTO second_factors (user_id, secret, created_at, confirmed_at)"
                " VALUES (:user, :secret, :now, :now)"
            ),
            {
                "user": sam.person_id,
                "secret": tokens.encrypted(DEMO_KEY, "second-factor"),
                "now": tx.now,
            },
        )
    return made, clients


async def _user(  # noqa: PLR0913 - one row
    tx: Tx, name: str, zone: str, email: str, role: str, secret: str, *, face: bool = True
) -> Actor:
    user_id = await tx.db.scalar(
        text(
            "INSERT INTO users (name, zone, roles, avatar, verified_at, created_at)"
            " VALUES (:name, :zone, :roles, :avatar, :now, :now) RETURNING id"
        ),
        {
            "name": name,
            "zone": zone,
            "roles": [role] if role else [],
            "avatar": faces.address(name) if face else "",
            "now": tx.now - timedelta(days=200),
        },
    )
    await tx.db.execute(
        text(
            "INSERT INTO credentials (user_id, email, email_key, password_hash)"
            " VALUES (:user, :email, :email, :secret)"
        ),
        {"user": user_id, "email": email, "secret": secret},
    )
    return Actor(
        person_id=user_id,
        name=name,
        zone=zone,
        roles=frozenset({role}),
        verified=True,
        stepped_up_at=tx.now + timedelta(days=1),  # for as long as the seeding takes
    )


async def _coach(actor: Actor, demo: DemoCoach) -> Made:
    async with transaction(actor) as tx:
        await coaches.save_profile(
            tx,
            actor,
            ProfileEdit(
                slug=slug_for(demo.name),
                headline=demo.headline,
                bio=demo.bio,
                specialties=demo.specialties,
                languages=demo.languages,
                years=demo.years,
                cancellation_policy=POLICY,
                currency=demo.currency,
            ),
        )
        place_id = await _place(tx, actor) if demo.name == COACHES[0].name else None
        ids = [
            await coaches.create_offering(tx, actor, _edit(sale, demo, place_id))
            for sale in demo.sales
        ]
        await scheduling.save_week(tx, actor, hours(demo.hours))
        for ahead in (12, 13, 33):
            day = (tx.now + timedelta(days=ahead)).date()
            await scheduling.save_exception(tx, actor, day, [] if ahead < 33 else [(600, 840)])
        await _verify(tx, actor, demo)
        await coaches.publish(tx, actor)
        await _package(tx, actor)
        if place_id is not None:
            await _template(tx, actor, ids[1])
    return Made(actor, demo, ids)


async def _verify(tx: Tx, actor: Actor, demo: DemoCoach) -> None:
    """As if staff had checked their proofs."""
    about = {"coach": actor.person_id, "now": tx.now}
    async with tx.acting_as_system("coaches.staff"):
        await tx.db.execute(
            text("INSERT INTO coach_standings (coach_id, verified_at) VALUES (:coach, :now)"),
            about,
        )
        for title in demo.certifications:
            await tx.db.execute(
                text(
                    "INSERT INTO coach_credentials (coach_id, kind, title, status, created_at,"
                    " verified_at) VALUES (:coach, 'credential', :title, 'verified', :now, :now)"
                ),
                {**about, "title": title},
            )
        await show_titles(tx, actor.require_person())


async def _package(tx: Tx, actor: Actor) -> None:
    """Five sessions of the first offering with a price, a tenth cheaper."""
    sold = await coach_queries.offerings(tx, actor, actor.require_person())
    single = next((one for one in sold if one.price_minor and one.capacity == 1), None)
    if single is not None:
        price, words = single.price_minor * 45 // 1000 * 100, single.currency
        await packages.make(
            tx, actor, packages.OfferEdit("Five sessions", 5, price, words, 6, (single.id,))
        )


async def _template(tx: Tx, actor: Actor, offering_id: int) -> None:
    """What is booked for clients some weeks after they decided."""
    edit = coaches.TemplateEdit(
        name="Look back",
        offering_id=offering_id,
        duration_minutes=30,
        price_minor=price_minor(60, "EUR"),
        agenda="What did you decide? What has come of it? What would you do again?",
    )
    await coaches.save_template(tx, actor, edit)


async def _place(tx: Tx, actor: Actor) -> int:
    """A studio with two rooms, open on weekdays, where other coaches meet, too."""
    edit = coaches.PlaceEdit(
        name="Studio Mitte",
        street="Torstraße 61",
        postal_code="10119",
        city="Berlin",
        country="DE",
        zone="Europe/Berlin",
        directions="Through the gate, second yard, first floor. The lift is on the left.",
        hours=tuple((day, 480, 1200) for day in range(5)),
        holidays=True,
        shared=True,
        rooms=(coaches.RoomEdit("Garden room", 3), coaches.RoomEdit("Loft", 10)),
    )
    return await coaches.save_place(tx, actor, edit)


def _edit(sale: Sale, demo: DemoCoach, place_id: int | None) -> OfferingEdit:
    more: dict[str, Any] = {"notice_minutes": 120, "window_days": 60} | sale.more
    if sale.place == "in_person" and "address" not in more:
        more |= {"place_id": place_id, "needs_room": True}
    return OfferingEdit(
        name=sale.name,
        description=sale.words,
        duration_minutes=sale.minutes,
        price_minor=None if sale.price is None else price_minor(sale.price, demo.currency),
        currency=demo.currency,
        place=sale.place,
        **more,
    )


def hours(words: str) -> list[HourEdit]:
    """ "Mon-Thu 9-12 13-18; Fri 9-14" """
    found = []
    for part in words.split(";"):
        days, *spans = part.split()
        first, _, last = days.partition("-")
        for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
            for span in spans:
                match = re.fullmatch(r"(\d+)-(\d+)", span)
                assert match  # noqa: S101 - our own words
                found.append(HourEdit(day, int(match[1]) * 60, int(match[2]) * 60))
    return found


def _ascii(word: str) -> str:
    """Mail servers of today still want it in an address."""
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
