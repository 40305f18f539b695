"""The list of conversations, live."""

from dataclasses import replace
from typing import Any

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import ConversationCard, Reachable
from loom_app.kit.realtime import presence
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.session import acting

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
        """The newest conversations; `?to=7` starts one."""
        wanted = self.router.url.query_parameters.get("to", "")
        async with acting(self) as (tx, me):
            if wanted.isdecimal() and len(wanted) < 18:
                started = await messaging.start(tx, me, int(wanted))
                yield rx.redirect(f"/messages/{started}", replace=True)
            found = await queries.conversations(tx, me, limit=FIRST + 1)
            self.cards, self.has_more = found[:FIRST], len(found) > FIRST
            self._watch(me.require_person())
        self.loaded = True

    def _watch(self, person_id: int) -> None:
        topics = [presence.topic(card.other_id) for card in self.cards]
        live.watch(self, [f"person:{person_id}:inbox", *topics], "_changed", calm=0.2)

    async def _changed(self, signal: Signal) -> None:
        """One conversation moved, or one person came or went."""
        kind, _, number = signal.topic.partition(":")
        if kind == "presence":
            self.cards = [
                _with_presence(card) if card.other_id == int(number) else card
                for card in self.cards
            ]
            return
        async with acting(self) as (tx, me):
            card = await queries.conversation_card(tx, me, signal.number)
            if card is not None:
                rest = [one for one in self.cards if one.id != card.id]
                known = len(rest) < len(self.cards)
                if known and card.preview == self._preview(card.id):
                    self.cards = [card if one.id == card.id else one for one in self.cards]
                else:
                    self.cards = [card, *rest]
                if not known:
                    self._watch(me.require_person())

    def _preview(self, card_id: int) -> str:
        return next((one.preview for one in self.cards if one.id == card_id), "")

    @rx.event
    async def load_more(self) -> None:
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


def _with_presence(card: ConversationCard) -> ConversationCard:
    return replace(card, presence=presence.of(card.other_id))
