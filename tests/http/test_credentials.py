"""The second step, changing the password, proving who is there, and the renewed cookie."""

import re

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions
from loom_app.http import gate
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import passwords
from tests.domains.accounts.people import again, behind, code, with_app
from tests.factories.accounts import PASSWORD, make_user

NEW = "eleven copper whales hum"
SYSTEM = Actor.system_job("accounts.test")


async def person(**values) -> int:
    values = {"password_hash": passwords.hash_now(PASSWORD), **values}
    return (await make_user(email="ben@loom.test", **values)).person_id or 0


async def sign_in(browser, **more):
    form = {"email": "ben@loom.test", "password": PASSWORD, **more}
    return await browser.post("/auth/sign-in", data=form)


def cookie(browser, name: str = "loom_session") -> str:
    return browser.cookies.get(name) or ""


async def open_page(browser, **headers):
    return await browser.get("/health/live", headers={"accept": "text/html", **headers})


async def test_with_an_app_the_password_leads_to_the_second_step(browser):
    _, app, _ = await with_app(await again(await person()))
    answer = await sign_in(browser, next="/messages", remember="on")
    assert answer.headers["location"] == "/sign-in/code"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert not cookie(browser)
    wrong = await browser.post("/auth/code", data={"code": "000000"})
    assert wrong.headers["location"] == "/sign-in/code?problem=code"
    right = await browser.post("/auth/code", data={"code": code(app, steps=1)})
    assert right.headers["location"] == "/messages"
    assert "Max-Age=2592000" in str(right.headers.multi_items())
    me = await behind(cookie(browser))
    assert me is not None
    assert me.mfa
    assert not cookie(browser, "loom_step")


async def test_a_code_without_a_step_begins_again(browser):
    answer = await browser.post("/auth/code", data={"code": "123456"})
    assert answer.headers["location"] == "/sign-in?problem=over"


async def test_after_five_wrong_codes_it_begins_again_and_then_waits(browser, at):
    at("2026-11-21T12:00Z")
    await with_app(await again(await person()))
    await sign_in(browser)
    for _ in range(5):
        await browser.post("/auth/code", data={"code": "000000"})
    over = await browser.post("/auth/code", data={"code": "000000"})
    assert over.headers["location"] == "/sign-in?problem=over"
    await sign_in(browser)
    wait = await browser.post("/auth/code", data={"code": "000000"})
    assert wait.headers["location"] == "/sign-in/code?problem=wait&seconds=1"


async def test_codes_are_limited_by_address(browser, monkeypatch):
    await with_app(await again(await person()))
    await sign_in(browser)

    async def full(name, _key):
        return name != "code"

    monkeypatch.setattr("loom_app.kit.security.limits.admit", full)
    answer = await browser.post("/auth/code", data={"code": "000000"})
    assert answer.headers["location"] == "/sign-in/code?problem=slow"


async def test_staff_without_a_second_factor_are_led_to_it(browser):
    await person()
    async with transaction(Actor.system_job("accounts.appoint")) as tx:
        await actions.appoint(tx, "ben@loom.test", staff=True)
    answer = await sign_in(browser, next="/staff/money")
    assert answer.headers["location"] == "/settings/security"


async def test_a_changed_password_brings_a_new_cookie(browser):
    await person()
    await sign_in(browser)
    before = cookie(browser)
    form = {"current": PASSWORD, "password": NEW}
    answer = await browser.post("/auth/password", data=form)
    assert answer.headers["location"] == "/settings/security?done=password"
    assert cookie(browser) not in {"", before}
    assert await behind(cookie(browser)) is not None


@pytest.mark.parametrize(
    ("current", "new", "problem"),
    [("wrong", NEW, "current"), (PASSWORD, "short", "weak"), ("", "", "current")],
)
async def test_a_refused_change_of_the_password_says_why(browser, current, new, problem):
    await person()
    await sign_in(browser)
    answer = await browser.post("/auth/password", data={"current": current, "password": new})
    assert answer.headers["location"] == f"/settings/security?problem={problem}"


