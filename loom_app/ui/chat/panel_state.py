"""What stands beside the open conversation, and what can be done about it there."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.actions import Mute
from loom_app.domains.messaging.queries import FileView, MemberView, PanelView, Reachable
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.chat.propose_state import ProposeState
from loom_app.ui.chat.schedule_state import ScheduleState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Problems, say
from loom_app.ui.safety.state import close_dialogs
from loom_app.ui.session import acting, actor_of

FILES, FILES_MOST = 12, 240


class TitleForm(TypedDict):
    title: str


class PanelState(Problems, rx.State):
    """`opened` keeps from one conversation to the next; `about` is empty until it is read.
    `chosen` is the member whose menu is open."""

    opened: bool = False
    about: PanelView = queries.NO_PANEL
    files: list[FileView] = []
    more_files: bool = False
    next_words: str = ""
    next_link: str = ""
    leaving: bool = False
    adding: bool = False
    people: list[Reachable] = []
    chosen: MemberView = queries.NO_MEMBER
    _most: int = FILES
    _conversation: int = 0

    @rx.event
    async def toggle(self) -> None:
        """Open it, or close it."""
        self.opened = not self.opened
        await self._fill()

    @rx.event
    async def load(self) -> None:
        """Another conversation is open now, or the same one after a lost connection."""
        await close_dialogs(self)
        chat = await self.get_state(ChatState)
        if chat.conversation_id != self._conversation:
            self._conversation, self._most = chat.conversation_id, FILES
            await self._close_dialogs()
        await self._fill()

    async def _close_dialogs(self) -> None:
        """What was asked of one conversation must not be answered in another."""
        self.leaving, self.adding, self.chosen = False, False, queries.NO_MEMBER
        for cls in (ScheduleState, ProposeState):
            found = await self.get_state(cls)
            found.opened = False

    async def _fill(self) -> None:
        chat = await self.get_state(ChatState)
        if not self.opened or chat.status != "ready":
            live.unwatch(self)
            self._empty()
            return
        me = await actor_of(self.router_data)
        topics = [f"person:{me.person_id}:{what}" for what in ("inbox", "sessions", "blocks")]
        live.watch(self, topics, "_changed", calm=0.5)  # before reading, to miss nothing
        async with acting(self, on_problem=lambda _: None) as (tx, _):
            await self._read(tx, me, chat.conversation_id)

    def _empty(self) -> None:
        self.about, self.files, self.next_words = queries.NO_PANEL, [], ""

    async def _read(self, tx: Tx, me: Actor, conversation_id: int) -> None:
        about = await queries.panel(tx, me, conversation_id)
        shared = await queries.shared_files(tx, me, conversation_id, limit=self._most + 1)
        files = [one.file for one in shared[: self._most]]
        words, link = await self._next_session(tx, me, about.other.id)
        for name, value in (
            ("about", about),
            ("files", files),
            ("more_files", len(shared) > self._most),
            ("next_words", words),
            ("next_link", link),
        ):
            if getattr(self, name) != value:
                setattr(self, name, value)

    async def _next_session(self, tx: Tx, me: Actor, person_id: int) -> tuple[str, str]:
        if not person_id:
            return "", ""
        found = await scheduling.sessions(
            tx, me, SessionFilters(with_person=person_id, page_size=1)
        )
        if not found.cards:
            return "", ""
        card = found.cards[0]
        return f"{card.title}, {times.when(card.starts_at, me.zone)}", f"/sessions/{card.id}"

    async def _changed(self, signal: Signal) -> None:
        """Something of the person moved: their sessions, blocks, or this conversation."""
        chat = await self.get_state(ChatState)
        elsewhere = signal.topic.endswith(":inbox") and signal.number not in {0, self.about.id}
        if elsewhere or not self.opened or chat.conversation_id != self.about.id:
            return
        # who was removed, or left in another tab, sees nothing of it any more
        async with acting(self, on_problem=lambda _: self._empty()) as (tx, me):
            await self._read(tx, me, chat.conversation_id)

    @rx.event
    async def load_files(self) -> None:
        """Older files, too."""
        self._most = min(self._most + FILES, FILES_MOST)
        async with acting(self) as (tx, me):
            await self._read(tx, me, self.about.id)

    @rx.event
    async def set_pinned(self, pinned: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.pin(tx, me, self.about.id, pinned=pinned)

    @rx.event
    async def set_archived(self, archived: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.archive(tx, me, self.about.id, archived=archived)

    @rx.event
    async def set_receipts(self, shown: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.show_receipts(tx, me, self.about.id, shown=shown)

    @rx.event
    async def mute(self, how_long: Mute) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.mute(tx, me, self.about.id, how_long)

    @rx.event
    async def unblock(self) -> None:
        """Lift the block of the other of a conversation of two."""
        async with acting(self, limit="save") as (tx, me):
            await moderation.unblock(tx, me, self.about.other.id)
            await say(self, t("{name} is no longer blocked.", name=self.about.other.name))

    @rx.event
    async def choose(self, person_id: int) -> None:
        """Open the menu of a member; 0 closes it."""
        found = (one for one in self.about.members if one.id == person_id)
        self.chosen = next(found, queries.NO_MEMBER)

    @rx.event
    async def rename(self, form: TitleForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.rename_group(tx, me, self.about.id, form["title"])
            await say(self, t("The group has its new name."))

    @rx.event
    async def show_adding(self, adding: bool) -> None:
        """Open or close the dialog that adds people."""
        self.adding = adding
        if adding:
            members = {one.id for one in self.about.members}
            async with acting(self) as (tx, me):
                reachable = await queries.reachable(tx, me)
                self.people = [one for one in reachable if one.client and one.id not in members]

    @rx.event
    async def add(self, person_id: int) -> None:
        self.adding = False
        async with acting(self, limit="save") as (tx, me):
            await messaging.add_to_group(tx, me, self.about.id, [person_id])

    @rx.event
    async def remove(self, person_id: int) -> None:
        self.chosen = queries.NO_MEMBER
        async with acting(self, limit="save") as (tx, me):
            await messaging.remove_from_group(tx, me, self.about.id, person_id)

    @rx.event
    async def hand_over(self, person_id: int) -> None:
        self.chosen = queries.NO_MEMBER
        async with acting(self, limit="save") as (tx, me):
            await messaging.hand_over_group(tx, me, self.about.id, person_id)

    @rx.event
    async def ask_to_leave(self, leaving: bool) -> None:
        """Open or close the question."""
        self.leaving = leaving

    @rx.event
    async def leave(self) -> Any:
        self.leaving = False
        async with acting(self, limit="save") as (tx, me):
            await messaging.leave_group(tx, me, self.about.id)
            return rx.redirect("/messages")
