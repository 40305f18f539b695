"""The pages that a mail opens: a new password, a new address, the former one back."""

import pytest

from loom_app.domains.accounts import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits
from loom_app.loom_app import app
from loom_app.ui.auth.link_state import ForgotState, LinkState
from loom_app.ui.auth.strength import StrengthState
from tests.domains.accounts.people import mails
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)
NEW = "eleven copper whales hum"


async def newest() -> str:
    return queries.link_token((await mails())[-1][1])


async def test_every_address_gets_the_same_answer_and_a_known_one_a_mail(db):
    await make_user(email="ben@loom.test")
    async with Tab(app, VISITOR) as tab:
        for email, sent in (("nobody@loom.test", 0), ("ben@loom.test", 1)):
            await tab.visit("/forgot", ForgotState.load)
            assert not (await tab.state(ForgotState)).sent
            await tab.do(ForgotState.send({"email": email}))
            assert (await tab.state(ForgotState)).sent
            assert len(await mails()) == sent


async def test_who_asks_very_often_from_one_address_is_told_to_wait(db, monkeypatch):
    async def full(*_):
        return False

    monkeypatch.setattr(limits, "admit", full)
    async with Tab(app, VISITOR) as tab:
        await tab.visit("/forgot", ForgotState.load)
        await tab.do(ForgotState.send({"email": "ben@loom.test"}))
        assert not (await tab.state(ForgotState)).sent
        await tab.visit("/reset?token=x", LinkState.load)
        await tab.do(LinkState.choose({"password": NEW}))
        assert (await tab.state(LinkState)).problem


async def test_opening_the_link_changes_nothing_and_the_form_does(db):
    await make_user(email="ben@loom.test")
    async with Tab(app, VISITOR) as tab:
        await tab.do(ForgotState.send({"email": "ben@loom.test"}))
        token = await newest()
        for _ in range(2):
            await tab.visit(f"/reset?token={token}", LinkState.load)
        await tab.do(LinkState.choose({"password": "short"}))
        state = await tab.state(LinkState)
        assert (bool(state.errors.get("password")), state.token, state.done) == (True, token, False)
        await tab.do(LinkState.choose({"password": NEW}))
        assert (await tab.state(LinkState)).done
        await tab.visit(f"/reset?token={token}", LinkState.load)
        await tab.do(LinkState.choose({"password": NEW}))
        state = await tab.state(LinkState)
        assert ("used already" in state.problem, state.token) == (True, "")


async def test_a_new_address_is_confirmed_and_taken_back(db):
    ben = await make_user(email="ben@loom.test")
    async with transaction(ben) as tx:
        await actions.ask_address_change(tx, ben, "new@loom.test")
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"/new-address?token={await newest()}", LinkState.load)
        await tab.do(LinkState.take_address())
        assert (await tab.state(LinkState)).done
        await tab.visit(f"/undo-address?token={await newest()}", LinkState.load)
        await tab.do(LinkState.undo_address())
        assert (await tab.state(LinkState)).done
        await tab.visit("/undo-address?token=nonsense", LinkState.load)
        await tab.do(LinkState.undo_address())
        assert "not complete" in (await tab.state(LinkState)).problem


@pytest.mark.parametrize(
    ("password", "score"), [("", -1), ("x" * 201, -1), ("kq7#vbn!2", 2), (NEW, 4)]
)
async def test_strength_is_said_while_typing_and_forgotten_after(db, password, score):
    async with Tab(app, VISITOR) as tab:
        await tab.do(StrengthState.judge(password))
        state = await tab.state(StrengthState)
        assert (state.score, bool(state.words)) == (score, score >= 0)
        await tab.do(StrengthState.load())
        assert (await tab.state(StrengthState)).score == -1
