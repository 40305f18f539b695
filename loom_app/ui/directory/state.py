"""The directory: what is asked for stands in the address, what is shown comes from it."""

from collections.abc import Iterable
from typing import Any, ClassVar

import reflex as rx

from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.directory.asked import KEYS, PARTS, RATINGS, filters_of
from loom_app.ui.directory.coach_card import CoachRow
from loom_app.ui.directory.words import coach_row
from loom_app.ui.filters import address
from loom_app.ui.filters.state import Choice, Narrowing
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

PATH = "/coaches"


def _counted(counts: Iterable[scheduling.Count], wanted: tuple[str, ...]) -> list[Choice]:
    """Those asked for first: they can be taken off, even where they leave nobody."""
    choices = [Choice(one.word, one.word, one.count, one.word in wanted) for one in counts]
    return [one for one in choices if one.on] + [one for one in choices if one.count and not one.on]


def _sort_note(asked: scheduling.Filters, currencies: list[str]) -> str:
    """What an order by price means where there are several currencies."""
    if asked.sort != "price" or asked.currency or asked.at_a_price or len(currencies) < 2:
        return ""
    return t("Sorted by price within each currency: {list}.", list=", ".join(currencies))


class DirectoryState(Narrowing, rx.State):
    """One page of coaches and the filters that made it."""

    list_path: ClassVar[str] = PATH
    filter_keys: ClassVar[frozenset[str]] = KEYS

    loaded: bool = False
    rows: list[CoachRow] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    previous_href: str = ""
    next_href: str = ""
    query: str = ""
    search_key: int = 0
    sort: str = "best"
    as_list: bool = False
    specialties: list[Choice] = []
    languages: list[Choice] = []
    certifications: list[Choice] = []
    ratings: list[Choice] = []
    parts: list[Choice] = []
    currencies: list[list[str]] = []
    currency: str = ""
    price_from: str = ""
    price_to: str = ""
    first_day: str = ""
    last_day: str = ""
    today: str = ""
    zone_words: str = ""
    sort_note: str = ""
    _typed: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        async with acting(self, limit="search") as (tx, me):
            zone = await zone_for(self, me)
            asked = await self._read(tx, me)
            filters = filters_of(asked, zone)
            found = await scheduling.directory(tx, me, filters)
            self.rows = [coach_row(card, zone) for card in found.cards]
            self.total, self.page, self.pages = found.total, found.page, found.pages
            self._fill_choices(filters, found)
            self.zone_words = t("Times in {zone}.", zone=times.zone_label(zone))
            self.today = times.local(tx.now, zone).date().isoformat()
            self.query, self.sort = filters.query, filters.sort
            self.sort_note = _sort_note(filters, found.currencies)
            self.as_list = address.one(asked, "view") == "list"
            self.previous_href, self.next_href = (
                self._page_href(asked, number) for number in (found.page - 1, found.page + 1)
            )
            if self._typed.strip() != filters.query:  # by a link or the back button
                self._typed, self.search_key = filters.query, self.search_key + 1
            self.loaded = True

    def _fill_choices(self, asked: scheduling.Filters, found: scheduling.DirectoryPage) -> None:
        self.specialties = _counted(found.specialties, asked.specialties)
        self.languages = _counted(found.languages, asked.languages)
        self.certifications = _counted(found.certifications, asked.certifications)
        self.ratings = [
            Choice(word, t("{stars} and up", stars=word), on=asked.rating == float(word))
            for word in RATINGS
        ]
        self.parts = [Choice(key, words, on=key in asked.parts) for key, words in PARTS.items()]
        self.currencies = [[code, code] for code in found.currencies]
        self.currency = asked.currency or (found.currencies[0] if found.currencies else "")
        self.price_from, self.price_to, self.first_day, self.last_day = (
            "" if value is None else str(value)
            for value in (asked.price_from, asked.price_to, asked.first, asked.last)
        )

    @rx.event
    @public
    def search(self, text: str) -> Any:
        self._typed = text[:100]
        return self._go(address.changed(self._asked(), "q", (self._typed,)), replace=True)

    @rx.event
    @public
    def choose_sort(self, word: str) -> Any:
        words = () if word == "best" else (word,)
        return self._go(address.changed(self._asked(), "sort", words))

    @rx.event
    @public
    def choose_view(self, word: str) -> Any:
        words = (word,) if word == "list" else ()
        return self._go(address.changed(self._asked(), "view", words))
