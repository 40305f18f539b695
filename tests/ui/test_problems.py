"""Notices: news for the page they were said on, and for the one they lead to."""

from loom_app.kit.actor import Actor
from loom_app.loom_app import app
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
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
