"""An invitation accepted by making an account, and a file of people to invite."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from loom_app.domains.engagements import actions, queries
from loom_app.http import cookies
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import passwords
from tests.factories.accounts import PASSWORD, make_user

READER = Actor.system_job("accounts.test")


async def invite() -> str:
    ada = await make_user(name="Ada", roles=["coach"])
    async with transaction(ada) as tx:
        return queries.invitation_token(await actions.invite(tx, ada, "mia@x.test", "Mia", ""))


async def join(browser, token, **changed):
    form = {"token": token, "name": "Mia", "password": PASSWORD, "zone": "Asia/Tokyo", **changed}
    return (await browser.post("/auth/invitation", data=form)).headers["location"]


async def people() -> int:
    async with transaction(READER) as tx:
        return await tx.db.scalar(text("SELECT count(*) FROM users"))


async def test_the_link_makes_a_confirmed_account_and_signs_in(browser):
    token = await invite()
    place = await join(browser, token)
    assert place == f"/invitation?token={token}"
    assert cookies.session_name() in browser.cookies
    await browser.post("/auth/sign-out")
    form = {"email": "mia@x.test", "password": PASSWORD}
    answer = await browser.post("/auth/sign-in", data=form)
    assert answer.headers["location"] == "/sessions"
    over = urlencode({"token": token, "problem": "over"})
    assert await join(browser, token) == f"/invitation?{over}"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "name"),
        ({"password": "short"}, "password"),
        ({"zone": "Moon"}, "zone"),
        ({"token": "1.forged"}, "over"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(browser, changed, code):
    form = {"token": await invite(), **changed}
    place = await join(browser, **form)
    asked = {"token": form["token"], "problem": code}
    assert place == f"/invitation?{urlencode(asked)}"
    assert await people() == 1


async def test_an_address_with_an_account_signs_in_instead(browser):
    token = await invite()
    await make_user(email="mia@x.test")
    place = await join(browser, token)
    assert place == f"/invitation?{urlencode({'token': token, 'problem': 'known'})}"


async def test_one_address_makes_so_many_accounts_an_hour(browser):
    token = await invite()
    for _ in range(5):
        await join(browser, token, name="")
    assert "problem=slow" in await join(browser, token)


async def upload(browser, raw: bytes):
    return await browser.post("/files/invitations", content=raw)


async def test_a_coach_brings_a_file(browser):
    assert (await upload(browser, b"a@x.test")).status_code == 401
    await make_user(email="ada@x.test", roles=["coach"], password_hash=passwords.hash_now(PASSWORD))
    await browser.post("/auth/sign-in", data={"email": "ada@x.test", "password": PASSWORD})
    answer = await upload(browser, b"a@x.test;Ann\n")
    assert answer.json() == {"url": "/invitations/many"}
    answer = await upload(browser, b"email\n")
    assert (answer.status_code, answer.json()) == (
        422,
        {"error": "This file has headings only."},
    )
    answer = await upload(browser, b"x" * 500_001)
    assert answer.json() == {"error": "Choose a file of up to 500 people."}
    for _ in range(30):
        answer = await upload(browser, b"email\n")
    assert answer.status_code == 429
