"""Coaches who can be booked, with the next time that is really free (SCH-3).

Nothing is cached: profiles, hours and busy times are read in few statements, and the slot rule
looks for the first start only: for the cards of the page, or, sorted by the soonest time, for as
many coaches as it takes to be sure of the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeGuard

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.models import User
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.models import CoachProfile, Offering
from loom_app.domains.coaches.queries import price_text
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.queries import availability
from loom_app.domains.scheduling.rules import slots as rules
from loom_app.domains.scheduling.rules.search import Searchable, scores
from loom_app.domains.scheduling.rules.slots import Hours, Offer
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import exponent

Sort = Literal["best", "price", "soonest"]
PAGE_SIZE = 24
LOOK_AHEAD = (3, 14)  # days
AT_ONCE = 72
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the page says; unknown words find nobody."""

    query: str = ""
    specialty: str = ""
    language: str = ""
    sort: Sort = "best"
    page: int = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class CoachCard:
    coach_id: int
    slug: str
    name: str
    initials: str
    hue: int
    avatar_url: str
    headline: str
    specialties: list[str]
    languages: list[str]
    rating_avg: float
    rating_count: int
    price_from_minor: int
    currency: str
    price_text: str
    free_intro: bool = False
    next_free: datetime | None = None
    next_offering_id: int = 0
    bookable: bool = True  # the coach can be paid, or offers something free


@dataclass(frozen=True)
class DirectoryPage:
    cards: list[CoachCard]
    total: int
    page: int
    pages: int
    specialties: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)


class _Profile(NamedTuple):
    """The columns of `_profiles`, in its order."""

    coach_id: int
    slug: str
    currency: str
    headline: str
    specialties: list[str]
    languages: list[str]
    rating_avg: float
    rating_count: int
    default_price: int | None
    name: str


class _OnSale(NamedTuple):
    id: int
    offer: Offer
    price: int | None
    currency: str


@dataclass(slots=True)
class _Found:
    """A coach that fits; the card is made for those that are shown."""

    profile: _Profile
    score: float
    offers: list[_OnSale]
    price_from: int = 0
    currency: str = ""
    free_intro: bool = False
    next_free: int | None = None
    next_offering_id: int = 0
    sells: bool = True

    def __post_init__(self) -> None:
        own = self.profile
        prices = [
            (one.price, one.currency)
            if one.price is not None
            else (own.default_price or 0, own.currency)
            for one in self.offers
        ]
        # a free first talk says nothing of what coaching costs
        paid = [price for price in prices if price[0]]
        self.price_from, self.currency = min(paid or prices)
        self.free_intro = bool(paid) and len(paid) < len(prices)

    @property
    def bookable(self) -> list[_OnSale]:
        """Without an account that can be paid, only what is free."""
        return self.offers if self.sells else [one for one in self.offers if self._price(one) == 0]

    def _price(self, one: _OnSale) -> int:
        return one.price if one.price is not None else self.profile.default_price or 0

    @property
    def best(self) -> tuple[float, float, int, str]:
        own = self.profile
        return (-self.score, -own.rating_avg, -own.rating_count, own.name)

    @property
    def price(self) -> tuple[float, str]:
        # no rates of exchange: amounts of the large currencies are near enough for an order
        return (self.price_from / 10 ** exponent(self.currency), self.profile.name)

    @property
    def soonest(self) -> tuple[float, str]:
        return (self.next_free or float("inf"), self.profile.name)

    def card(self, person: PersonView) -> CoachCard:
        own = self.profile
        return CoachCard(
            coach_id=own.coach_id,
            slug=own.slug,
            name=person.name,
            initials=person.initials,
            hue=person.hue,
            avatar_url=person.avatar_url,
            headline=own.headline,
            specialties=own.specialties,
            languages=own.languages,
            rating_avg=round(own.rating_avg, 1),
            rating_count=own.rating_count,
            price_from_minor=self.price_from,
            currency=self.currency,
            price_text=price_text(self.price_from, self.currency),
            free_intro=self.free_intro,
            next_free=datetime.fromtimestamp(self.next_free, UTC) if self.next_free else None,
            next_offering_id=self.next_offering_id,
            bookable=bool(self.bookable),
        )


