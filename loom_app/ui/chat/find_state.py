"""Searching the list: conversations by person, messages by text."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import ConversationCard, Hit
from loom_app.kit import addresses
from loom_app.ui.chat.state import ChatState
from loom_app.ui.session import acting

WORDS_MAX = 200


class FindState(rx.State):
    """What was found for `words`; empty words show the list."""

    words: str = ""
    cards: list[ConversationCard] = []
    hits: list[Hit] = []
    more: bool = False
    turn: int = 0
    _at: str = ""

    @rx.event
    async def find(self, words: str) -> None:
        words = words.strip()[:WORDS_MAX]
        if not words:
            self.words, self.cards, self.hits, self.more = "", [], [], False
            return
        async with acting(self, limit="search") as (tx, me):
            named = await queries.conversations_named(tx, me, words)
            found = await queries.search(tx, me, words)
            self.cards = await queries.cards(tx, me, named)
            self.hits, self.more, self.words = found.hits, found.more, words

    @rx.event
    async def clear(self) -> None:
        """The list again, with an empty line."""
        self.words, self.cards, self.hits, self.more = "", [], [], False
        self.turn += 1

    @rx.event
    async def go(self, conversation_id: int, number: int) -> Any:
        """To a hit of the open conversation; for another one the address says it."""
        chat = await self.get_state(ChatState)
        if chat.conversation_id == conversation_id:
            return ChatState.jump(number)
        self._at = ""
        return None

    @rx.event
    async def arrive(self) -> Any:
        """`/messages/7?at=42` begins at that message: once, and not again after a reconnect."""
        url = self.router.url
        at = addresses.number(url.query_parameters.get("at", ""))
        before, self._at = self._at, f"{url.path}?{at}" if at else ""
        if self._at == before or not at:
            return None
        return ChatState.jump(at)
