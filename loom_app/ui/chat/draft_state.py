"""The draft of the open conversation, the same on every device of a person."""

from dataclasses import dataclass
from datetime import UTC, datetime

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.chat.state import ChatState
from loom_app.ui.session import acting

MOST_MS = 2**43  # far beyond any clock, and what a datetime can hold


@dataclass(frozen=True)
class Draft:
    """`at` in milliseconds since the epoch; `told` grows with every word from another device."""

    conversation: int = 0
    text: str = ""
    at: int = 0
    told: int = 0


class DraftState(rx.State):
    draft: Draft = Draft()

    @rx.event
    async def load(self) -> None:
        """After `ChatState.open`: listen first, then read."""
        async with acting(self, on_problem=lambda _: None) as (_, me):
            live.watch(self, [messaging.drafts_topic(me.require_person())], "_drafted")
        await self._read()

    @rx.event
    async def keep(self, conversation_id: int, text: str, at: int = 0) -> None:
        """`at` is when it was written, in milliseconds since the epoch; 0 is now."""
        written = _moment(at) if at else None
        async with acting(self, limit="draft", on_problem=lambda _: None) as (tx, me):
            await messaging.keep_draft(tx, me, conversation_id, text, written)

    async def _drafted(self, signal: Signal) -> None:
        chat = await self.get_state(ChatState)
        if chat.conversation_id == signal.number:
            await self._read()

    async def _read(self) -> None:
        chat = await self.get_state(ChatState)
        if chat.status != "ready":
            return
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            words, at = await messaging.draft(tx, me, chat.conversation_id)
            before = self.draft
            same = (before.conversation, before.text) == (chat.conversation_id, words)
            if at is not None and not same:
                at_ms = round(at.timestamp() * 1000)
                self.draft = Draft(chat.conversation_id, words, at_ms, before.told + 1)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(max(0, min(at, MOST_MS)) / 1000, UTC)
