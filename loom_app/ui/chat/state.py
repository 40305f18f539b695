"""One open conversation: what the browser is told of it, and what became of the caller's own."""

from dataclasses import replace
from typing import Any

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.errors import Early
from loom_app.domains.messaging.queries import (
    Changes,
    Eyes,
    MemberMark,
    MessageRow,
    PresenceView,
    Thread,
)
from loom_app.kit import addresses, clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, TooMany
from loom_app.kit.realtime import signals, typing
from loom_app.kit.text import t
from loom_app.ui import live, marks, presence_feed
from loom_app.ui.chat import feed as feeds
from loom_app.ui.chat.fanout import Fanout
from loom_app.ui.chat.feed import Feed, Page
from loom_app.ui.plain import plain
from loom_app.ui.problems import Problems
from loom_app.ui.session import Viewer, acting, actor_of, minding

KEPT = 200  # ids and refusals that a tab remembers
NOBODY = Thread(0, "pair", 0, "", "", 0, "", "UTC", 0, 0)
NO_EYES = Eyes(0, "UTC", 1, {}, grouped=False)


class ChatState(Problems, rx.State):
    """`status` is idle, loading, ready, missing or failed. `delivered_to` and `read_to` are the
    numbers up to which everybody else has received and read; `readers` says it by name in a
    group."""

    conversation_id: int = 0
    status: str = "idle"
    thread: Thread = NOBODY
    feed: Feed = Feed()
    page: Page = Page()
    delivered_to: int = 0
    read_to: int = 0
    readers: dict[str, int] = {}
    here: str = "offline"
    here_words: str = ""
    opened: int = 0
    settled: list[str] = []
    refused: dict[str, str] = {}
    early: int = 0
    held: str = ""
    _change: int = 0
    _last_number: int = 0
    _eyes: Eyes = NO_EYES
    _marks: dict[int, MemberMark] = {}

    @rx.event
    async def open(self) -> Any:
        """Show the conversation of the address; also after a reconnect, which starts here again."""
        wanted = addresses.last_number(self.router.url.path)
        if wanted != self.conversation_id:
            self.conversation_id, self.status, self.thread = wanted, "loading", NOBODY
            self.page = Page()
            yield
        self.status = "failed"
        viewer = await self.get_state(Viewer)
        viewer._looking = False  # noqa: SLF001 - as in `look`; a new connection says so again

        def refuse(_: DomainError) -> None:
            self.status = "missing"

        async with acting(self, on_problem=refuse) as (tx, me):
            opened = await queries.thread(tx, me, wanted)  # its change first: nothing is missed
            rows = await queries.newest(tx, wanted)
            others = {opened.thread.other_id} - {0}
            presence_feed.join(self, me.require_person(), others)  # before reading
            await self._presence(await queries.presence_of(tx, me, others))
            self.thread, self._eyes = opened.thread, opened.eyes
            self.feed = feeds.newest(wanted, rows, opened.eyes, opened.change)
            self._change, self._last_number = opened.change, opened.last_number
            self._take_marks(opened.marks, me, whole=True)
            self.status = "ready"
            self.opened = int(clock.now().timestamp() * 1000)
            fanout.open(live.tab_token(self), wanted, opened.change)
            await self._mark(me)

    @rx.event
    async def close(self) -> None:
        """The list without a thread, or another page: nothing is looked at."""
        viewer = await self.get_state(Viewer)
        viewer._looking = False  # noqa: SLF001 - as in `look`
        fanout.close(live.tab_token(self))
        presence_feed.leave(self)
        self.conversation_id, self.status, self.thread = 0, "idle", NOBODY
        self.feed, self.page = Feed(), Page()

    @rx.event
    async def send(
        self, cid: str, conversation_id: int, body: str, reply_to: int, files: list[int], after: str
    ) -> None:
        """Save a message that the browser shows already; the same cid again changes nothing.

        `after` is the cid of the message written before it, while that one is under way.
        """
        if not queries.is_client_id(cid):
            return  # no page of ours makes such a one
        draft = messaging.Draft(cid, body, reply_to, files[: queries.FILES_MAX + 1], after)

        def refuse(problem: DomainError) -> None:
            if isinstance(problem, TooMany):
                # it waits in the browser, which tries again
                self.held = t("You are writing very fast. What waits goes out in a moment.")
            elif isinstance(problem, Early):
                self.early += not self.held
            else:
                known = list(plain(self.refused).items())[-KEPT:]
                self.refused = {**dict(known), cid: problem.message}

        async with minding(self, limit="message", use=cid, on_problem=refuse) as me:
            sent = await messaging.send_at_once(me, conversation_id, draft)
            if sent.row.reply_to is not None:  # with the quote, which sending does not read
                async with acting(self, on_problem=refuse) as (tx, _):
                    row = await queries.message_at(tx, conversation_id, sent.row.number)
                    sent = replace(sent, row=row)
            self._show_own(conversation_id, sent, me)
            signals.publish(messaging.signals_of(conversation_id, sent))
            typing.stop(conversation_id, me.require_person())
            self.settled = [*plain(self.settled), cid][-10:]
            if self.held:
                self.held = ""
            if cid in self.refused:
                self.refused = {k: words for k, words in self.refused.items() if k != cid}

    def _show_own(self, conversation_id: int, sent: messaging.Sent, me: Actor) -> None:
        """At once in this tab; and for the others without reading it again."""
        row, mine = sent.row, plain(self._marks).get(me.person_id or 0)
        if conversation_id != self.conversation_id:
            return
        self._last_number = max(self._last_number, row.number)
        follows = sent.is_new and row.reply_to is None and self._change == row.change - 1
        if not follows or mine is None:
            # out of turn: shown where it belongs, and what lies between is still to come
            self._show_out_of_turn([row])
            return
        # as `loom_send` does: who had read everything has read their own message, too
        read = row.number if mine.read_number == row.number - 1 else mine.read_number
        own = replace(mine, read_number=read, delivered_number=row.number, change=row.change)
        members = dict.fromkeys(sent.members, 1)
        alone = Changes(row.change - 1, row.change, [row], [own], members)
        self._take_marks([own], me)
        self._follow(alone)
        self._change = row.change
        fanout.saw(live.tab_token(self), conversation_id, row.change)
        fanout.wrote(conversation_id, alone)

    @rx.event
    async def load_older(self, before: int) -> None:
        """The page before a number."""
        async with acting(self) as (tx, _):
            rows = await queries.page_before(tx, self.conversation_id, before)
            self._turn("before", rows, asked=before, start=len(rows) < queries.PAGE)

    @rx.event
    async def load_newer(self, after: int) -> None:
        """The page after a number."""
        async with acting(self) as (tx, _):
            rows = await queries.page_after(tx, self.conversation_id, after)
            self._turn("after", rows, asked=after, end=len(rows) < queries.PAGE)

    @rx.event
    async def jump(self, number: int) -> None:
        """The message of a number, with what stands around it."""
        async with acting(self) as (tx, _):
            await self._jump(tx, number)

    @rx.event
    async def jump_to_day(self, day: str) -> None:
        """The first message of a day, given as 2026-11-21, or the first one after it."""
        with_day = addresses.day(day)
        async with acting(self) as (tx, me):
            if with_day:
                number = await queries.first_on(tx, me, self.conversation_id, with_day)
                await self._jump(tx, number or self._last_number)

    @rx.event
    async def jump_to_newest(self) -> None:
        async with acting(self) as (tx, _):
            rows = await queries.newest(tx, self.conversation_id)
            start = len(rows) < queries.PAGE
            self._turn("around", rows, start=start, end=True, at=rows[-1].number if rows else 0)

    async def _jump(self, tx: Tx, number: int) -> None:
        rows = await queries.page_around(tx, self.conversation_id, number)
        start = sum(row.number < number for row in rows) < queries.PAGE // 2
        end = sum(row.number >= number for row in rows) < queries.PAGE // 2
        self._turn("around", rows, start=start, end=end, at=number)

    def _turn(self, edge: str, rows: list[MessageRow], **more: Any) -> None:
        shown = queries.views(rows, self._eyes)
        self.page = Page(self.conversation_id, edge, shown, turn=self.page.turn + 1, **more)

    @rx.event
    async def catch_up(self, after: int) -> None:
        """The browser found that it missed something after this change."""
        async with acting(self) as (tx, me):
            if self.status != "ready":
                return
            changes = await queries.changes_after(tx, self.conversation_id, after)
            self._take_marks(changes.marks, me)
            await self._tell_after(tx, after, changes)

    async def _tell_after(self, tx: Tx, after: int, changes: Changes) -> None:
        """All of it; or, where that is too much, the newest page in place of everything."""
        if changes.whole:
            newest = await queries.newest(tx, self.conversation_id)
            whole = feeds.newest(self.conversation_id, newest, self._eyes, changes.change)
            self.feed = feeds.replacing(whole)
        else:
            rows, gone = feeds.shaped(changes.messages, self._eyes)
            self.feed = Feed(self.conversation_id, after, changes.change, rows, gone)
        self._change = max(self._change, changes.change)

    @rx.event
    async def look(self, looking: bool) -> None:
        """Somebody looks at the thread: what is shown is read."""
        viewer = await self.get_state(Viewer)
        viewer._looking = looking  # noqa: SLF001 - hidden from sockets, shared by the two states
        await self._mark(await actor_of(self.router_data))

    async def _take(self, conversation_id: int, changes: Changes) -> None:
        """What the hub brings: only what this tab lacks, and only to a member."""
        me = await actor_of(self.router_data)
        if conversation_id != self.conversation_id or self.status != "ready":
            return
        if me.person_id not in changes.members:
            await self.close()  # removed, or gone: the conversation is not theirs any more
            self.conversation_id, self.status = conversation_id, "missing"
            return
        self._take_marks(changes.marks, me)
        new = [row for row in changes.messages if row.change > self._change]
        unknown = {row.sender_id or 0 for row in new} - plain(self._eyes).names.keys() - {0}
        if unknown or len(changes.members) != plain(self.thread).people:
            await self._meet(me)
        if changes.whole:
            async with acting(self, on_problem=lambda _: None) as (tx, _):
                await self._tell_after(tx, changes.after, changes)
        elif new:
            self._follow(Changes(changes.after, changes.change, new, [], changes.members))
        if new:
            self._last_number = max(self._last_number, *(row.number for row in new))
        self._change = max(self._change, changes.change)
        if new:
            await self._mark(me)

    def _follow(self, changes: Changes) -> None:
        gapless = changes.after <= self._change
        self._tell(feeds.following(plain(self.feed), changes, plain(self._eyes), gapless=gapless))

    def _show_out_of_turn(self, rows: list[MessageRow]) -> None:
        told = self.feed.change
        same = Changes(told, told, rows, [], {})
        self._tell(feeds.following(plain(self.feed), same, plain(self._eyes), gapless=True))

    def _tell(self, feed: Feed) -> None:
        """One visit of the hub may bring several; what has not gone out yet goes with the next."""
        unsent = "feed" in self.dirty_vars
        self.feed = feeds.joined(plain(self.feed), feed) if unsent else feed

    async def _meet(self, me: Actor) -> None:
        """Somebody joined, left, or wrote whose name is not known here yet."""
        async with acting(self, on_problem=lambda _: None) as (tx, _):
            opened = await queries.thread(tx, me, self.conversation_id)
            self.thread, self._eyes = opened.thread, opened.eyes
            self._take_marks(opened.marks, me, whole=True)

    def _take_marks(self, found: list[MemberMark], me: Actor, *, whole: bool = False) -> None:
        if not found:
            return
        known = {} if whole else plain(self._marks)
        marks_now = {**known, **{mark.user_id: mark for mark in found}}
        self._marks = marks_now
        mine = known.get(me.person_id or 0)
        if mine and all(m.user_id == mine.user_id and m.receipts == mine.receipts for m in found):
            return  # how far one is oneself shows nowhere in the thread
        delivered, read, readers = queries.progress(marks_now.values(), me.person_id or 0)
        if self.delivered_to != delivered:
            self.delivered_to = delivered
        if self.read_to != read:
            self.read_to = read
        eyes = plain(self._eyes)
        if eyes.grouped:
            self.readers = {eyes.names.get(one, ""): number for one, number in readers.items()}
        elif whole and self.readers:
            self.readers = {}

    async def _mark(self, me: Actor) -> None:
        """Where somebody looks, what is shown is read."""
        if self.status != "ready" or me.person_id is None:
            return
        viewer = await self.get_state(Viewer)
        mine = plain(self._marks).get(me.person_id)
        behind = mine is None or mine.read_number < self._last_number
        if viewer._looking and behind:  # noqa: SLF001 - as above
            marks.soon(me.person_id, self.conversation_id, read=self._last_number)

    async def _presence(self, seen: dict[int, PresenceView]) -> None:
        """Of the other of a pair; of a group, and where one may not know, nothing is said."""
        view = next(iter(seen.values()), PresenceView())
        self.here, self.here_words = view.here, view.words


fanout = Fanout(ChatState)
marks.writers.append(fanout.wrote)
live.on_closed(fanout.close)
