"""The page where staff helps people back in, and the page that the mailed link opens."""

from dataclasses import replace

from loom_app.domains.accounts import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.auth.lost_factor_state import LostFactorState
from loom_app.ui.session import Viewer
from loom_app.ui.settings.second_factor_state import SecondFactorState
from loom_app.ui.staff.people_state import PeopleState
from tests.domains.accounts.people import mails, signed_in, trail, with_app
from tests.domains.accounts.test_helping import chosen_before
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)
WHY = {"reason": "Called on the number we know"}


async def ben_with_app() -> Actor:
    me, _, _ = await with_app(await signed_in(name="Ben", email="ben@loom.test"))
    await chosen_before(me.person_id, 30)
    return me


async def test_somebody_is_looked_up_signed_out_and_helped_with_a_lost_app(db, at):
    at("2026-11-01T12:00Z")
    olga = await make_user(name="Olga", roles=["staff"])
    await ben_with_app()
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/people", PeopleState.load)
        state = await tab.state(PeopleState)
        await tab.do(PeopleState.find({"email": "nobody@loom.test"}))
        assert set(state.errors) == {"email"}
        await tab.do(PeopleState.find({"email": "ben@loom.test"}))
        row = state.person
        assert (row.name, row.may_help) == ("Ben", True)
        assert row.sign_ins.startswith("1 device, last used")
        assert row.factor == "On since 1 November 2026, 10 recovery codes left"
        await tab.do(PeopleState.ask("end"))
        await tab.do(PeopleState.end({"reason": ""}))
        assert (set(state.errors), state.asking) == ({"reason"}, "end")
        await tab.do(PeopleState.end(WHY))
        assert (state.person.sign_ins, state.asking) == ("0 devices", "")
        await tab.do(PeopleState.ask("reset"))
        await tab.do(PeopleState.reset_factor(WHY))
        assert "2 November" in state.person.waits
        assert not state.person.can_reset
        assert await trail("people.look") == 1
        await tab.do(PeopleState.ask("nonsense"))
        await tab.do(PeopleState.turn(False))
        await tab.do(PeopleState.find({"email": (await _email(olga))}))
        assert not state.person.may_help


async def _email(me: Actor) -> str:
    async with transaction(me) as tx:
        return (await queries.my_profile(tx, me)).email


async def test_an_open_page_says_what_staff_was_told_and_stops_it(db, connect):
    olga = await make_user(name="Olga", roles=["staff"])
    ben = await ben_with_app()
    signals.listen(session.forget)
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit("/settings/security", Viewer.arrive, SecondFactorState.load)
        viewer = await tab.state(Viewer)
        assert viewer.losing == ""
        async with transaction(olga) as tx:
            await actions.ask_factor_reset(tx, olga, ben.person_id or 0, WHY["reason"])
        await tab.until(lambda: viewer.losing != "")
        await tab.do(SecondFactorState.keep())
        await tab.until(lambda: viewer.losing == "")
        await end()


async def test_the_mailed_link_waits_for_its_day_stops_and_finishes(db, at):
    at("2026-11-01T12:00Z")
    olga = await make_user(name="Olga", roles=["staff"])
    ben = await ben_with_app()
    async with Tab(app, VISITOR) as tab:
        for last in (LostFactorState.stop, LostFactorState.finish):
            async with transaction(olga) as tx:
                await actions.ask_factor_reset(tx, olga, ben.person_id or 0, WHY["reason"])
            asked = [number for name, number in await mails() if name == "account.factor_asked"]
            path = f"/lost-second-factor?token={queries.link_token(asked[-1])}"
            await tab.visit(path, LostFactorState.load)
            state = await tab.state(LostFactorState)
            assert (state.loaded, state.is_due, "2 November" in state.due) == (True, False, True)
            await tab.do(LostFactorState.finish())
            assert "too early" in state.problem
            assert state.token
            if last is LostFactorState.finish:
                at("2026-11-02T12:00Z")
                await tab.visit(path, LostFactorState.load)
            await tab.do(last())
            assert state.done == ("gone" if last is LostFactorState.finish else "stopped")
            await tab.visit(path, LostFactorState.load)
            assert "used already" in state.problem
            await tab.do(last())
            assert (state.done, state.token) == ("", "")


async def test_others_are_led_away(db):
    ada = await make_user(name="Ada", roles=["coach"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    desk = replace(ada, powers=frozenset({"people.roles"}))
    for who in (ada, desk):
        async with Tab(app, who) as tab:
            await tab.visit("/staff/people", PeopleState.load)
            state = await tab.state(PeopleState)
            assert not state.loaded
            await tab.do(PeopleState.find({"email": "ben@loom.test"}))
            await tab.do(PeopleState.end(WHY))
            await tab.do(PeopleState.reset_factor(WHY))
            assert state.person.id == 0
    assert ben.person_id is not None
    assert await trail("people.look") == 0
