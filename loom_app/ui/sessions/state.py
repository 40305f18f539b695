"""The list of sessions: what is asked for stands in the address, and it is live."""

from typing import Any, ClassVar

import reflex as rx

from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.filters import address
from loom_app.ui.filters.state import Choice, Narrowing
from loom_app.ui.session import acting
from loom_app.ui.sessions.rows import SessionRow, session_rows

PATH = "/sessions"
VIEWS = ("upcoming", "past", "cancelled")


def filters_of(asked: address.Asked) -> SessionFilters:
    """What an address asks for; nonsense in it asks for nothing."""
    view, page = address.one(asked, "view", "upcoming"), address.one(asked, "page", "1")
    return SessionFilters(
        view=view if view in VIEWS else "upcoming",
        person=address.one(asked, "person")[:80],
        first_day=addresses.day(address.one(asked, "from")),
        last_day=addresses.day(address.one(asked, "to")),
        offering=addresses.number(address.one(asked, "type")),
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


class SessionsState(Narrowing, rx.State):
    """One page of one's sessions, on either side."""

    list_path: ClassVar[str] = PATH
    filter_keys: ClassVar[frozenset[str]] = frozenset({"person", "from", "to", "type"})

    loaded: bool = False
    rows: list[SessionRow] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    view: str = "upcoming"
    person: str = ""
    first_day: str = ""
    last_day: str = ""
    types: list[Choice] = []
    search_key: int = 0
    previous_href: str = ""
    next_href: str = ""
    _filters: SessionFilters = SessionFilters()
    _typed: str = ""

    @rx.event
    async def load(self) -> None:
        async with acting(self, limit="page") as (tx, me):
            asked = await self._read(tx, me)
            wanted = filters_of(asked)
            if wanted.view != self.view:
                self.loaded = False
            if self._typed.strip() != wanted.person:  # by a link or the back button
                self._typed, self.search_key = wanted.person, self.search_key + 1
            self._filters = wanted
            self.view, self.person = wanted.view, wanted.person
            self.first_day = wanted.first_day.isoformat() if wanted.first_day else ""
            self.last_day = wanted.last_day.isoformat() if wanted.last_day else ""
            known = await scheduling.session_types(tx, me)
            self.types = [
                Choice(str(number), name, on=number == wanted.offering) for number, name in known
            ]
            live.watch(self, [f"person:{me.person_id}:sessions"], "_changed", calm=0.2)
            await self._fill(tx, me)
            self.previous_href, self.next_href = (
                self._page_href(asked, number) for number in (self.page - 1, self.page + 1)
            )

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found = await scheduling.sessions(tx, me, self._filters)
        self.rows = session_rows(found.cards, me.zone)
        self.total, self.page, self.pages = found.total, found.page, found.pages
        self.loaded = True

    @rx.event
    def search(self, text: str) -> Any:
        self._typed = text[:80]
        return self._go(address.changed(self._asked(), "person", (self._typed,)), replace=True)
