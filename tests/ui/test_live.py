"""A connected tab keeps its state, however long it idles."""

from datetime import timedelta
from types import SimpleNamespace

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

from loom_app.ui import live
from loom_app.ui.problems import Toasts


async def test_a_tab_idle_past_the_expiry_keeps_its_state(at):
    start = at("2026-11-21T08:00:00+00:00")
    manager = StateManagerMemory(token_expiration=12 * 3600)
    token = rx.BaseStateToken(ident="open-tab", cls=rx.State)
    closed = rx.BaseStateToken(ident="closed-tab", cls=rx.State)
    root = await manager.get_state(token)
    (await root.get_state(Toasts))._add("info", "still here")
    await manager.get_state(closed)
    app = SimpleNamespace(
        state_manager=manager,
        event_namespace=SimpleNamespace(
            _token_manager=SimpleNamespace(token_to_socket={"open-tab": object()})
        ),
    )
    for hours in (11, 22, 33):
        at((start + timedelta(hours=hours)).isoformat())
        await live.sweep_states(app, 0.0)
        manager._purge_expired_tokens()
    again = await manager.get_state(token)
    assert [toast.text for toast in (await again.get_state(Toasts)).items] == ["still here"]
    assert "closed-tab" not in {key.split("_")[0] for key in manager.states}
    await manager.close()
