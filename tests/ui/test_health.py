"""The pages of how Loom is: for staff who may see it, live, with tests that tell their outcome."""

from sqlalchemy import text

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import processes, telling
from loom_app.kit.realtime.signals import Signal, deliver
from loom_app.loom_app import app
from loom_app.ui.problems import Toasts
from loom_app.ui.staff.health_state import TOPIC, HealthState
from loom_app.ui.staff.integrations_state import IntegrationsState
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab

__all__ = ["contract", "sandbox"]


def light(state, key):
    return next(sign for part in state.parts for sign in part.signs if sign.key == key)


async def test_lights_and_figures_are_shown_and_read_anew(db, connect):
    sam = await make_user(name="Sam", roles=["staff"])
    telling.begin()
    async with transaction(Actor.system_job("realtime.processes")) as tx:
        await processes.beat(tx, "one", [])
    async with Tab(app, sam) as tab:
        await connect(tab)
        await tab.visit("/staff/health", HealthState.load)
        state = await tab.state(HealthState)
        assert light(state, "rows").tone == "good"
        assert light(state, "failed").says == "0"
        assert len(state.processes) == 1
        assert state.tables
        async with transaction(Actor.system_job("test.work")) as tx:
            await tx.enqueue("test.failed", {})
        async with transaction(Actor.system_job("worker")) as tx:
            await tx.db.execute(text("UPDATE outbox_jobs SET failed_at = :n"), {"n": clock.now()})
        deliver([Signal(TOPIC)])
        await tab.until(lambda: light(state, "failed").tone == "bad")
        assert light(state, "failed").says == "1"
        assert state.tone == "bad"


async def test_a_test_says_what_came_of_it(db, sandbox):
    sam = await make_user(name="Sam", roles=["staff"])
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/integrations", IntegrationsState.load)
        await tab.do(IntegrationsState.test("stripe"))
        state = await tab.state(IntegrationsState)
        assert state.said["stripe"].startswith("Stripe answers")
        assert state.failed["stripe"] is False
        assert next(one.word for one in state.rows if one.key == "stripe") == "Works"
        assert state.testing == ""


async def test_others_are_led_away_and_can_test_nothing(db, sandbox):
    ada = await make_user(name="Ada")
    async with Tab(app, ada) as tab:
        for path, cls in (
            ("/staff/health", HealthState),
            ("/staff/integrations", IntegrationsState),
        ):
            await tab.visit(f"/staff/{path}", cls.load)
            assert (await tab.state(cls)).loaded is False
        await tab.do(IntegrationsState.test("stripe"))
        assert (await tab.state(IntegrationsState)).said == {}
        assert (await tab.state(Toasts)).items
