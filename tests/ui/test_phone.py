"""A number in the settings: given, proven, in the grid, removed."""

import re

import pytest

from loom_app.integrations.sms import client
from loom_app.kit.jobs import outbox
from loom_app.kit.security import limits
from loom_app.loom_app import app
from loom_app.ui.notifications.grid_state import GridState
from loom_app.ui.notifications.phone_state import PhoneState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def nothing_counted():
    limits.reset()


PAGE = "/settings/notifications"


async def test_a_number_is_given_proven_chosen_for_and_removed():
    client.shown.clear()
    async with Tab(app, await make_user()) as tab:
        await tab.visit(PAGE, GridState.load, PhoneState.load)
        state, grid = await tab.state(PhoneState), await tab.state(GridState)
        assert (state.there, state.stage, grid.channels[-1]) == (True, "", "Devices")
        await tab.do(PhoneState.ask({"number": "0151"}))
        assert "with its country" in state.errors["number"]
        await tab.do(PhoneState.ask({"number": "+49 1512 3456789"}))
        assert (state.stage, state.number) == ("code", "+49 1512 3456789")
        await outbox.drain()
        code = re.findall(r"\d{6}", client.shown[0].body)[0]
        await tab.do(PhoneState.confirm({"code": "x"}))
        assert "not the code" in state.errors["code"]
        await tab.do(PhoneState.confirm({"code": code}))
        assert (state.stage, grid.channels[-1]) == ("on", "Texts")
        await tab.do(PhoneState.remove())
        assert (state.stage, grid.channels[-1]) == ("", "Devices")


async def test_codes_are_sent_a_few_times_an_hour():
    async with Tab(app, await make_user()) as tab:
        await tab.visit(PAGE, PhoneState.load)
        for _ in range(8):
            await tab.do(PhoneState.ask({"number": "+49 1512 3456789"}))
        await outbox.drain()
    assert len(client.shown) <= 5 + 1
