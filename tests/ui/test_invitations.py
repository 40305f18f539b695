"""The pages of inviting and being invited, as tabs see them."""

from dataclasses import replace

import pytest
import reflex as rx
from sqlalchemy import text

from loom_app.domains.engagements import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.loom_app import app
from loom_app.ui.invitations.answer_state import AnswerState
from loom_app.ui.invitations.sheet_state import SheetState
from loom_app.ui.invitations.state import InvitationsState
from loom_app.ui.problems import Toasts
from loom_app.ui.staff.roles_state import RolesState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

READER = Actor.system_job("engagements.invite")
VISITOR = Actor(visitor="v" * 64)


async def coach(**values) -> Actor:
    return await make_user(**{"name": "Ada Lindqvist", "roles": ["coach"], **values})


async def invite(me: Actor, email="mia@x.test", note="") -> str:
    async with transaction(me) as tx:
        return queries.invitation_token(await actions.invite(tx, me, email, "Mia", note))


async def said(tab: Tab) -> str:
    return (await tab.state(Toasts)).items[-1].text


def form(**values):
    return {"email": "mia@x.test", "name": "Mia", "note": "", **values}


async def test_a_coach_invites_and_sees_it_wait(db):
    async with Tab(app, await coach()) as tab:
        await tab.visit("/invitations", InvitationsState.load)
        state = await tab.state(InvitationsState)
        await tab.do(InvitationsState.open(True))
        await tab.do(InvitationsState.invite(form(email="mia")))
        assert "email" in state.errors
        assert state.opened
        await tab.do(InvitationsState.invite(form()))
        (row,) = state.rows
        assert (row.name, row.state, row.waits, row.again) == ("Mia", "Waiting", True, False)
        assert (state.opened, state.counts["waiting"]) == (False, 1)
        await tab.do(InvitationsState.invite(form()))
        assert "waits for an answer" in state.errors["email"]
        await tab.do(InvitationsState.resend(row.id))
        assert "a day old" in await said(tab)
        async with transaction(READER) as tx:
            await tx.db.execute(text("UPDATE invitations SET asked_at = asked_at - interval '1d'"))
        await tab.do(InvitationsState.resend(row.id))
        assert "Another mail" in await said(tab)
        await tab.do(InvitationsState.withdraw(row.id))
        assert state.rows == []
        await tab.visit("/invitations?view=over", InvitationsState.load)
        assert [row.state for row in state.rows] == ["Withdrawn"]
        await tab.visit("/invitations?view=nonsense", InvitationsState.load)
        assert state.view == "waiting"


async def test_an_answer_is_seen_at_once_and_what_bounced_is_marked(db):
    ada = await coach()
    token = await invite(ada)
    async with Tab(app, ada) as tab:
        await tab.visit("/invitations", InvitationsState.load)
        state = await tab.state(InvitationsState)
        async with transaction(READER) as tx:
            await actions.note_mailed(tx, 1, 1, refused="550")
        await tab.do(InvitationsState.load)
        assert [row.tone for row in state.rows] == ["bad"]
        async with transaction(VISITOR) as tx:
            await actions.decline(tx, VISITOR, token, never_again=False)
        root = await tab.manager.get_state(tab_token(tab))
        await (await root.get_state(InvitationsState))._changed(signals.Signal("x"))
        assert state.rows == []


def tab_token(tab: Tab):
    return rx.BaseStateToken(ident=tab.token, cls=InvitationsState)


async def test_a_long_list_comes_in_parts(db):
    ada = await coach()
    raw = "".join(f"p{n:03}@x.test\n" for n in range(120)).encode()
    async with transaction(ada) as tx:
        await actions.keep_sheet(tx, ada, raw)
        assert await actions.send_sheet(tx, ada) == 120
    async with Tab(app, ada) as tab:
        await tab.visit("/invitations", InvitationsState.load)
        state = await tab.state(InvitationsState)
        assert len(state.rows) == 50
        for _ in range(2):
            await tab.do(InvitationsState.load_more)
        assert (len(state.rows), state.more) == (120, 0)
        assert len({row.id for row in state.rows}) == 120


