"""Searching within the open conversation: hits are marked where they stand, and one goes from hit
to hit."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging import queries
from loom_app.ui.chat.find_state import WORDS_MAX
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.beside import Beside
from loom_app.ui.design.browser.highlight import HighlightWords
from loom_app.ui.design.button import icon_button
from loom_app.ui.design.field import search_field
from loom_app.ui.design.icon import icon
from loom_app.ui.session import acting
from loom_app.ui.text import t


class SearchState(rx.State):
    """`numbers` are the messages found, newest first, and `at` the place in them; `sought` are the
    beginnings of words to mark."""

    opened: bool = False
    words: str = ""
    numbers: list[int] = []
    sought: list[str] = []
    more: bool = False
    at: int = 0
    _conversation: int = 0

    @rx.event
    async def load(self) -> None:
        """Another conversation begins without a search."""
        chat = await self.get_state(ChatState)
        if chat.conversation_id != self._conversation:
            self._conversation, self.opened = chat.conversation_id, False
            self._empty()

    def _empty(self) -> None:
        self.words, self.numbers, self.sought, self.more, self.at = "", [], [], False, 0

    @rx.event
    async def toggle(self) -> Any:
        self.opened = not self.opened
        self._empty()
        return rx.set_focus("thread-search") if self.opened else None

    @rx.event
    async def find(self, words: str) -> Any:
        """Look for the words and go to the newest hit."""
        words = words.strip()[:WORDS_MAX]
        if not words:
            self._empty()
            return None
        chat = await self.get_state(ChatState)
        async with acting(self, limit="search") as (tx, me):
            found = await queries.search(tx, me, words, chat.conversation_id)
            self.numbers = [hit.number for hit in found.hits]
            self.sought, self.more, self.words, self.at = found.sought, found.more, words, 0
        return ChatState.jump(self.numbers[0]) if self.numbers else None

    @rx.event
    async def step(self, by: int) -> Any:
        """The next older hit, or the next newer one; round and round."""
        if not self.numbers:
            return None
        self.at = (self.at + (1 if by > 0 else -1)) % len(self.numbers)
        return ChatState.jump(self.numbers[self.at])


def search_button() -> rx.Component:
    """Opens the line below the head of the thread."""
    return icon_button(
        "search",
        t("Search in this conversation"),
        on_click=SearchState.toggle,
        aria_expanded=SearchState.opened,
    )


def _count() -> rx.Component:
    total = SearchState.numbers.length().to_string() + rx.cond(SearchState.more, "+", "").to(str)
    return rx.el.p(
        rx.cond(
            SearchState.numbers.length() > 0,
            t("{n} of {total}", n=SearchState.at + 1, total=total.to(str)),
            rx.cond(SearchState.words != "", t("Nothing found"), ""),
        ),
        role="status",
        # a line of its own where the field would have no room
        class_name=(
            "order-last w-full px-1 text-sm text-muted tabular empty:hidden "
            "sm:order-none sm:w-auto sm:shrink-0"
        ),
    )


def _day() -> rx.Component:
    """A day to go to, chosen from the browser's own calendar."""
    return rx.el.label(
        rx.el.span(t("Go to a day"), class_name="sr-only"),
        icon("calendar-search", 18),
        rx.el.input(
            type="date",
            id="thread-day",
            on_change=ChatState.jump_to_day,
            # the calendar's button fills the label, the field itself is for the keyboard
            class_name=(
                "absolute inset-0 cursor-pointer opacity-0 "
                "[&::-webkit-calendar-picker-indicator]:absolute "
                "[&::-webkit-calendar-picker-indicator]:inset-0 "
                "[&::-webkit-calendar-picker-indicator]:size-full"
            ),
        ),
        title=t("Go to a day"),
        class_name=(
            "relative flex size-11 shrink-0 items-center justify-center rounded-control "
            "hover:bg-hover focus-within:outline-2 focus-within:outline-brand"
        ),
    )


def thread_search() -> rx.Component:
    """The line itself, under the head; nothing while it is closed."""
    return rx.fragment(
        HighlightWords.create(words=SearchState.sought, inside="thread-scroll", hidden=True),
        Beside.create(
            opened=SearchState.opened,
            inside="thread-search-line",
            on_escape=SearchState.toggle,
            hidden=True,
        ),
        rx.cond(
            SearchState.opened,
            rx.el.form(
                search_field(
                    t("Search in this conversation"),
                    placeholder=t("Search in this conversation"),
                    id="thread-search",
                    max_length=WORDS_MAX,
                    auto_complete="off",
                    on_change=SearchState.find.debounce(250),
                    class_name="min-w-0 flex-1",
                ),
                _count(),
                icon_button("chevron-up", t("Older hit"), on_click=SearchState.step(1)),
                icon_button("chevron-down", t("Newer hit"), on_click=SearchState.step(-1)),
                _day(),
                icon_button("x", t("Close the search"), on_click=SearchState.toggle),
                on_submit=SearchState.step(1),
                id="thread-search-line",
                role="search",
                class_name=(
                    "flex shrink-0 flex-wrap items-center gap-1 border-b border-line bg-canvas "
                    "px-2 py-1.5 md:px-4"
                ),
            ),
            rx.fragment(),
        ),
    )
