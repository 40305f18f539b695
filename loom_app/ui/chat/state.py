"""One open conversation: a window of its messages, and what became of the caller's own."""

from itertools import pairwise
from typing import Any

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import MessageRow, MessageView, Thread
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.errors import DomainError
from loom_app.kit.i18n import times
from loom_app.kit.realtime import presence
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.chat.fanout import Fanout
from loom_app.ui.problems import Problems
from loom_app.ui.session import Viewer, acting, actor_of

# a delta carries a whole var: the newest few change often, the rest hardly ever
RECENT_MAX, RECENT_KEEP = 24, 8
NOBODY = Thread(0, 0, "", "", 0, "", "UTC", 0, 0, 0, 0)


class ChatState(Problems, rx.State):
    """`status` is idle, loading, ready or missing; numbers up to `other_read` were read."""

    conversation_id: int = 0
    status: str = "idle"
    thread: Thread = NOBODY
    older: list[MessageView] = []
    recent: list[MessageView] = []
    has_older: bool = False
    other_read: int = 0
    here: str = "offline"
    here_words: str = ""
    opened: int = 0
    settled: list[str] = []
    refused: dict[str, str] = {}
    _change: int = 0
    _last_number: int = 0

    @rx.event
    async def open(self) -> Any:
        """Show the conversation of the address; also after a reconnect, which starts here again."""
        wanted = _number(self.router.url.path)
        if wanted != self.conversation_id:
            self.conversation_id, self.status, self.thread = wanted, "loading", NOBODY
            self.older, self.recent, self.has_older = [], [], False
            yield
        self.status = "missing"
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            thread = await queries.thread(tx, me, wanted)
            rows = await queries.newest(tx, wanted)
            seen = await queries.last_seen(tx, thread.other_id)
            shown = queries.views(rows, me.require_person(), me.zone)
            self.older, self.recent = shown[:-RECENT_KEEP], shown[-RECENT_KEEP:]
            self.has_older = bool(rows) and rows[0].number > 1
            self.thread, self.other_read = thread, thread.other_read
            self._change = thread.change
            self._last_number = rows[-1].number if rows else 0
            self._say_presence(thread.other_id, times.ago(seen) if seen else "")
            self.status = "ready"
            self.opened = int(clock.now().timestamp() * 1000)
            self._listen(thread)
            await self._mark_if_looking(me)

    def _listen(self, thread: Thread) -> None:
        fanout.open(live.tab_token(self), thread.id, thread.change)
        live.watch(self, [presence.topic(thread.other_id)], "_presence_changed")

    @rx.event
    async def close(self) -> None:
        """The list without a thread."""
        fanout.close(live.tab_token(self))
        live.unwatch(self)
        self.conversation_id, self.status, self.thread = 0, "idle", NOBODY
        self.older, self.recent = [], []

    @rx.event
    async def send(self, cid: str, conversation_id: int, body: str) -> None:
        """Save a message that the browser shows already; the same cid again changes nothing."""

        def refuse(problem: DomainError) -> None:
            self.refused = {**self.refused, cid: problem.message}

        async with acting(self, limit="message", on_problem=refuse) as (tx, me):
            row = await messaging.send(tx, me, conversation_id, client_id=cid, body=body)
            if conversation_id == self.conversation_id:
                self._append([row], me)
            self.settled = [*self.settled, cid][-20:]
            if cid in self.refused:
                self.refused = {k: words for k, words in self.refused.items() if k != cid}

    @rx.event
    async def load_older(self) -> None:
        """The page before the oldest message shown."""
        if not self.has_older or self.status != "ready":
            return
        first = (self.older or self.recent)[0]
        async with acting(self) as (tx, me):
            rows = await queries.page_before(tx, self.conversation_id, first.number)
            shown = queries.views(rows, me.require_person(), me.zone)
            self.older = [*shown, *self.older]
            self.has_older = bool(rows) and rows[0].number > 1

    @rx.event
    async def look(self, looking: bool, active: bool) -> None:
        """Somebody looks at the thread: what is shown is read."""
        viewer = await self.get_state(Viewer)
        viewer._looking = looking  # noqa: SLF001 - hidden from sockets, shared by the two states
        me = await actor_of(self.router_data)
        if me.person_id is not None:
            presence.active(me.person_id, live.tab_token(self), is_active=active)
            await self._mark_if_looking(me)

    async def _take(self, conversation_id: int, changes: queries.Changes) -> None:
        """What the hub brings: only what this tab lacks, and only to a member."""
        me = await actor_of(self.router_data)
        if conversation_id != self.conversation_id or me.person_id not in changes.members:
            return
        self._append([row for row in changes.messages if row.change > self._change], me)
        for mark in changes.marks:
            if mark.user_id != me.person_id:
                self.other_read = max(self.other_read, mark.read_number)
        self._change = max(self._change, changes.change)
        await self._mark_if_looking(me)

    def _append(self, rows: list[MessageRow], me: Actor) -> None:
        """Each message once and in order; one that comes late is put where it belongs."""
        shown = {view.id for view in self.recent}
        new = [row for row in rows if row.id not in shown]
        if not new:
            return
        recent = [*self.recent]
        for row in new:
            before = recent[-1] if recent else (self.older[-1] if self.older else None)
            recent.append(queries.view(row, me.require_person(), me.zone, before))
        if any(a.number > b.number for a, b in pairwise(recent)):
            recent.sort(key=lambda view: view.number)
        if len(recent) > RECENT_MAX:
            self.older = [*self.older, *recent[:-RECENT_KEEP]]
            recent = recent[-RECENT_KEEP:]
        self.recent = recent
        self._last_number = max(self._last_number, recent[-1].number)

    async def _mark_if_looking(self, me: Actor) -> None:
        viewer = await self.get_state(Viewer)
        if viewer._looking and self.recent and self.status == "ready":  # noqa: SLF001 - as above
            fanout.mark_soon(me, self.conversation_id, self._last_number)

    async def _presence_changed(self, _signal: Signal) -> None:
        self._say_presence(self.thread.other_id, t("just now"))

    def _say_presence(self, person_id: int, seen: str) -> None:
        self.here = presence.of(person_id)
        gone = t("Last here {when}", when=seen) if seen else t("Offline")
        self.here_words = {"online": t("Online"), "away": t("Away")}.get(self.here, gone)


def _number(path: str) -> int:
    last = path.rstrip("/").rpartition("/")[2]
    return int(last) if last.isdecimal() and len(last) < 18 else 0


fanout = Fanout(ChatState)