async def test_a_file_is_looked_through_before_it_is_sent(db):
    ada = await coach()
    async with transaction(ada) as tx:
        await actions.keep_sheet(tx, ada, b"email,note\nmia@x.test,Hi\nnonsense,\n")
    async with Tab(app, ada) as tab:
        await tab.visit("/invitations/many", SheetState.load)
        state = await tab.state(SheetState)
        assert (state.good, state.bad, state.send_words) == (1, 1, "Send 1 invitation")
        await tab.do(SheetState.uploaded("", "This file has no rows."))
        assert state.errors == {"file": "This file has no rows."}
        await tab.do(SheetState.uploaded("/invitations/many", ""))
        assert [row.line for row in state.rows] == [2, 3]
        await tab.do(SheetState.send)
        assert state.rows == []
        assert tab.redirected_to() == "/invitations"
        await tab.do(SheetState.send)
        assert "nobody" in state.errors["file"]
        await tab.do(SheetState.drop)


@pytest.mark.parametrize("state", [InvitationsState, SheetState])
async def test_only_coaches_have_these_pages(db, state):
    async with Tab(app, await make_user()) as tab:
        await tab.visit("/invitations", state.load)
        assert tab.redirected_to() == "/settings"


async def opened(tab: Tab, token: str, **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    await tab.visit(f"/invitation?token={token}{more}", AnswerState.load)
    return await tab.state(AnswerState)


async def test_the_link_offers_what_fits_who_opens_it(db):
    token = await invite(await coach(), note="Hello\n\nMia")
    async with Tab(app, VISITOR) as tab:
        state = await opened(tab, token)
        assert (state.step, state.inviter.name) == ("join", "Ada Lindqvist")
        assert state.note == ["Hello", "Mia"]
        state = await opened(tab, token, problem="password")
        assert "password" in state.errors
        state = await opened(tab, token, problem="slow")
        assert "Too many" in state.problem
        assert (await opened(tab, "1.forged")).step == "missing"
        mia = await make_user(email="mia@x.test")
        assert (await opened(tab, token)).step == "sign_in"
        assert state.sign_in_href == f"/sign-in?next=/invitation%3Ftoken%3D{token}"
        await tab.do(AnswerState.accept)  # nobody is signed in
    async with Tab(app, await make_user(email="zoe@x.test")) as tab:
        state = await opened(tab, token)
        assert (state.step, state.mine) == ("accept", False)
    async with Tab(app, mia) as tab:
        state = await opened(tab, token)
        assert (state.step, state.mine) == ("accept", True)
        await tab.do(AnswerState.accept)
        assert state.step == "accepted"
    async with Tab(app, VISITOR) as tab:
        assert (await opened(tab, token)).step == "over"


async def test_a_visitor_declines_for_good(db):
    ada = await coach()
    token = await invite(ada)
    async with Tab(app, VISITOR) as tab:
        state = await opened(tab, token)
        await tab.do(AnswerState.decline({"never_again": True}))
        assert state.step == "declined"
    async with Tab(app, ada) as tab:
        await tab.visit("/invitations", InvitationsState.load)
        await tab.do(InvitationsState.invite(form()))
        assert "not to be invited" in (await tab.state(InvitationsState)).errors["email"]


async def test_staff_without_an_account_are_invited_where_others_are_appointed(db):
    olga = await make_user(name="Olga", roles=["staff"])
    async with Tab(app, replace(olga, visitor="v" * 64)) as tab:
        await tab.visit("/staff/roles", RolesState.load)
        state = await tab.state(RolesState)
        support = next(row.id for row in state.rows if row.name == "Support")
        await tab.do(RolesState.give({"role_id": str(support), "email": "sam@x.test"}))
        assert "invitation is on its way" in await said(tab)
        (one,) = next(row.invited for row in state.rows if row.id == support)
        assert one.email == "sam@x.test"
        await tab.do(RolesState.give({"role_id": str(support), "email": "nonsense"}))
        assert f"email{support}" in state.errors
        await tab.do(RolesState.uninvite(one.id))
        assert next(row.invited for row in state.rows if row.id == support) == []
