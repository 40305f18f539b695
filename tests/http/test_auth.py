from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import passwords
from tests.factories.accounts import PASSWORD, make_user

SYSTEM = Actor.system_job("accounts.test")


async def person(**values):
    return await make_user(
        email="ben@loom.test", password_hash=passwords.hash_now(PASSWORD), **values
    )


async def sessions() -> int:
    async with transaction(SYSTEM) as tx:
        return await tx.db.scalar(
            text("SELECT count(*) FROM auth_sessions WHERE revoked_at IS NULL")
        )


async def sign_in(browser, password=PASSWORD, **more):
    form = {"email": "Ben@loom.test", "password": password, **more}
    return await browser.post("/auth/sign-in", data=form)


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(browser):
    await person()
    answer = await sign_in(browser, next="/messages")
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    assert await sessions() == 1


async def test_remember_me_outlives_the_browser(browser):
    await person()
    answer = await sign_in(browser, remember="on")
    assert "Max-Age=2592000" in answer.headers["set-cookie"]


async def test_a_wrong_password_says_so_and_opens_nothing(browser):
    await person()
    answer = await sign_in(browser, "wrong")
    assert answer.headers["location"] == "/sign-in?problem=wrong"
    assert "set-cookie" not in answer.headers
    assert await sessions() == 0


async def test_an_unknown_address_answers_like_a_wrong_password(browser):
    answer = await sign_in(browser)
    assert answer.headers["location"] == "/sign-in?problem=wrong"


async def test_a_form_with_letters_that_are_none_is_answered_in_words(browser):
    answer = await sign_in(browser, email="ben\x00@loom.test")
    assert answer.headers["location"] == "/sign-in?problem=wrong"
    answer = await browser.post("/auth/link", data={"email": "\x00", "next": "/\x00"})
    assert answer.headers["location"] == "/check-mail?again=1"
    answer = await browser.post("/auth/verify", data={"token": "1.\x00"})
    assert answer.headers["location"] == "/verify?problem=unknown"


async def test_the_sixth_wrong_password_costs_a_wait(browser):
    await person()
    for _ in range(6):
        await sign_in(browser, "wrong")
    answer = await sign_in(browser)
    assert answer.headers["location"].startswith("/sign-in?problem=wait&seconds=")
    assert await sessions() == 0


async def test_one_address_cannot_try_for_ever(browser):
    for _ in range(20):
        await sign_in(browser, "wrong", email="")
    answer = await sign_in(browser)
    assert answer.headers["location"] == "/sign-in?problem=slow"


async def test_a_form_sent_before_its_page_was_filled_in_leads_on_all_the_same(browser):
    await person()
    here = "http://localhost/sign-in?next=/book/ada/review%3Foffering%3D2"
    browser.headers["referer"] = here
    answer = await sign_in(browser, "wrong", next="")
    assert answer.headers["location"].endswith("next=%2Fbook%2Fada%2Freview%3Foffering%3D2")
    answer = await sign_in(browser, next="")
    assert answer.headers["location"] == "/book/ada/review?offering=2"
    for elsewhere in ("https://evil.test/?next=//evil.test", "http://[::1", "\\", "/sign-in"):
        browser.headers["referer"] = elsewhere
        answer = await sign_in(browser, next="")
        assert answer.headers["location"] == "/sessions"


async def test_next_never_leads_to_another_site(browser):
    await person()
    for target in ("https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"):
        answer = await sign_in(browser, next=target)
        assert answer.headers["location"] == "/sessions"


async def test_an_unverified_person_is_sent_to_the_mail(browser):
    await person(verified=False)
    answer = await sign_in(browser, next="/book/ada/review")
    assert answer.headers["location"] == "/check-mail?next=%2Fbook%2Fada%2Freview"
    assert await sessions() == 0
    async with transaction(Actor.system_job("accounts.test")) as tx:
        assert await tx.db.scalar(text("SELECT return_to FROM email_links")) == "/book/ada/review"


async def test_signing_out_ends_the_session_and_the_cookie(browser):
    await person()
    await sign_in(browser)
    answer = await browser.post("/auth/sign-out")
    assert 'loom_session=""' in answer.headers["set-cookie"]
    assert await sessions() == 0


async def verification_link(browser) -> str:
    visitor = Actor(visitor="v" * 64)
    form = actions.SignUp("Ben O", "new@loom.test", PASSWORD, "client", "UTC", "/book/ada/review")
    async with transaction(visitor) as tx:
        await actions.sign_up(tx, visitor, actions.check_sign_up(form), "hash")
        newest = 1
    return queries.link_token(newest)


async def test_a_mailed_link_signs_in_and_returns_to_the_booking_once(browser):
    token = await verification_link(browser)
    first = await browser.post("/auth/verify", data={"token": token})
    assert first.headers["location"] == "/book/ada/review"
    assert "loom_session=" in first.headers["set-cookie"]
    second = await browser.post("/auth/verify", data={"token": token})
    assert second.headers["location"] == "/verify?problem=used"
    forged = await browser.post("/auth/verify", data={"token": token[:-2] + "xx"})
    assert forged.headers["location"] == "/verify?problem=unknown"


async def test_opening_a_mailed_link_alone_uses_nothing(browser):
    """Mail scanners open links: only the button on the page posts."""
    token = await verification_link(browser)
    assert (await browser.get("/auth/verify", params={"token": token})).status_code == 405
    async with transaction(SYSTEM) as tx:
        assert await tx.db.scalar(text("SELECT used_at FROM email_links")) is None


async def test_asking_for_a_link_answers_alike_for_every_address(browser):
    await verification_link(browser)
    known = await browser.post("/auth/link", data={"email": "new@loom.test"})
    unknown = await browser.post("/auth/link", data={"email": "nobody@loom.test"})
    assert known.headers["location"] == unknown.headers["location"] == "/check-mail?again=1"
