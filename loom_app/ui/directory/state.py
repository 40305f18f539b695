"""The directory: what is asked for stands in the address, what is shown comes from it."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.text import t
from loom_app.ui.directory.coach_card import CoachRow
from loom_app.ui.directory.words import coach_row
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

PAGE_SIZE = 12
MOST_PAGES = 10_000
SORTS: dict[str, str] = {
    "best": t("Best match"),
    "soonest": t("Free soonest"),
    "price": t("Lowest price"),
}


def filters_of(query: dict[str, str]) -> scheduling.Filters:
    """What an address asks for; nonsense in it asks for nothing."""
    page = query.get("page", "1")
    sort = query.get("sort", "best")
    return scheduling.Filters(
        query=query.get("q", "").strip()[:100],
        specialty=query.get("specialty", "")[:60],
        language=query.get("language", "")[:60],
        sort=sort if sort in SORTS else "best",
        page=min(int(page), MOST_PAGES) if page.isdecimal() and len(page) < 9 else 1,
        page_size=PAGE_SIZE,
    )


def address_for(filters: scheduling.Filters, **changes: Any) -> str:
    """The address that asks for this; what is not asked for is left out."""
    asked = {
        "q": filters.query,
        "specialty": filters.specialty,
        "language": filters.language,
        "sort": "" if filters.sort == "best" else filters.sort,
        "page": "" if filters.page <= 1 else str(filters.page),
    }
    asked |= {"page": ""} | {key: str(value) for key, value in changes.items()}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/coaches?{query}" if query else "/coaches"


class DirectoryState(Problems, rx.State):
    """One page of coaches and the filters that made it."""

    loaded: bool = False
    rows: list[CoachRow] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    query: str = ""
    search_key: int = 0
    specialty: str = ""
    language: str = ""
    sort: str = "best"
    specialties: list[str] = []
    languages: list[str] = []
    _typed: str = ""

    @rx.var
    def specialty_options(self) -> list[list[str]]:
        return [["", t("All specialties")], *([word, word] for word in self.specialties)]

    @rx.var
    def language_options(self) -> list[list[str]]:
        return [["", t("All languages")], *([word, word] for word in self.languages)]

    @rx.var
    def previous_href(self) -> str:
        return address_for(self._filters(), page=self.page - 1 if self.page > 2 else "")

    @rx.var
    def next_href(self) -> str:
        return address_for(self._filters(), page=self.page + 1)

    def _filters(self) -> scheduling.Filters:
        return scheduling.Filters(
            self.query,
            self.specialty,
            self.language,
            self.sort,
            self.page,
        )

    @rx.event
    @public
    async def load(self) -> None:
        asked = filters_of(dict(self.router.url.query_parameters))
        async with acting(self, limit="search") as (tx, me):
            zone = await zone_for(self, me)
            found = await scheduling.directory(tx, me, asked)
            self.rows = [coach_row(card, zone) for card in found.cards]
            self.total, self.page, self.pages = found.total, found.page, found.pages
            self.specialties, self.languages = found.specialties, found.languages
            self.query, self.sort = asked.query, asked.sort
            self.specialty, self.language = asked.specialty, asked.language
            if self._typed.strip() != asked.query:  # by a link or the back button
                self._typed, self.search_key = asked.query, self.search_key + 1
            self.loaded = True

    @rx.event
    @public
    def search(self, text: str) -> Any:
        self._typed = text[:100]
        return rx.redirect(address_for(self._filters(), q=self._typed.strip()), replace=True)

    @rx.event
    @public
    def choose_specialty(self, word: str) -> Any:
        return rx.redirect(address_for(self._filters(), specialty=word[:60]))

    @rx.event
    @public
    def choose_language(self, word: str) -> Any:
        return rx.redirect(address_for(self._filters(), language=word[:60]))

    @rx.event
    @public
    def choose_sort(self, word: str) -> Any:
        return rx.redirect(address_for(self._filters(), sort="" if word == "best" else word[:20]))

    @rx.event
    @public
    def clear(self) -> Any:
        return rx.redirect("/coaches")