async def directory(tx: Tx, me: Actor, filters: Filters) -> DirectoryPage:
    """One page of published coaches with something to sell."""
    rows = [_Profile(*row) for row in await tx.db.execute(_profiles())]
    specialties = sorted({word for row in rows for word in row.specialties})
    languages = sorted({word for row in rows for word in row.languages})
    rows = [
        row
        for row in rows
        if (not filters.specialty or filters.specialty in row.specialties)
        and (not filters.language or filters.language in row.languages)
    ]
    things = [Searchable(row.name, row.specialties, row.headline) for row in rows]
    offers = await _offerings(tx)
    found = [
        _Found(row, score, offers[row.coach_id])
        for row, score in zip(rows, scores(filters.query, things), strict=True)
        if score and row.coach_id in offers
    ]
    sellers = await payments.sellers(tx, [one.profile.coach_id for one in found])
    for one in found:
        one.sells = one.profile.coach_id in sellers
    pages = max(1, -(-len(found) // filters.page_size))
    page = min(max(1, filters.page), pages)
    begin = (page - 1) * filters.page_size
    found.sort(key=lambda one: one.price if filters.sort == "price" else one.best)
    if filters.sort == "soonest":
        nearest = await _soonest(tx, found, begin + filters.page_size)
        shown = nearest[begin : begin + filters.page_size]
    else:
        shown = found[begin : begin + filters.page_size]
        hours = await availability.hours_of(tx, [one.profile.coach_id for one in shown])
        await _find_next(tx, shown, hours)
    people = await accounts.people(tx, [one.profile.coach_id for one in shown])
    cards = [one.card(people[one.profile.coach_id]) for one in shown]
    return DirectoryPage(cards, len(found), page, pages, specialties, languages)


def _profiles() -> Any:
    return (
        select(
            col(CoachProfile.user_id),
            col(CoachProfile.slug),
            col(CoachProfile.currency),
            col(CoachProfile.headline),
            col(CoachProfile.specialties),
            col(CoachProfile.languages),
            col(CoachProfile.rating_avg),
            col(CoachProfile.rating_count),
            col(CoachProfile.default_price_minor),
            col(User.name),
        )
        .join(User, col(User.id) == col(CoachProfile.user_id))
        .where(col(CoachProfile.status) == "published")
    )


async def _offerings(tx: Tx) -> dict[int, list[_OnSale]]:
    """What is on sale, by coach."""
    kind = Offering
    rows = await tx.db.execute(
        select(
            col(kind.coach_id),
            col(kind.id),
            col(kind.price_minor),
            col(kind.currency),
            col(kind.duration_minutes),
            col(kind.slot_interval),
            col(kind.buffer_before),
            col(kind.buffer_after),
            col(kind.notice_minutes),
            col(kind.window_days),
            col(kind.per_day),
            col(kind.per_week),
        ).where(col(kind.archived_at).is_(None))
    )
    found: dict[int, list[_OnSale]] = {}
    for coach_id, offering_id, price, currency, duration, interval, *rest in rows:
        offer = Offer(duration, interval or duration, *rest)
        found.setdefault(coach_id, []).append(_OnSale(offering_id or 0, offer, price, currency))
    return found


async def _soonest(tx: Tx, found: list[_Found], wanted: int) -> list[_Found]:
    """In order of the next free time, exact for the first `wanted`.

    Nobody is free before their hours open, so coaches are looked at in that order until the next
    one opens later than enough others are free.
    """
    hours = await availability.hours_of(tx, [one.profile.coach_id for one in found])
    now = availability.ceil(tx.now)
    waiting = sorted(
        ((_opens(one, hours.get(one.profile.coach_id), now), n) for n, one in enumerate(found))
    )
    looked: list[_Found] = []
    for begin in range(0, len(waiting), AT_ONCE):
        opening = waiting[begin][0]
        free = sum(one.next_free is not None and one.next_free <= opening for one in looked)
        if free >= wanted:
            break
        batch = [found[n] for _, n in waiting[begin : begin + AT_ONCE]]
        await _find_next(tx, batch, hours)
        looked += batch
    return sorted(looked, key=lambda one: one.soonest)


def _opens(one: _Found, hours: Hours | None, now: int) -> int:
    if not _ever_open(hours) or not one.bookable:
        return NEVER
    notice = min(sale.offer.notice for sale in one.bookable)
    days = max(sale.offer.window_days for sale in one.bookable)
    found = rules.opens_at(hours, after=now + notice * rules.MINUTE, days=days)
    return NEVER if found is None else found


async def _find_next(tx: Tx, found: Sequence[_Found], hours: Mapping[int, Hours]) -> None:
    """A few days first, where nearly all are free; the others over two weeks, then all of it."""
    open_ones = [one for one in found if _ever_open(hours.get(one.profile.coach_id))]
    whole = max((o.offer.window_days + 2 for one in open_ones for o in one.offers), default=0)
    for days in (*(ahead for ahead in LOOK_AHEAD if ahead < whole), whole):
        waiting = [one for one in open_ones if one.next_free is None]
        if waiting:
            await _find_until(tx, waiting, hours, tx.now + timedelta(days=days))


def _ever_open(hours: Hours | None) -> TypeGuard[Hours]:
    return hours is not None and bool(hours.weekly or hours.exceptions)


async def _find_until(
    tx: Tx, found: Sequence[_Found], hours: Mapping[int, Hours], until: datetime
) -> None:
    ids = [one.profile.coach_id for one in found]
    limits = any(o.offer.per_day or o.offer.per_week for one in found for o in one.offers)
    busy = await availability.busy_of(tx, ids, tx.now, until, limits=limits)
    now, last = availability.ceil(tx.now), availability.ceil(until)
    for one in found:
        coach_id = one.profile.coach_id
        taken = busy.get(coach_id, availability.FREE)
        for sale in one.bookable:
            start = rules.next_slot(
                hours[coach_id],
                sale.offer,
                availability.taken_for(sale.id, sale.offer, taken),
                now=now,
                until=min(last, one.next_free or last),
            )
            if start is not None:
                one.next_free, one.next_offering_id = start, sale.id
