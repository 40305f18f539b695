"""The list of sessions: what is asked for stands in the address, and it is live."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting
from loom_app.ui.sessions.rows import SessionRow, session_rows

VIEWS = ("upcoming", "past", "cancelled")


def filters_of(query: dict[str, str]) -> SessionFilters:
    """What an address asks for; nonsense in it asks for nothing."""
    view, page = query.get("view", "upcoming"), query.get("page", "1")
    return SessionFilters(
        view=view if view in VIEWS else "upcoming",
        person=query.get("person", "").strip()[:80],
        first_day=addresses.day(query.get("from", "")),
        last_day=addresses.day(query.get("to", "")),
        offering=addresses.number(query.get("type", "")),
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


def address_for(asked: SessionFilters, **changes: str) -> str:
    """The address that asks for this; what is not asked for is left out."""
    query = {
        "view": "" if asked.view == "upcoming" else asked.view,
        "person": asked.person,
        "from": asked.first_day.isoformat() if asked.first_day else "",
        "to": asked.last_day.isoformat() if asked.last_day else "",
        "type": str(asked.offering or ""),
    } | changes
    words = urlencode({key: value for key, value in query.items() if value})
    return f"/sessions?{words}" if words else "/sessions"


class SessionsState(Problems, rx.State):
    """One page of one's sessions, on either side."""

    loaded: bool = False
    rows: list[SessionRow] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    view: str = "upcoming"
    person: str = ""
    first_day: str = ""
    last_day: str = ""
    offering: str = ""
    types: list[list[str]] = []
    form_key: int = 0
    _asked: SessionFilters = SessionFilters()

    @rx.var
    def filtered(self) -> bool:
        return bool(self.person or self.first_day or self.last_day or self.offering)

    @rx.var
    def previous_href(self) -> str:
        return address_for(self._asked, page=str(self.page - 1) if self.page > 2 else "")

    @rx.var
    def next_href(self) -> str:
        return address_for(self._asked, page=str(self.page + 1))

    @rx.event
    async def load(self) -> None:
        asked = filters_of(dict(self.router.url.query_parameters))
        if asked.view != self.view:
            self.loaded = False
        if asked.person != self.person:
            self.form_key += 1
        self._asked = asked
        self.view, self.person = asked.view, asked.person
        self.first_day = asked.first_day.isoformat() if asked.first_day else ""
        self.last_day = asked.last_day.isoformat() if asked.last_day else ""
        self.offering = str(asked.offering or "")
        async with acting(self, limit="page") as (tx, me):
            known = await scheduling.session_types(tx, me)
            self.types = [["", t("All types")], *([str(number), name] for number, name in known)]
            live.watch(self, [f"person:{me.person_id}:sessions"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found = await scheduling.sessions(tx, me, self._asked)
        self.rows = session_rows(found.cards, me.zone)
        self.total, self.page, self.pages = found.total, found.page, found.pages
        self.loaded = True

    @rx.event
    def search(self, text: str) -> Any:
        return rx.redirect(address_for(self._asked, person=text.strip()[:80]), replace=True)

    @rx.event
    def begin_at(self, day: str) -> Any:
        return rx.redirect(address_for(self._asked, **{"from": day[:10]}), replace=True)

    @rx.event
    def end_at(self, day: str) -> Any:
        return rx.redirect(address_for(self._asked, to=day[:10]), replace=True)

    @rx.event
    def of_type(self, offering: str) -> Any:
        return rx.redirect(address_for(self._asked, type=offering[:20]), replace=True)

    @rx.event
    def clear(self) -> Any:
        self.form_key += 1
        return rx.redirect("/sessions" + (f"?view={self.view}" if self.view != "upcoming" else ""))
