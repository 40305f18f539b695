"""Whoever is suspended: every door over HTTP leads to why, and none lets in (COM-13)."""

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.actions import prepare_password
from loom_app.domains.moderation import working
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits
from tests.domains.moderation.test_work import RUDE, decide, reported, staff
from tests.factories.accounts import PASSWORD
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
