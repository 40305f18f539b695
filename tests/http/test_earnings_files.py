"""A coach's statement and ways to Stripe: theirs alone, and no spreadsheet runs a client's name."""

import csv
import io

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.http import earnings_files
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.domains.payments.coaches import active_account, earn
from tests.domains.payments.conftest import heard
from tests.domains.payments.helpers import Payments
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "heard", "sandbox"]


async def sign_in(browser, person: Actor) -> None:
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        session = await accounts.begin_session(
            tx, visitor, person.require_person(), accounts.Device(), remember=True
        )
    browser.cookies.set("loom_session", session.token)


@pytest.fixture
async def world(browser, sandbox):
    ada = await make_user(name="Ada", roles=["coach"])
    ben = await make_user(name="=cmd|' /C calc'!A0")
    async with transaction(ben) as tx:  # coach and client know each other's names
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "active")
    return Payments(sandbox, ada, ben)


async def test_the_statement_adds_up_and_runs_nothing(browser, world):
    for minor, currency in ((12345, "USD"), (5000, "JPY"), (9999, "KWD")):
        await earn(world, minor, currency)
    await sign_in(browser, world.ada)
    answer = await browser.get("/earnings/statement.csv?period=year")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "loom-earnings-year.csv" in answer.headers["content-disposition"]
    head, *lines = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert [line[4:] for line in lines] == [
        ["USD", "123.45", "18.52", "104.93"],
        ["JPY", "5000", "750", "4250"],
        ["KWD", "9.999", "1.500", "8.499"],
    ]
    assert len(head) == 8
    assert all(line[2].startswith("'=") for line in lines)


async def test_a_long_statement_is_whole(browser, world, monkeypatch):
    for _ in range(3):
        await earn(world)
    read = earnings_files.queries.earning_lines
    monkeypatch.setattr(
        earnings_files.queries, "earning_lines", lambda *a, **k: read(*a, **k | {"most": 2})
    )
    await sign_in(browser, world.ada)
    answer = await browser.get("/earnings/statement.csv")
    assert len(answer.text.splitlines()) == 4


async def test_the_statement_on_paper_is_a_pdf_of_a_month_or_a_period(browser, world):
    await earn(world, 12345)
    await sign_in(browser, world.ada)
    for word, name in (("2026-11", "2026-11"), ("quarter", "quarter"), ("../x", "all")):
        answer = await browser.get(f"/earnings/statement.pdf?period={word}")
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["content-type"] == "application/pdf"
        assert f'"loom-earnings-{name}.pdf"' in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "private, no-store"
    while earnings_files.limits.allow("page", world.ada.label):
        pass
    assert (await browser.get("/earnings/statement.pdf")).status_code == 429


PATHS = (
    "/earnings/statement.csv",
    "/earnings/onboarding",
    "/earnings/stripe",
    "/earnings/statement.pdf",
)


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_but_a_coach_gets_there(browser, world, path):
    assert (await browser.get(path)).status_code == 404
    await sign_in(browser, world.ben)
    assert (await browser.get(path)).status_code == 404


async def test_the_way_to_stripe_and_where_it_ends_without_an_account(browser, world):
    await sign_in(browser, world.ada)
    for path in PATHS[1:3]:
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/earnings/account")
    await active_account(world.ada)
    for path, place in ((PATHS[1], "/onboarding/"), (PATHS[2], "/sandbox/stripe/")):
        answer = await browser.get(path)
        assert (answer.status_code, place in answer.headers["location"]) == (303, True)
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(text("UPDATE payout_accounts SET status = 'closed'"))
    assert (await browser.get(PATHS[1])).headers["location"] == "/earnings/account"
