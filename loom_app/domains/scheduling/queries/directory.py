"""Coaches who can be booked, with the next time that is really free (SCH-3).

Profiles, offerings and hours are held in memory, each for one version of its coach, which is read
anew each time; what is taken is read each time. The slot rule
looks for the first start only: for the cards of the page, or, sorted by the soonest time, for as
many coaches as it takes to be sure of the order. Only who asks for days or parts of the day has
all coaches looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches.queries import price_text
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling.queries.directory_rows import (
    Found,
    Profile,
    Shop,
    placed,
    published,
)
from loom_app.domains.scheduling.queries.directory_times import find_next, soonest
from loom_app.domains.scheduling.rules import windows
from loom_app.domains.scheduling.rules.search import Searchable, scores
from loom_app.domains.scheduling.rules.slots import Interval
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import local
from loom_app.kit.money import exponent

Sort = Literal["best", "rating", "price", "soonest"]
PAGE_SIZE = 24
PARTS_OF_DAY = tuple(windows.PARTS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the page says; unknown words find nobody.

    Several words of one kind mean any of them. Prices are whole units of `currency`, without one
    of the currency that most coaches charge; `first`, `last` and `parts` are of `zone`.
    """

    query: str = ""
    specialties: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()
    rating: float = 0.0
    currency: str = ""
    price_from: int | None = None
    price_to: int | None = None
    first: date | None = None
    last: date | None = None
    parts: tuple[str, ...] = ()
    zone: str = "UTC"
    sort: Sort = "best"
    page: int = 1
    page_size: int = PAGE_SIZE

    @property
    def at_a_time(self) -> bool:
        return bool(self.first or self.last or self.parts)

    @property
    def at_a_price(self) -> bool:
        return self.price_from is not None or self.price_to is not None


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
class Count:
    """A word one can narrow by, and how many coaches that leaves with all else as it is."""

    word: str
    count: int


@dataclass(frozen=True)
class DirectoryPage:
    cards: list[CoachCard]
    total: int
    page: int
    pages: int
    specialties: list[Count] = field(default_factory=list)
    languages: list[Count] = field(default_factory=list)
    certifications: list[Count] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)  # the commonest first


_FACETS: dict[str, Callable[[Profile], Iterable[str]]] = {
    "specialties": lambda own: own.specialties,
    "languages": lambda own: own.languages,
    "certifications": lambda own: own.certifications,
}


async def directory(tx: Tx, me: Actor, filters: Filters) -> DirectoryPage:
    """One page of published coaches with something to sell."""
    shops = await published(tx)
    everybody = [shop.profile for shop in shops]
    found = await _matching(tx, shops, filters)
    currencies = [code for code, _ in Counter(one.currency for one in found).most_common()]
    # as it is shown: who reads 4.5 has 4.5
    found = [one for one in found if round(one.profile.rating_avg, 1) >= filters.rating]
    found = _affordable(found, filters, currencies)
    if filters.at_a_time:
        await find_next(tx, found, spans=_spans(tx, filters))
        found = [one for one in found if one.next_free is not None]
    counts = {kind: _counts(kind, everybody, found, filters) for kind in _FACETS}
    found = [one for one in found if all(_has(one, kind, filters) for kind in _FACETS)]
    pages = max(1, -(-len(found) // filters.page_size))
    page = min(max(1, filters.page), pages)
    shown = await _shown(tx, found, filters, currencies, (page - 1) * filters.page_size)
    people = await accounts.people(tx, [one.profile.coach_id for one in shown])
    cards = [_card(one, people[one.profile.coach_id]) for one in shown]
    return DirectoryPage(cards, len(found), page, pages, **counts, currencies=currencies)


async def _matching(tx: Tx, shops: list[Shop], filters: Filters) -> list[Found]:
    """Those whom the words fit and who have something on sale."""
    things = [
        Searchable(one.profile.name, one.profile.specialties, one.profile.headline) for one in shops
    ]
    fit = zip(shops, scores(filters.query, things), await placed(tx, shops), strict=True)
    found = [
        Found(shop.profile, score, offers, version=shop.version)
        for shop, score, offers in fit
        if score and offers
    ]
    sellers = await payments.sellers(tx, [one.profile.coach_id for one in found])
    for one in found:
        one.sells = one.profile.coach_id in sellers
    return found


def _affordable(found: list[Found], filters: Filters, currencies: list[str]) -> list[Found]:
    """With what costs as much as is asked for, and nothing else; amounts of two currencies are
    never compared."""
    if not filters.at_a_price:
        return [one for one in found if filters.currency in {"", one.currency}]
    currency = filters.currency or (currencies[0] if currencies else "")
    low, high = (
        None if units is None else units * 10 ** exponent(currency)
        for units in (filters.price_from, filters.price_to)
    )
    fitting: list[Found] = []
    for one in found:
        offers = [
            sale
            for sale in one.offers
            for price, code in [one.price_of(sale)]
            if code == currency
            # a free first talk is not what coaching costs, unless nothing else is asked for
            and (price or not one.price_from or high == 0)
            and (low is None or price >= low)
            and (high is None or price <= high)
        ]
        if offers:
            fitting.append(replace(one, offers=offers))
    return fitting


def _spans(tx: Tx, filters: Filters) -> list[Interval]:
    today = local(tx.now, filters.zone).date()
    return windows.windows(
        filters.zone, today, first=filters.first, last=filters.last, parts=filters.parts
    )


def _has(one: Found, kind: str, filters: Filters) -> bool:
    wanted: tuple[str, ...] = getattr(filters, kind)
    return not wanted or not set(wanted).isdisjoint(_FACETS[kind](one.profile))


def _counts(
    kind: str, everybody: list[Profile], found: list[Found], filters: Filters
) -> list[Count]:
    """By word: how many fit in all other ways. Words that leave nobody stay, so none jumps."""
    others = [other for other in _FACETS if other != kind]
    fitting = [one for one in found if all(_has(one, other, filters) for other in others)]
    tally = Counter(word for one in fitting for word in set(_FACETS[kind](one.profile)))
    words = {word for own in everybody for word in _FACETS[kind](own)}
    return [Count(word, tally[word]) for word in sorted(words, key=str.casefold)]


async def _shown(
    tx: Tx, found: list[Found], filters: Filters, currencies: list[str], begin: int
) -> list[Found]:
    """The coaches of one page in their order, each with the next free time. By price means within
    each of `currencies`, in their order: there are no rates of exchange here."""
    end = begin + filters.page_size
    if filters.sort == "soonest":
        if filters.at_a_time:
            return sorted(found, key=lambda one: one.soonest)[begin:end]
        return (await soonest(tx, found, end))[begin:end]
    places = {code: place for place, code in enumerate(currencies)}
    orders: dict[str, Callable[[Found], tuple]] = {
        "rating": lambda one: one.rating,
        "price": lambda one: (
            places.get(one.currency, len(places)),  # asked for, yet nobody's first
            one.price_from,
            one.profile.name,
        ),
    }
    shown = sorted(found, key=orders.get(filters.sort, lambda one: one.best))[begin:end]
    if not filters.at_a_time:
        await find_next(tx, shown)
    return shown


def _card(one: Found, person: PersonView) -> CoachCard:
    own = one.profile
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
        price_from_minor=one.price_from,
        currency=one.currency,
        price_text=price_text(one.price_from, one.currency),
        free_intro=one.free_intro,
        next_free=datetime.fromtimestamp(one.next_free, UTC) if one.next_free else None,
        next_offering_id=one.next_offering_id,
        bookable=bool(one.bookable),
    )
