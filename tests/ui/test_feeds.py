"""What the feeds tell a tab: never the older after the newer, and nothing lost by a bad moment."""

import asyncio

import pytest

from loom_app.domains.messaging import queries
from loom_app.kit.realtime import presence
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui import inbox_feed, live, presence_feed
from loom_app.ui.chat.inbox_state import InboxState
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab
from tests.ui.test_inbox import say

WAIT = 10


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(inbox_feed, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(presence_feed, "RETRY_SECONDS", 0.01)


class Told:
    """What the hub would bring to the tab, in its order."""

    def __init__(self, monkeypatch, feed) -> None:
        self.got: asyncio.Queue = asyncio.Queue()
        monkeypatch.setattr(feed, "_letter", lambda _cls, told: told)
        for way in ("post", "post_calmly"):
            monkeypatch.setattr(live.hub, way, lambda _token, told, *_: self.got.put_nowait(told))

    async def next(self):
        return await asyncio.wait_for(self.got.get(), WAIT)


class Gate:
    """A read that stands still after its snapshot, or fails, at its first time."""

    def __init__(self, monkeypatch, name, *, fails=False) -> None:
        self.read, self.let_go = asyncio.Event(), asyncio.Event()
        self.calls, self.fails, self.real = 0, fails, getattr(queries, name)
        monkeypatch.setattr(queries, name, self)

    async def __call__(self, *values):
        self.calls += 1
        first = self.calls == 1
        if first and self.fails:
            raise ConnectionError
        found = await self.real(*values)
        if first:
            self.read.set()
            await asyncio.wait_for(self.let_go.wait(), WAIT)
        return found


async def test_an_older_list_never_comes_after_a_newer_one(db, monkeypatch):
    ada, ben, chat = await make_pair()
    await say(ada, chat)
    async with Tab(app, ben) as tab:
        await tab.visit("/messages", InboxState.load)
        told, gate = Told(monkeypatch, inbox_feed), Gate(monkeypatch, "unread_of")
        moved = Signal(f"person:{ben.person_id}:inbox", chat)
        live.hub.hear(moved)
        await asyncio.wait_for(gate.read.wait(), WAIT)
        await say(ada, chat)
        live.hub.hear(moved)
        await asyncio.sleep(inbox_feed.GATHER_SECONDS * 2)  # time enough to overtake
        gate.let_go.set()
        # the list and the badge
        assert [(await told.next()).unread for _ in range(4)] == [1, 1, 2, 2]


async def test_a_list_is_told_though_its_first_read_failed(db, monkeypatch):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await tab.visit("/messages", InboxState.load)
        await say(ada, chat)
        told = Told(monkeypatch, inbox_feed)
        Gate(monkeypatch, "unread_of", fails=True)
        live.hub.hear(Signal(f"person:{ben.person_id}:inbox", chat))
        assert [row.id for row in (await told.next()).rows] == [chat]


async def test_an_older_presence_never_comes_after_a_newer_one(db, monkeypatch):
    ada, ben, _ = await make_pair()
    person = ada.require_person()
    async with Tab(app, ben) as tab:
        await tab.visit("/messages")
        presence_feed.join(await tab.state(InboxState), ben.require_person(), [person])
        told, gate = Told(monkeypatch, presence_feed), Gate(monkeypatch, "presence_of_pairs")
        live.hub.hear(Signal(presence.topic(person), presence.OFFLINE))
        await asyncio.wait_for(gate.read.wait(), WAIT)
        presence.arrived(person, "a tab")
        live.hub.hear(Signal(presence.topic(person), presence.ONLINE))
        await asyncio.sleep(presence_feed.GATHER_SECONDS * 2)
        gate.let_go.set()
        assert [(await told.next())[person].here for _ in range(2)] == ["offline", "online"]
        presence.left(person, "a tab")


async def test_presence_is_told_though_its_first_read_failed(db, monkeypatch):
    ada, ben, _ = await make_pair()
    person = ada.require_person()
    async with Tab(app, ben) as tab:
        await tab.visit("/messages")
        presence_feed.join(await tab.state(InboxState), ben.require_person(), [person])
        told = Told(monkeypatch, presence_feed)
        Gate(monkeypatch, "presence_of_pairs", fails=True)
        live.hub.hear(Signal(presence.topic(person), presence.OFFLINE))
        assert (await told.next())[person].here == "offline"
