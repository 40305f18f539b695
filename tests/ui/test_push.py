"""What this browser is to pushes, as its tab says it and the person's other tabs see it."""

import pytest
from sqlalchemy import text

from loom_app.domains.notifications import devices
from loom_app.integrations.push import vapid
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.problems import Toasts
from loom_app.ui.shell.push_state import PushState
from tests.domains.notifications.gateway import Gateway, gateway
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

__all__ = ["gateway"]
pytestmark = pytest.mark.usefixtures("db")


async def test_a_browser_is_switched_on_listed_and_removed_from_elsewhere(
    gateway: Gateway, connect
):
    ben, phone = await make_user(), gateway.phone().subscription
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit("/settings/notifications", PushState.load)
        await tab.do(PushState.found("off", ""))
        state = await tab.state(PushState)
        assert (state.status, state.key) == ("off", vapid.public_key())
        await tab.do(PushState.subscribed(phone.endpoint, phone.p256dh, phone.auth))
        assert (state.status, len(state.rows)) == ("on", 1)
        async with transaction(ben) as tx:
            await devices.remove(tx, ben, state.rows[0].id)
        await tab.until(lambda: (state.status, state.rows) == ("off", []))


async def test_a_browser_is_of_whoever_uses_it_now(gateway: Gateway):
    ben, eve = await make_user(), await make_user(name="Eve")
    phone, shared = await gateway.phone_of(ben), await gateway.phone_of(ben)
    async with Tab(app, eve) as tab:
        await tab.do(PushState.found("on", shared.subscription.endpoint))
        assert (await tab.state(PushState)).status == "off"
    async with Tab(app, ben) as tab:
        await tab.do(PushState.found("on", shared.subscription.endpoint))
        assert (await tab.state(PushState)).status == "off", "Eve used it meanwhile"
        await tab.do(PushState.found("on", phone.subscription.endpoint))
        assert (await tab.state(PushState)).status == "on"
        await tab.do(PushState.left(phone.subscription.endpoint))
        assert (await tab.state(PushState)).status == "off"


async def test_a_browser_with_a_former_key_subscribes_anew_without_a_word(gateway: Gateway):
    ben = await make_user()
    old, new = await gateway.phone_of(ben), gateway.phone().subscription
    async with transaction(ben) as tx:
        await tx.db.execute(text("UPDATE push_devices SET server_key = 'another'"))
    async with Tab(app, ben) as tab:
        await tab.do(PushState.found("on", old.subscription.endpoint))
        state = await tab.state(PushState)
        assert state.status == "stale"
        await tab.do(PushState.subscribed(new.endpoint, new.p256dh, new.auth))
        assert (state.status, len(state.rows)) == ("on", 1)
        assert (await tab.state(Toasts)).items == []


async def test_what_a_forged_tab_says_changes_nothing(gateway: Gateway):
    ben, phone = await make_user(), gateway.phone().subscription
    async with Tab(app, ben) as tab:
        state = await tab.state(PushState)
        await tab.do(PushState.found("root", "x"))
        assert state.status == ""
        await tab.do(PushState.subscribed("http://169.254.169.254/", phone.p256dh, phone.auth))
        assert (state.status, state.rows) == ("", [])
        assert (await tab.state(Toasts)).items[-1].kind == "error"
