"""The appearance is kept with the account and followed by every tab of the person."""

from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.settings.state import SettingsState
from loom_app.ui.shell.theme_state import ThemeState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab


async def test_what_is_chosen_in_one_tab_is_known_in_the_next_and_outlives_the_profile_form(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/settings", Viewer.arrive, SettingsState.load)
        await tab.do(ThemeState.choose("dark"))
        form = {"name": "Ben", "pronouns": "", "bio": "", "zone": "UTC"}
        await tab.do(SettingsState.save(form))
        await tab.do(ThemeState.choose("purple"))
        assert "light, dark" in (await tab.state(Toasts)).items[-1].text
    session.forget(Signal(f"person:{ben.person_id}:profile"))
    async with Tab(app, ben) as tab:
        await tab.visit("/sessions", Viewer.arrive)
        assert (await tab.state(Viewer)).theme == "dark"
