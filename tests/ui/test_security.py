"""The security page, and the question that comes up before money and security change."""

from dataclasses import replace

from loom_app.domains.accounts import actions as accounts
from loom_app.kit.security import passwords
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.auth.confirm_state import ConfirmState
from loom_app.ui.problems import StepUp
from loom_app.ui.settings.security_state import SecurityState
from tests.factories.accounts import PASSWORD, make_user
from tests.ui.tab import Tab


async def test_the_list_shows_this_sign_in_and_ends_another(db):
    ben = await make_user()
    async with Tab(app, ben):
        pass
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        rows = (await tab.state(SecurityState)).sign_ins
        assert [row.here for row in rows].count(True) == 1
        there = next(row for row in rows if not row.here)
        await tab.do(SecurityState.end(there.id))
        assert [row.here for row in (await tab.state(SecurityState)).sign_ins] == [True]
        assert await session.person_of(there.id) is None


async def test_signing_out_all_others_keeps_this_one(db):
    ben = await make_user()
    for _ in range(2):
        async with Tab(app, ben):
            pass
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        await tab.do(SecurityState.end_others())
        assert [row.here for row in (await tab.state(SecurityState)).sign_ins] == [True]


async def test_a_refusal_for_want_of_a_proof_asks_for_it_and_is_lifted_by_it(db):
    ben = await make_user(password_hash=passwords.hash_now(PASSWORD))
    async with Tab(app, replace(ben, mfa=False, stepped_up_at=None)) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        state = await tab.state(SecurityState)
        async with session.acting(state) as (tx, me):
            accounts.require_step_up(tx, me)
        assert (await tab.state(StepUp)).asked
        await tab.do(ConfirmState.confirm({"secret": "wrong"}))
        assert (await tab.state(ConfirmState)).errors.get("secret")
        assert (await tab.state(StepUp)).asked
        await tab.do(ConfirmState.confirm({"secret": PASSWORD}))
        assert not (await tab.state(StepUp)).asked
        session._actors.clear()
        async with session.acting(state) as (tx, me):
            accounts.require_step_up(tx, me)
        assert not (await tab.state(StepUp)).asked
