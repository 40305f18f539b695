"""The hub as the app installs it: what happens anywhere reaches a tab that is connected."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from loom_app.kit.realtime import presence, signals
from loom_app.loom_app import app
from loom_app.ui import inbox_feed, live, marks, presence_feed
from tests.ui.tab import Tab

Connect = Callable[[Tab], Awaitable[Callable[[], Awaitable[None]]]]


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """`await connect(tab)` gives the tab a socket of this process, and returns how to end it. One
    tab at a time; a letter that fails, fails the test."""
    namespace = app.event_namespace
    assert namespace is not None
    monkeypatch.setattr(namespace, "on_disconnect", namespace.on_disconnect)
    for name in ("_listeners", "_healers"):
        monkeypatch.setattr(signals, name, list(getattr(signals, name)))
    for feed in (inbox_feed, marks, presence_feed):
        monkeypatch.setattr(feed, "GATHER_SECONDS", 0)
    live.install(app)

    async def one(tab: Tab) -> Callable[[], Awaitable[None]]:
        monkeypatch.setattr(app, "_state_manager", tab.manager)
        monkeypatch.setattr(namespace, "emit_update", tab.emit_update)
        sid = f"socket of {tab.token}"
        await namespace._token_manager.link_token_to_sid(tab.token, sid)

        async def end() -> None:
            if (closing := namespace.on_disconnect(sid)) is not None:
                await closing

        return end

    with capture_logs() as logged:
        yield one
    await namespace._token_manager.disconnect_all()
    presence.take_departed()
    presence._gone.clear()  # ids begin anew in every test
    assert [line for line in logged if line["log_level"] == "error"] == []
