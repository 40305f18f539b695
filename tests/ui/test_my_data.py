"""The page of one's own data."""

from loom_app.domains.privacy import actions
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.settings.data_state import DataState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab


async def test_a_file_is_asked_for_and_offered_when_it_is_ready(db, connect):
    ben = await make_user(name="Ben")
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit("/settings/data", DataState.load)
        state = await tab.state(DataState)
        assert (state.loaded, state.status) == (True, "")
        await tab.do(DataState.export())
        assert state.status == "queued"
        await outbox.drain()
        toasts = await tab.state(Toasts)
        await tab.until(lambda: "Your file is ready." in [one.text for one in toasts.items])
        assert state.status == "ready"
        assert state.href.startswith("/files/data?file=")
        assert [row.words for row in state.activity] == []
        await tab.visit("/settings/data", DataState.load)
        assert [row.words for row in state.activity] == ["Asked for all data"]
        await tab.do(DataState.older())
        await end()


async def test_leaving_is_asked_for_shown_everywhere_and_undone(db, at, connect):
    at("2026-11-01T12:00Z")
    ben = await make_user(name="Ben", email="ben@loom.test")
    signals.listen(session.forget)
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit("/settings/data", Viewer.arrive, DataState.load)
        state, viewer = await tab.state(DataState), await tab.state(Viewer)
        await tab.do(DataState.ask(True))
        await tab.do(DataState.leave({"typed": "no"}))
        assert set(state.errors) == {"typed"}
        await tab.do(DataState.leave({"typed": "ben@loom.test"}))
        assert (state.leaving, state.asking) == ("15 November 2026", False)
        await tab.until(lambda: viewer.leaving == "15 November 2026")
        await tab.do(DataState.keep())
        assert state.leaving == ""
        await tab.until(lambda: viewer.leaving == "")
        await end()


async def test_another_tab_hears_that_the_account_stays(db, at, connect):
    at("2026-11-01T12:00Z")
    ben = await make_user(name="Ben", email="ben@loom.test")
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit("/settings/data", DataState.load)
        state = await tab.state(DataState)
        async with transaction(ben) as tx:
            await actions.ask_deletion(tx, ben, "ben@loom.test")
        await tab.until(lambda: state.leaving == "15 November 2026")
        await end()
