"""What the directory reads of all coaches, before anything is shown."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts.models import User
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.queries import Usual, persons, places_by_id, usual_price
from loom_app.domains.payments.queries import settled
from loom_app.domains.scheduling.queries.availability import first_notice
from loom_app.domains.scheduling.queries.places import Needs, open_hours
from loom_app.domains.scheduling.rules.slots import Offer
from loom_app.kit.db.transaction import Tx
from loom_app.kit.versioned import Versioned


class Profile(NamedTuple):
    """The columns that `_profiles` reads, in its order."""

    coach_id: int
    slug: str
    currency: str
    headline: str
    specialties: list[str]
    languages: list[str]
    certifications: list[str]
    rating_avg: float
    rating_count: int
    default_price: int | None
    name: str


class OnSale(NamedTuple):
    """`join_notice`: minutes ahead that a seat is booked in a group which somebody is in."""

    id: int
    offer: Offer
    price: int | None
    currency: str
    capacity: int
    join_notice: int
    place_id: int | None = None
    needs: Needs | None = None


@dataclass(slots=True)
class Found:
    """A coach that fits; the card is made for those that are shown."""

    profile: Profile
    score: float
    offers: list[OnSale]
    price_from: int = 0
    currency: str = ""
    free_intro: bool = False
    next_free: int | None = None
    next_offering_id: int = 0
    sells: bool = True
    version: UUID | None = None

    def __post_init__(self) -> None:
        prices = [self.price_of(one) for one in self.offers]
        # a free first talk says nothing of what coaching costs
        paid = [price for price in prices if price[0]]
        self.price_from, self.currency = min(paid or prices)
        self.free_intro = bool(paid) and len(paid) < len(prices)

    @property
    def bookable(self) -> list[OnSale]:
        """What is free, and where the coach can be paid, what costs something there."""
        return [
            one
            for one in self.offers
            for price, currency in [self.price_of(one)]
            if self._is_priced(one) and (price == 0 or (self.sells and settled(currency)))
        ]

    def price_of(self, one: OnSale) -> tuple[int, str]:
        """Minor units and their currency: the offering's own, or the usual one."""
        if one.price is not None:
            return one.price, one.currency
        usual = self._usual(one)
        return (usual.minor, usual.currency) if usual else (0, self.profile.currency)

    def _usual(self, one: OnSale) -> Usual | None:
        own = self.profile
        return usual_price(own.default_price, own.currency, one.offer.duration)

    def _is_priced(self, one: OnSale) -> bool:
        """What nobody has a price for is not free: it cannot be booked."""
        return one.price is not None or self._usual(one) is not None

    @property
    def best(self) -> tuple[float, float, int, str]:
        own = self.profile
        return (-self.score, -own.rating_avg, -own.rating_count, own.name)

    @property
    def rating(self) -> tuple[float, int, str]:
        return (-self.profile.rating_avg, -self.profile.rating_count, self.profile.name)

    @property
    def soonest(self) -> tuple[float, str]:
        return (self.next_free or float("inf"), self.profile.name)


@dataclass(slots=True)
class Shop:
    """A published coach and what they have on sale; `version` is of both and of their hours."""

    profile: Profile
    offers: list[OnSale]
    version: UUID


# as many as availability holds the hours of; about 4 KB each
_shops: Versioned[Shop] = Versioned(5_000)


async def published(tx: Tx) -> list[Shop]:
    """All published coaches, by their number; read again where their version is another.

    Who sees a published coach sees all of their offerings, so what one caller read is true for all.
    """
    versions = (
        await tx.db.execute(
            select(col(CoachProfile.user_id), col(CoachProfile.version))
            .where(col(CoachProfile.status) == "published")
            .order_by(col(CoachProfile.user_id))
        )
    ).all()
    held = {coach_id: _shops.get(coach_id, version) for coach_id, version in versions}
    missing = [coach_id for coach_id, shop in held.items() if shop is None]
    if missing:
        profiles, offers = await _profiles(tx, missing), await _on_sale(tx, missing)
        for coach_id, version in versions:
            if coach_id in profiles:
                shop = Shop(profiles[coach_id], offers.get(coach_id, []), version)
                held[coach_id] = _shops.keep(coach_id, version, shop)
    return [shop for shop in held.values() if shop is not None]


async def _profiles(tx: Tx, coach_ids: list[int]) -> dict[int, Profile]:
    rows = await tx.db.execute(
        select(
            col(CoachProfile.user_id),
            col(CoachProfile.slug),
            col(CoachProfile.currency),
            col(CoachProfile.headline),
            col(CoachProfile.specialties),
            col(CoachProfile.languages),
            col(CoachProfile.certifications),
            col(CoachProfile.rating_avg),
            col(CoachProfile.rating_count),
            col(CoachProfile.default_price_minor),
            col(User.name),
        )
        .join(User, col(User.id) == col(CoachProfile.user_id))
        .where(col(CoachProfile.user_id).in_(coach_ids))
    )
    return {row[0]: Profile(*row) for row in rows}


async def _on_sale(tx: Tx, coach_ids: list[int]) -> dict[int, list[OnSale]]:
    """What is on sale, by coach; without the hours of places, which have versions of their own."""
    kind: Any = Offering
    rows = await tx.db.execute(
        select(
            kind.coach_id,
            kind.id,
            kind.price_minor,
            kind.currency,
            kind.duration_minutes,
            kind.slot_interval,
            kind.buffer_before,
            kind.buffer_after,
            kind.notice_minutes,
            kind.window_days,
            kind.per_day,
            kind.per_week,
            kind.capacity,
            kind.min_seats,
            kind.decide_hours,
            kind.place_id,
            kind.needs_room,
            kind.room_ids,
        ).where(kind.archived_at.is_(None), kind.coach_id.in_(coach_ids))
    )
    found: dict[int, list[OnSale]] = {}
    for coach_id, offering_id, price, currency, duration, interval, *rest in rows:
        before, after, notice, window, per_day, per_week, *others = rest
        capacity, minimum, decide, place_id, needs_room, room_ids = others
        needs = None
        if place_id is not None and needs_room:
            needs = Needs(place_id, persons(capacity), tuple(room_ids))
        first = first_notice(notice, minimum, decide)
        offer = Offer(
            duration, interval or duration, before, after, first, window, per_day, per_week
        )
        found.setdefault(coach_id, []).append(
            OnSale(offering_id or 0, offer, price, currency, capacity, notice, place_id, needs)
        )
    return found


async def placed(tx: Tx, shops: list[Shop]) -> list[list[OnSale]]:
    """What each has on sale, with the hours of where it takes place."""
    sites = await places_by_id(
        tx, {one.place_id for shop in shops for one in shop.offers if one.place_id is not None}
    )
    opened = {place_id: open_hours(site, tx.now.year) for place_id, site in sites.items()}
    return [
        [
            one._replace(offer=replace(one.offer, at=opened[one.place_id]))
            if one.place_id in opened
            else one
            for one in shop.offers
        ]
        if opened
        else shop.offers
        for shop in shops
    ]
