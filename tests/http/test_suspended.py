"""Whoever is suspended: every door over HTTP leads to why, and none lets in (COM-13)."""

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as account_actions
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.actions import prepare_password
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries as invitations
from loom_app.domains.moderation import working
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as calendars
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits
from tests.domains.accounts.people import again, code, with_app
from tests.domains.moderation.test_work import RUDE, decide, reported, staff
from tests.factories.accounts import PASSWORD, make_user
from tests.http.test_staff_files import sign_in


@pytest.fixture
async def ben(db):
    """Suspended for a week, with a password that is right."""
    limits.reset()
    person, _, case = await reported()
    async with transaction(person) as tx, tx.acting_as_system("accounts.test"):
        await tx.db.execute(
            text(
                "UPDATE credentials SET password_hash = :hash, email = 'ben@loom.test',"
                " email_key = 'ben@loom.test' WHERE user_id = :id"
            ),
            {"hash": await prepare_password(PASSWORD), "id": person.person_id},
        )
    return person, case


async def test_the_right_password_leads_to_the_reason_and_sets_no_cookie(browser, ben):
    _, case = ben
    await decide(await staff(), working.suspend, case, RUDE, 7)
    for password, page in ((PASSWORD, "/appeal?token="), ("not it at all", "/sign-in?problem=")):
        answer = await browser.post(
            "/auth/sign-in", data={"email": "ben@loom.test", "password": password}
        )
        assert answer.headers["location"].startswith(page)
        assert not browser.cookies.get("loom_session")


async def test_a_cookie_that_was_good_opens_nothing_any_more(browser, ben):
    person, case = ben
    await sign_in(browser, person)
    token = browser.cookies.get("loom_session")
    await decide(await staff(), working.suspend, case, RUDE, 7)
    async with transaction(person) as tx, tx.acting_as_system("accounts.session"):
        assert await accounts.signed_in(tx, token) is None
    answer = await browser.post("/files/avatar", content=b"x")
    assert answer.status_code == 401


async def test_the_calendar_feed_is_closed_until_the_suspension_is_over(browser, ben):
    person, case = ben
    async with transaction(person) as tx:
        await scheduling.renew_feed(tx, person)
    async with transaction(person) as tx:
        address = await calendars.feed_address(tx, person)
    assert (await browser.get(address)).status_code == 200
    await decide(await staff(), working.suspend, case, RUDE, 7)
    assert (await browser.get(address)).status_code == 404
    await decide(await staff("Omar"), working.take_back, case, "It was somebody else.")
    assert (await browser.get(address)).status_code == 200


async def test_a_second_step_that_had_begun_leads_to_the_reason(browser, ben):
    person, case = ben
    _, app, _ = await with_app(await again(person.person_id or 0))
    form = {"email": "ben@loom.test", "password": PASSWORD}
    assert (await browser.post("/auth/sign-in", data=form)).headers["location"] == "/sign-in/code"
    await decide(await staff(), working.suspend, case, RUDE, 7)
    answer = await browser.post("/auth/code", data={"code": code(app, steps=1)})
    assert answer.headers["location"].startswith("/appeal?token=")
    assert not browser.cookies.get("loom_session")


async def test_a_mailed_link_leads_to_the_reason(browser, ben):
    person, case = ben
    async with transaction(person) as tx, tx.acting_as_system("accounts.test"):
        await tx.db.execute(text("UPDATE users SET verified_at = NULL"))  # not confirmed yet
        await account_actions.send_verification(tx, person, person.person_id or 0)
        newest = await tx.db.scalar(text("SELECT max(id) FROM email_links"))
    await decide(await staff(), working.suspend, case, RUDE, 7)
    answer = await browser.post("/auth/verify", data={"token": accounts.link_token(newest)})
    assert answer.headers["location"].startswith("/appeal?token=")
    assert not browser.cookies.get("loom_session")


async def test_an_invitation_makes_no_second_account_of_theirs(browser, ben):
    _, case = ben
    ada = await make_user(name="Ada", roles=["coach"])
    async with transaction(ada) as tx:
        made = await engagements.invite(tx, ada, "ben@loom.test", "Ben", "")
    token = invitations.invitation_token(made)
    await decide(await staff(), working.suspend, case, RUDE, 7)
    form = {"token": token, "name": "Ben", "password": PASSWORD, "zone": "Asia/Tokyo"}
    answer = await browser.post("/auth/invitation", data=form)
    assert answer.headers["location"].endswith("problem=known")
    assert not browser.cookies.get("loom_session")