async def test_many_wrong_passwords_have_to_wait(browser, at):
    at("2026-11-21T12:00Z")
    await person()
    await sign_in(browser)
    for _ in range(5):
        await browser.post("/auth/password", data={"current": "wrong", "password": NEW})
    answer = await browser.post("/auth/password", data={"current": PASSWORD, "password": NEW})
    assert answer.headers["location"] == "/settings/security?problem=wait&seconds=1"
    answer = await browser.post("/auth/confirm", data={"secret": PASSWORD, "next": "/x"})
    assert answer.headers["location"] == "/confirm-it-is-you?problem=wait&seconds=1&next=%2Fx"


async def test_with_an_app_an_old_proof_is_asked_for_anew(browser):
    _, app, _ = await with_app(await again(await person()))
    await sign_in(browser)
    await browser.post("/auth/code", data={"code": code(app, steps=1)})
    async with transaction(SYSTEM) as tx:
        await tx.db.execute(text("UPDATE auth_sessions SET proven_at = now() - interval '1 hour'"))
    answer = await browser.post("/auth/password", data={"current": PASSWORD, "password": NEW})
    assert answer.headers["location"] == "/confirm-it-is-you?next=%2Fsettings%2Fsecurity"


async def test_a_proof_goes_on_to_where_it_was_asked_for(browser):
    await person()
    await sign_in(browser)
    wrong = await browser.post("/auth/confirm", data={"secret": "wrong", "next": "/files/x"})
    assert wrong.headers["location"] == "/confirm-it-is-you?problem=wrong&next=%2Ffiles%2Fx"
    right = await browser.post("/auth/confirm", data={"secret": PASSWORD, "next": "/files/x"})
    assert right.headers["location"] == "/files/x"
    away = await browser.post("/auth/confirm", data={"secret": PASSWORD, "next": "//evil.example"})
    assert away.headers["location"] == "/settings/security"


@pytest.mark.parametrize("path", ["/auth/password", "/auth/confirm"])
async def test_visitors_are_sent_to_sign_in(browser, path):
    answer = await browser.post(path, data={"secret": "x", "current": "x", "password": "x"})
    assert answer.headers["location"] == "/sign-in?next=%2Fsettings%2Fsecurity"


async def test_a_cookie_is_renewed_when_what_it_opens_has_changed(browser):
    await person()
    await sign_in(browser)
    before = cookie(browser)
    answer = await browser.post("/auth/renew", data={"next": "/settings/security"})
    assert answer.headers["location"] == "/settings/security"
    assert cookie(browser) not in {"", before}
    browser.cookies.clear()
    answer = await browser.post("/auth/renew", data={})
    assert "loom_session" not in answer.headers.get("set-cookie", "")


async def test_a_page_brings_a_new_cookie_once_a_day_and_nothing_else_does(browser):
    await person()
    await sign_in(browser)
    before = cookie(browser)
    await open_page(browser)
    assert cookie(browser) == before
    async with transaction(SYSTEM) as tx:
        day_ago = "renewed_at = renewed_at - interval '1 day'"
        await tx.db.execute(text(f"UPDATE auth_sessions SET {day_ago}"))
    await browser.get("/health/live")
    await open_page(browser, **{"sec-fetch-dest": "iframe"})
    assert cookie(browser) == before
    answer = await open_page(browser)
    assert cookie(browser) not in {"", before}
    assert re.search("loom_session=.*HttpOnly", answer.headers["set-cookie"])
    assert await behind(before) is not None


async def test_a_page_is_served_also_when_the_database_is_away(browser, monkeypatch):
    await person()
    await sign_in(browser)

    def away(_actor):
        raise ConnectionError

    monkeypatch.setattr(gate, "transaction", away)
    assert (await open_page(browser)).status_code == 200


async def test_an_old_hash_is_made_anew_by_signing_in(browser):
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await person(password_hash=cheap)
    await sign_in(browser)
    async with transaction(SYSTEM) as tx:
        kept = await tx.db.scalar(text("SELECT password_hash FROM credentials"))
    assert kept != cheap
    assert not passwords.outdated(kept)
    assert cookie(browser)
