"""The list of conversations, live."""

from dataclasses import replace
from typing import Any

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import CardRow, ConversationCard, Reachable
from loom_app.kit.realtime import presence
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import inbox_feed, live
from loom_app.ui.session import acting, actor_of

FIRST = 30


class InboxState(rx.State):
    """Newest first; `people` are whom one may write to, loaded when the dialog opens."""

    cards: list[ConversationCard] = []
    loaded: bool = False
    has_more: bool = False
    people: list[Reachable] = []
    choosing: bool = False

    @rx.event
    async def load(self) -> Any:
        """The newest conversations; `?to=7` opens the one with this person."""
        wanted = self.router.url.query_parameters.get("to", "")
        started = 0
        if wanted.isdecimal() and wanted.isascii() and len(wanted) < 18:
            # on its own: whom one cannot write to must not cost the list
            async with acting(self) as (tx, me):
                started = await messaging.start(tx, me, int(wanted))
        async with acting(self) as (tx, me):
            inbox_feed.join(self, me.require_person())  # before reading, to miss nothing
            found = await queries.conversations(tx, me, limit=FIRST + 1)
            self.cards, self.has_more = found[:FIRST], len(found) > FIRST
            self._watch()
        self.loaded = True
        return rx.redirect(f"/messages/{started}", replace=True) if started else None

    def _watch(self) -> None:
        topics = [presence.topic(card.other_id) for card in self.cards]
        live.watch(self, topics, "_presence_changed")

    async def _presence_changed(self, signal: Signal) -> None:
        person_id = int(signal.topic.partition(":")[2])
        self.cards = [
            replace(card, presence=presence.of(person_id)) if card.other_id == person_id else card
            for card in self.cards
        ]

    async def _inbox(self, rows: list[CardRow], _unread: int) -> None:
        """Conversations moved: one with a new message goes up, a read one stays where it is."""
        me = await actor_of(self.router_data)
        known = {card.id: card for card in self.cards}
        for row in sorted(rows, key=lambda row: row.last_at):
            card = queries.card(row, me)
            before = known.get(card.id)
            if before and (before.preview, before.time) == (card.preview, card.time):
                self.cards = [card if one.id == card.id else one for one in self.cards]
            else:
                self.cards = [card, *(one for one in self.cards if one.id != card.id)]
        if any(row.id not in known for row in rows):
            self._watch()

    @rx.event
    async def load_more(self) -> None:
        if not self.cards:
            return
        async with acting(self) as (tx, me):
            more = await queries.conversations_after(tx, me, self.cards[-1].id, limit=FIRST + 1)
            self.cards = [*self.cards, *more[:FIRST]]
            self.has_more = len(more) > FIRST

    @rx.event
    async def choose(self, opened: bool) -> None:
        """Open or close the dialog that starts a conversation."""
        self.choosing = opened
        if opened:
            async with acting(self) as (tx, me):
                self.people = await queries.reachable(tx, me)

    @rx.event
    async def start(self, person_id: int) -> Any:
        self.choosing = False
        async with acting(self) as (tx, me):
            started = await messaging.start(tx, me, person_id)
            return rx.redirect(f"/messages/{started}")
