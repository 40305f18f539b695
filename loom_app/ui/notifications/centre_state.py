"""What happened, newest first: a window that grows downwards and follows what comes."""

from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications import catalogue, centre
from loom_app.domains.notifications.catalogue import Group
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

UNREAD_SHOWN = 5  # conversations that wait


@dataclass(frozen=True)
class NoticeRow:
    """A line as it is drawn."""

    id: int
    group: str
    title: str
    href: str
    when: str
    read: bool


@dataclass(frozen=True)
class WaitingRow:
    """A conversation with unread messages: one line, however many they are."""

    id: int
    words: str
    preview: str
    href: str
    when: str


def asked_for(query: dict[str, str]) -> dict[str, str]:
    """What an address asks for; nonsense is left out."""
    found = {}
    if query.get("show") == "unread":
        found["show"] = "unread"
    if query.get("about") in get_args(Group):
        found["about"] = query["about"]
    return found


class CentreState(Problems, rx.State):
    """The rows of the address's filter, and the conversations that wait."""

    loaded: bool = False
    rows: list[NoticeRow] = []
    waiting: list[WaitingRow] = []
    asked: dict[str, str] = {}
    more: bool = False
    unread: int = 0
    busy: bool = False

    @rx.var
    def only_unread(self) -> bool:
        return "show" in self.asked

    @rx.var
    def about(self) -> str:
        return self.asked.get("about", "")

    @rx.event
    async def load(self) -> None:
        asked = asked_for(dict(self.router.url.query_parameters))
        async with acting(self, limit="page") as (tx, me):
            if asked != self.asked:
                self.asked, self.rows = asked, []
            self.busy = False
            person_id = me.require_person()
            topics = [centre.changed_topic(person_id), f"person:{person_id}:inbox"]
            live.watch(self, topics, "_changed", calm=0.3)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found, more = await self._pages(tx, me)
        self.rows = [_row(one, me.zone) for one in found]
        self.more = more
        self.unread = await centre.unread(tx, me)
        shown = self.asked.get("about", "messages") == "messages"
        cards = await messaging.conversations(tx, me, show="unread") if shown else []
        self.waiting = [_waiting(one) for one in cards if one.unread and not one.muted]
        self.waiting = self.waiting[:UNREAD_SHOWN]
        self.loaded = True

    async def _pages(self, tx: Tx, me: Actor) -> tuple[list[centre.NoticeView], bool]:
        """As many as are shown already, a page at least."""
        found: list[centre.NoticeView] = []
        while True:
            page = await self._page(tx, me, found[-1].id if found else 0)
            found += page
            if len(page) < centre.PAGE or len(found) >= len(self.rows):
                return found, len(page) == centre.PAGE

    async def _page(self, tx: Tx, me: Actor, before: int) -> list[centre.NoticeView]:
        about: Any = self.asked.get("about", "")
        return await centre.page(
            tx,
            me,
            topics=catalogue.topics_of(about) if about else None,
            only_unread="show" in self.asked,
            before=before,
        )

    @rx.event
    async def load_more(self) -> Any:
        self.busy = True
        yield
        async with acting(self, limit="page") as (tx, me):
            page = await self._page(tx, me, self.rows[-1].id if self.rows else 0)
            self.rows = [*self.rows, *(_row(one, me.zone) for one in page)]
            self.more = len(page) == centre.PAGE
        self.busy = False

    @rx.event
    async def mark(self, notice_id: int, read: bool) -> None:
        """One of one's own; opening it marks it, too."""
        async with acting(self, limit="save") as (tx, me):
            await centre.mark(tx, me, notice_id, read=read)

    @rx.event
    async def mark_all(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            last = max((row.id for row in self.rows), default=0)
            await centre.mark_all(tx, me, last)
            await say(self, t("Everything is marked as read."))

    @rx.event
    def show(self, which: str) -> Any:
        return self._go(show=which)

    @rx.event
    def pick(self, about: str) -> Any:
        return self._go(about=about)

    def _go(self, **changes: str) -> Any:
        words = urlencode(asked_for(self.asked | changes))
        return rx.redirect(f"/notifications?{words}" if words else "/notifications", replace=True)


def _row(one: centre.NoticeView, zone: str) -> NoticeRow:
    group = catalogue.topic(one.topic).group
    return NoticeRow(one.id, group, one.title, one.path, times.when(one.at, zone), one.read)


def _waiting(one: messaging.ConversationCard) -> WaitingRow:
    words = tn(
        "{n} unread message from {name}",
        "{n} unread messages from {name}",
        one.unread,
        name=one.name,
    )
    return WaitingRow(one.id, words, one.preview, f"/messages/{one.id}", one.time)
