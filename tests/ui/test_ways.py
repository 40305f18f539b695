"""Other ways in, as the pages tell of them."""

from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import text

from loom_app.integrations.oauth import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings
from loom_app.loom_app import app
from loom_app.ui.auth.state import SignInState, SignUpState
from loom_app.ui.auth.ways_state import VisitState
from loom_app.ui.problems import StepUp, Toasts
from loom_app.ui.settings.ways_state import WaysState
from tests.factories.accounts import make_user
from tests.integrations.oauth.test_client import ISSUER, Stand
from tests.ui.tab import Tab

READER = Actor.system_job("accounts.test")
VISITOR = "v" * 64


@pytest.fixture(autouse=True)
def works(monkeypatch):
    monkeypatch.setenv("LOOM_OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("LOOM_OIDC_CLIENT_ID", "loom")
    monkeypatch.setenv("LOOM_OIDC_NAME", "Works")
    settings.cache_clear()
    client.connect_through(httpx2.ASGITransport(app=Stand().app))
    yield
    client.connect_through(None)
    monkeypatch.undo()
    settings.cache_clear()


async def insert(statement, **values):
    async with transaction(READER) as tx:
        return await tx.db.scalar(text(statement), {"now": tx.now, **values})


async def linked(user_id, subject="n1"):
    return await insert(
        "INSERT INTO external_identities (user_id, provider, issuer, subject, email, linked_at,"
        " used_at) VALUES (:u, 'oidc', 'https://i', :s, 'n@works.test', :now, :now) RETURNING id",
        u=user_id,
        s=subject,
    )


async def visit(user_id=None):
    """Somebody came back from the provider; returns what the page's address carries."""
    number = await insert(
        "INSERT INTO oauth_visits (state_hash, provider, purpose, visitor, user_id, return_to,"
        " created_at, expires_at, returned_at, issuer, subject, email, name) VALUES ('h', 'oidc',"
        " 'sign_in', :v, :u, '/messages', :now, CAST(:now AS timestamptz) + interval '9 minutes',"
        " :now, 'https://i', 'n1', 'nina@works.test', 'Nina') RETURNING id",
        v=VISITOR,
        u=user_id,
    )
    return tokens.signed(str(number), "oauth-visit")


@pytest.mark.parametrize("state", [SignInState, SignUpState])
async def test_the_forms_offer_what_is_set_up_and_keep_the_way(db, state):
    async with Tab(app, Actor(visitor=VISITOR)) as tab:
        await tab.visit("/sign-in?next=/book/ada%3Fa%3D1%26b%3D2", state.load)
        (one,) = (await tab.state(state)).ways
    assert (one.name, one.href) == ("Works", "/auth/with/oidc?next=/book/ada%3Fa%3D1%26b%3D2")


@pytest.mark.parametrize(
    ("code", "words"),
    [("way-denied", "did not allow"), ("way-unchecked", "not confirmed"), ("way-lost", "too long")],
)
async def test_what_went_wrong_there_is_said_on_the_sign_in_page(db, code, words):
    async with Tab(app, Actor(visitor=VISITOR)) as tab:
        await tab.visit(f"/sign-in?problem={code}", SignInState.load)
        assert words in (await tab.state(SignInState)).problem


async def test_the_welcome_knows_who_came(db):
    token = await visit()
    async with Tab(app, Actor(visitor=VISITOR)) as tab:
        await tab.visit(f"/welcome?visit={token}&problem=name", VisitState.load)
        state = await tab.state(VisitState)
        assert (state.waits, state.way, state.email, state.name) == (
            True,
            "Works",
            "nina@works.test",
            "Nina",
        )
        assert "name" in state.errors
        await tab.visit(f"/welcome?visit={token}&problem=role", VisitState.load)
        assert "zone" in state.errors
        await tab.visit(f"/welcome?visit={token}x&problem=slow", VisitState.load)
        assert not state.waits
        assert "Too many" in state.problem
    async with Tab(app, Actor(visitor="w" * 64)) as tab:
        await tab.visit(f"/welcome?visit={token}", VisitState.load)
        assert not (await tab.state(VisitState)).waits


async def test_an_account_agrees_by_mail_or_by_signing_in(db):
    ben = await make_user(email="nina@works.test")
    token = await visit(ben.person_id)
    async with Tab(app, Actor(visitor=VISITOR)) as tab:
        await tab.visit(f"/connect?visit={token}", VisitState.load)
        state = await tab.state(VisitState)
        assert (state.waits, state.mine) == (True, False)
        assert state.sign_in_href.startswith("/sign-in?next=/connect%3Fvisit%3D")
        await tab.do(VisitState.ask_by_mail)
        assert state.mailed
        await tab.do(VisitState.connect)  # nobody is signed in
    async with Tab(app, replace(ben, visitor=VISITOR)) as tab:
        await tab.visit(f"/connect?visit={token}", VisitState.load)
        assert (await tab.state(VisitState)).mine
        await tab.do(VisitState.connect)
        assert tab.redirected_to() == "/messages"
        await tab.do(VisitState.connect)
        assert "too long" in (await tab.state(Toasts)).items[-1].text
    async with transaction(ben) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM external_identities")) == 1


async def test_linking_leaves_for_the_provider_and_unlinking_is_seen_in_every_tab(db):
    ben = await make_user()
    first = await linked(ben.person_id)
    async with Tab(app, replace(ben, visitor=VISITOR)) as tab:
        await tab.visit("/settings/security?linked=1", WaysState.load)
        assert tab.redirected_to() == "/settings/security"
        await tab.visit("/settings/security?problem=way-taken", WaysState.load)
        said = [toast.text for toast in (await tab.state(Toasts)).items]
        assert "linked to another account" in said[-1]
        await tab.visit("/settings/security", WaysState.load)
        state = await tab.state(WaysState)
        assert [(row.id, row.name, row.email) for row in state.rows] == [
            (first, "Works", "n@works.test")
        ]
        assert (state.password, state.only) == (True, False)
        await tab.do(WaysState.link("oidc"))
        assert state.leave_to.startswith(f"{ISSUER}/authorize?")
        await tab.do(WaysState.unlink(first))
        assert state.rows == []
        await tab.do(WaysState.unlink(first))
        assert "could not find" in (await tab.state(Toasts)).items[-1].text


async def test_both_ask_anew_who_is_there(db):
    ben = await make_user()
    first = await linked(ben.person_id)
    async with Tab(app, replace(ben, visitor=VISITOR)) as tab:
        await insert("UPDATE auth_sessions SET proven_at = NULL RETURNING id")
        await tab.visit("/settings/security", WaysState.load)
        for act in (WaysState.link("oidc"), WaysState.unlink(first)):
            await tab.do(act)
            asking = await tab.state(StepUp)
            assert asking.asked
            await tab.do(StepUp.dismiss(False))
        state = await tab.state(WaysState)
        assert (len(state.rows), state.leave_to) == (1, "")
