"""The page where staff is appointed."""

from loom_app.domains.accounts import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.staff.money_state import MoneyDeskState
from loom_app.ui.staff.roles_state import RolesState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab


async def who_may(permission: str) -> list[int]:
    async with transaction(Actor.system_job("accounts.test")) as tx:
        return await queries.staff_who_may(tx, permission)


async def test_a_role_is_made_given_changed_taken_and_removed_on_the_page(db):
    olga = await make_user(name="Olga", roles=["staff"])
    ben = (await make_user(name="Ben", email="ben@loom.test")).person_id or 0
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/roles", RolesState.load)
        state = await tab.state(RolesState)
        assert [row.name for row in state.rows] == ["Owner", "Finance", "Support"]
        await tab.do(RolesState.edit(0))
        await tab.do(RolesState.save({"name": "Desk"}))
        assert set(state.errors) == {"permissions"}
        await tab.do(RolesState.save({"name": "Desk", "places.edit": "on"}))
        assert (state.editing, state.errors) == (-1, {})
        desk = next(row for row in state.rows if row.name == "Desk")
        await tab.do(RolesState.give({"role_id": str(desk.id), "email": "ben@loom.test"}))
        assert ben in await who_may("places.edit")
        await tab.do(RolesState.edit(desk.id))
        assert [box.name for box in state.boxes if box.ticked] == ["places.edit"]
        await tab.do(RolesState.close(False))
        await tab.do(RolesState.edit(desk.id))
        await tab.do(RolesState.save({"name": "Desk", "fees.set": "on"}))
        assert ben in await who_may("fees.set")
        assert ben not in await who_may("places.edit")
        await tab.do(RolesState.take(desk.id, ben))
        assert ben not in await who_may("fees.set")
        await tab.do(RolesState.ask_drop(desk.id))
        await tab.do(RolesState.drop())
        assert "Desk" not in [row.name for row in state.rows]


async def test_who_has_no_account_is_invited_and_what_is_no_address_stands_at_its_field(db):
    olga = await make_user(name="Olga", roles=["staff"])
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/roles", RolesState.load)
        state = await tab.state(RolesState)
        desk = state.rows[-1]
        await tab.do(RolesState.give({"role_id": str(desk.id), "email": "no address"}))
        assert set(state.errors) == {f"email{desk.id}"}
        await tab.do(RolesState.give({"role_id": str(desk.id), "email": "new@loom.test"}))
        invited = [one.email for row in state.rows for one in row.invited]
        assert (invited, state.errors) == (["new@loom.test"], {})
        await tab.do(RolesState.give({"role_id": "x", "email": "ben@loom.test"}))
        assert set(state.errors) == {"email0"}


async def test_what_a_role_allows_holds_at_once_in_open_tabs(db, connect):
    olga = await make_user(name="Olga", roles=["staff"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    signals.listen(session.forget)
    async with Tab(app, ben) as tab:
        end = await connect(tab)
        await tab.visit("/sessions", Viewer.arrive)
        viewer = await tab.state(Viewer)
        assert viewer.powers == []
        async with transaction(olga) as tx:
            desk = await actions.save_role(tx, olga, "Desk", ["money.see"])
            await actions.give_role(tx, olga, desk, "ben@loom.test")
        await tab.until(lambda: viewer.powers == ["money.see"])
        await tab.visit("/staff/money", MoneyDeskState.load)
        assert (await tab.state(MoneyDeskState)).loaded
        async with transaction(olga) as tx:
            await actions.save_role(tx, olga, "Desk", ["people.roles"], desk)
        await tab.until(lambda: viewer.powers == ["people.roles"])
        await tab.visit("/staff/roles", RolesState.load)
        roles = await tab.state(RolesState)
        assert roles.loaded
        async with transaction(olga) as tx:
            await actions.take_role(tx, olga, desk, ben.person_id or 0)
        await tab.until(lambda: viewer.powers == [] and roles.rows == [])
        await end()


async def test_the_last_owner_stays(db):
    olga = await make_user(name="Olga", roles=["staff"])
    otto = await make_user(name="Otto", roles=["staff"])
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/roles", RolesState.load)
        state = await tab.state(RolesState)
        owner = state.rows[0].id
        await tab.do(RolesState.take(owner, otto.person_id or 0))
        await tab.do(RolesState.take(owner, olga.person_id or 0))
        assert "There must be an owner" in (await tab.state(Toasts)).items[-1].text
        assert [one.id for one in state.rows[0].members] == [olga.person_id]


async def test_others_are_led_away(db):
    ada = await make_user(name="Ada", roles=["coach"])
    async with Tab(app, ada) as tab:
        await tab.visit("/staff/roles", RolesState.load)
        state = await tab.state(RolesState)
        assert not state.loaded
        await tab.do(RolesState.edit(0))
        await tab.do(RolesState.give({"role_id": "1", "email": "ada@loom.test"}))
        await tab.do(RolesState.save({"name": "Mine", "money.see": "on"}))
        await tab.do(RolesState.drop())
        assert (state.rows, state.editing) == ([], -1)
    assert await who_may("money.see") == []
