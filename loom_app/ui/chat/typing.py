"""The line that says who is typing."""

import time
from collections import defaultdict
from typing import Any

import reflex as rx

from loom_app.domains.messaging import queries
from loom_app.kit.realtime import typing
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.chat.state import ChatState
from loom_app.ui.session import acting, actor_of

ASK_AGAIN_SECONDS = 10.0
SAY_SECONDS = 1.0

_tabs: dict[int, set[str]] = defaultdict(set)
_looking: dict[str, int] = {}


class TypingState(rx.State):
    """`line` is empty while nobody types."""

    line: str = ""
    _allowed: tuple[int, float] = (0, 0.0)
    _said_at: float = 0.0

    @rx.event
    async def listen(self) -> None:
        """After the conversation of the address was opened."""
        chat = await self.get_state(ChatState)
        token = live.tab_token(self)
        _leave(token)
        conversation_id = chat.conversation_id if chat.status == "ready" else 0
        self.line = ""
        if conversation_id:
            _tabs[conversation_id].add(token)
            _looking[token] = conversation_id
            topics = [typing.topic(conversation_id)]
            live.hub.watch(token, "typing", topics, lambda _, signal: _typers.heard(signal))
        else:
            live.hub.unwatch(token, "typing")

    @rx.event
    async def typing(self, conversation_id: int) -> None:
        """A key was pressed; the browser says so every two seconds at most."""
        now = time.monotonic()
        if now - self._said_at < SAY_SECONDS or not await self._may_type(conversation_id, now):
            return
        me = await actor_of(self.router_data)
        if me.person_id is not None:
            self._said_at = now
            typing.say(conversation_id, me.person_id)

    async def _may_type(self, conversation_id: int, now: float) -> bool:
        """Asked again after a while, for one may be removed or blocked."""
        if self._allowed[0] == conversation_id and now < self._allowed[1]:
            return True
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            if await queries.may_type(tx, me, conversation_id):
                self._allowed = (conversation_id, now + ASK_AGAIN_SECONDS)
                return True
        return False

    async def _show(self, conversation_id: int) -> None:
        chat = await self.get_state(ChatState)
        if chat.conversation_id != conversation_id or chat.status != "ready":
            return  # a letter of a conversation that was left
        me = await actor_of(self.router_data)
        others = [one for one in _typers.of(conversation_id) if one != me.person_id]
        self.line = said([chat._eyes.names.get(one, "") for one in others])  # noqa: SLF001 - hidden from sockets


def _leave(token: str) -> None:
    """The tab looks at no conversation any more."""
    conversation_id = _looking.pop(token, 0)
    tabs = _tabs.get(conversation_id, set())
    tabs.discard(token)
    if not tabs:
        _tabs.pop(conversation_id, None)


live.on_closed(_leave)


def said(names: list[str]) -> str:
    """ "Ben is typing …" by first names; many are a number."""
    first = [name.split()[0] if name else t("Somebody") for name in names]
    if not first:
        return ""
    if len(first) == 1:
        return t("{name} is typing …", name=first[0])
    if len(first) == 2:
        return t("{one} and {other} are typing …", one=first[0], other=first[1])
    return t("{count} people are typing …", count=len(first))


def _changed(conversation_id: int) -> None:
    async def letter(root: Any) -> None:
        state = await root.get_state(TypingState)
        await state._show(conversation_id)  # noqa: SLF001 - hidden from sockets

    for token in list(_tabs.get(conversation_id, ())):
        live.hub.post(token, letter)


_typers = typing.Typers(_changed)


def typing_line() -> rx.Component:
    """Below the messages; its place is kept, so that nothing moves when somebody begins."""
    dot = "size-1.5 rounded-full bg-muted motion-safe:animate-bounce"
    dots = rx.el.span(
        rx.el.span(class_name=dot),
        rx.el.span(class_name=f"{dot} [animation-delay:150ms]"),
        rx.el.span(class_name=f"{dot} [animation-delay:300ms]"),
        class_name="flex items-center gap-1",
        aria_hidden="true",
    )
    return rx.el.p(
        rx.cond(
            TypingState.line != "",
            rx.fragment(dots, rx.el.span(TypingState.line, class_name="truncate")),
            rx.fragment(),
        ),
        data_testid="typing",
        class_name=(
            "mx-auto flex h-5 w-full max-w-[46rem] shrink-0 items-center gap-2 px-4 text-xs "
            "text-muted md:px-7"
        ),
    )
