"""Notices: news for the page they were said on, and for the one they lead to."""

from loom_app.kit.actor import Actor
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from loom_app.loom_app import app
from loom_app.ui.chat.find_state import FindState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from tests.factories.accounts import make_user
from tests.ui.tab import Tab


async def test_a_notice_goes_with_a_redirect_and_not_from_page_to_page(db, at):
    at("2026-11-21T12:00:00Z")
    async with Tab(app, Actor(visitor="v" * 64)) as tab:
        (await tab.state(Toasts))._add("error", "We could not find that.")
        at("2026-11-21T12:00:01Z")
        await tab.visit("/coaches", Viewer.arrive)
        assert [toast.text for toast in (await tab.state(Toasts)).items] == [
            "We could not find that."
        ]
        at("2026-11-21T12:00:20Z")
        await tab.visit("/", Viewer.arrive)
        assert (await tab.state(Toasts)).items == []


async def test_what_is_said_again_stands_there_once(db):
    async with Tab(app, Actor(visitor="v" * 64)) as tab:
        toasts = await tab.state(Toasts)
        for text in ("Choose a date.", "Saved.", "Choose a date."):
            toasts._add("error" if "date" in text else "success", text)
        assert [toast.text for toast in toasts.items] == ["Saved.", "Choose a date."]


async def test_one_use_too_many_is_said_and_ends_the_handler(db, at):
    at("2026-11-21T12:00:00Z")
    ben = await make_user()
    async with Tab(app, ben) as tab:
        for n in range(125):
            await tab.do(FindState.find(f"word {n}"))
        said = [toast.text for toast in (await tab.state(Toasts)).items]
        assert set(said) == {"That was a lot at once. Wait a moment and try again."}
        assert (await tab.state(FindState)).words.startswith("word 11")  # of 124


async def test_a_tab_that_will_not_stop_is_told_once_and_not_served(db, at, monkeypatch):
    at("2026-11-21T12:00:00Z")
    ben = await make_user()
    monkeypatch.setenv("LOOM_EVENTS_PER_10S", "20")
    settings.cache_clear()
    limits.reset()
    try:
        async with Tab(app, ben) as tab:
            for n in range(40):
                await tab.do(FindState.find(f"word {n}"))
            assert (await tab.state(FindState)).words.startswith("word 1")  # of 39
            said = [toast.text for toast in (await tab.state(Toasts)).items]
            assert said == ["That was a lot at once. Wait a moment and try again."]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
