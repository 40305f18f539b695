"""Coaches' accounts: onboarding with its ends, left and resumed; links that work once."""

from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.integrations.stripe.sandbox import control
from tests.integrations.stripe import world


async def test_a_new_account_waits_for_its_owner(sandbox):
    made = await world.account()
    assert (made.transfers, made.payouts) == ("restricted", "restricted")
    assert (made.can_receive, made.needs_owner, made.closed) == (False, True, False)
    assert made.problems[0] == client.Problem("requirements_past_due", "provide_info")
    assert "external_account" in [due.what for due in made.requirements]
    assert (made.deadline, made.country, made.currency) == ("currently_due", "US", "USD")
    assert made.coach_ref == "7"
    assert (await world.account()).id == made.id  # the same key is the same account


async def test_onboarding_to_the_end_makes_it_payable(sandbox):
    made = await world.account()
    assert await world.onboard(sandbox, made.id) == "http://localhost:8000/earnings"
    now = await client.account(made.id)
    assert (now.transfers, now.can_receive, now.needs_owner) == ("active", True, False)
    assert (now.requirements, now.problems, now.deadline) == ((), (), None)


async def test_parts_that_were_not_asked_for_are_not_answered(sandbox):
    made = await world.account()
    bare: Any = await client.sdk().v2.core.accounts.retrieve_async(made.id)
    assert (bare.configuration, bare.identity, bare.requirements, bare.defaults) == (None,) * 4
    listed = await client.sdk().v2.core.accounts.list_async()
    assert [a.id for a in listed.data] == [made.id]
    change: Any = {"display_name": "Maya L.", "metadata": {"a": "b"}}
    changed = await client.sdk().v2.core.accounts.update_async(made.id, change)
    assert (changed.display_name, changed.metadata.loom_coach) == ("Maya L.", "7")


async def test_left_in_the_middle_it_goes_on_where_something_is_missing(sandbox):
    made = await world.account()
    first = await sandbox.open((await world.link(made.id)).url)
    url = first.headers["location"]
    assert url.endswith("/you")
    following = await sandbox.browser.post(url, data=world.STEPS["you"])
    assert following.headers["location"].endswith("/home")
    left = await sandbox.browser.post(following.headers["location"], data={"leave": "yes"})
    assert left.headers["location"] == "http://localhost:8000/earnings"
    half = await client.account(made.id)
    assert "identity.individual.given_name" not in [due.what for due in half.requirements]
    assert not half.can_receive
    again = await sandbox.open((await world.link(made.id, 2)).url)
    assert again.headers["location"].endswith("/home")


async def test_a_link_works_once_and_not_for_long(sandbox, at):
    at("2026-11-21T12:00Z")
    made = await world.account()
    link = await world.link(made.id)
    assert link.expires_at.isoformat() == "2026-11-21T12:05:00+00:00"
    visit = (await sandbox.open(link.url)).headers["location"]
    assert (await sandbox.open(link.url)).headers["location"].endswith("/earnings/again")
    late = await world.link(made.id, 2)
    at("2026-11-21T12:06Z")
    assert (await sandbox.open(late.url)).headers["location"].endswith("/earnings/again")
    at("2026-11-21T14:00Z")
    assert (await sandbox.open(visit)).status_code == 410
    assert (await sandbox.browser.post(visit, data={})).status_code == 410
    unknown = "/sandbox/stripe/onboarding/start/nothing"
    assert (await sandbox.open(unknown)).status_code == 404


@pytest.mark.parametrize(
    ("step", "fields", "words"),
    [
        ("you", {"given_name": ""}, "Enter your first name"),
        ("you", {"day": "31", "month": "2"}, "Enter your date of birth"),
        ("you", {"year": "2020"}, "at least 18"),
        ("you", {"phone": "call me"}, "Enter a phone number"),
        ("home", {"city": " "}, "Enter your town"),
        ("bank", {"number": "987654321"}, "Only the test accounts"),
        ("bank", {"number": "<script>alert(1)</script>"}, "Only the test accounts"),
        ("terms", {"terms": ""}, "Some steps before"),
        ("nowhere", {}, "Start again"),
    ],
)
async def test_a_mistake_is_named_and_nothing_runs(sandbox, step, fields, words):
    made = await world.account()
    visit = (await sandbox.open((await world.link(made.id)).url)).headers["location"]
    url = visit.rsplit("/", 1)[0] + f"/{step}"
    answer = await sandbox.browser.post(url, data=world.STEPS.get(step, {}) | fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script" not in answer.text


async def test_names_are_escaped_wherever_they_are_shown(sandbox):
    evil = {"given_name": "<img src=x onerror=alert(1)>"}
    made = await world.coach(sandbox, you=evil)
    link = await world.link(made, 2, update=True)
    visit = (await sandbox.open(link.url)).headers["location"]
    shown = await sandbox.open(visit)
    assert "<img" not in shown.text
    assert "&lt;img" in shown.text


async def test_terms_are_agreed_to_by_hand(sandbox):
    made = await world.account()
    visit = (await sandbox.open((await world.link(made.id)).url)).headers["location"]
    base = visit.rsplit("/", 1)[0]
    for step in ("you", "home", "bank"):
        await sandbox.browser.post(f"{base}/{step}", data=world.STEPS[step])
    for wrong, words in (({}, "Agree to the terms"), ({"verdict": "perhaps"}, "Choose what")):
        data = ({"terms": "yes"} if wrong else {}) | wrong
        assert words in (await sandbox.browser.post(f"{base}/terms", data=data)).text


async def test_a_review_ends_by_itself(sandbox, at):
    at("2026-11-21T12:00Z")
    made = await world.account()
    await world.onboard(sandbox, made.id, terms={"verdict": "pending"})
    waiting = await client.account(made.id)
    assert (waiting.transfers, waiting.needs_owner) == ("pending", False)
    assert waiting.requirements[0].awaiting == "stripe"
    at("2026-11-21T12:11Z")
    assert (await client.account(made.id)).transfers == "active"


async def test_a_document_is_asked_for_and_given(sandbox):
    made = await world.account()
    await world.onboard(sandbox, made.id, terms={"verdict": "restricted"})
    asked = await client.account(made.id)
    assert (asked.transfers, asked.deadline, asked.needs_owner) == ("restricted", "past_due", True)
    assert "could not be read" in asked.requirements[0].errors[0]
    page = (await sandbox.open((await world.link(made.id, 2)).url)).headers["location"]
    assert page.endswith("/document")
    assert (await sandbox.open(page)).status_code == 200
    assert (await sandbox.browser.post(page, data={})).status_code == 422
    await sandbox.browser.post(page, data={"document": "yes"})
    assert (await client.account(made.id)).can_receive


async def test_a_refused_account_stays_refused_until_somebody_decides_otherwise(sandbox):
    made = await world.account()
    await world.onboard(sandbox, made.id, terms={"verdict": "rejected"})
    refused = await client.account(made.id)
    assert (refused.transfers, refused.needs_owner) == ("rejected", False)
    assert refused.problems[0].resolution == "contact_stripe"
    with pytest.raises(PaymentRefused) as caught:
        await world.sent(made.id)
    assert caught.value.code == "insufficient_capabilities_for_transfer"
    await control.act("judge_account", id=made.id, verdict="approved")
    assert (await client.account(made.id)).can_receive


async def test_the_express_page_opens_once_and_shows_the_money(sandbox):
    fresh = await world.account(9)
    with pytest.raises(PaymentRefused):  # nobody has been through onboarding yet
        await client.login_link(fresh.id, key="loom:login:0")
    coach = await world.coach(sandbox)
    await world.charge(20000)
    await world.sent(coach, 7550)
    url = await client.login_link(coach, key="loom:login:1")
    page = (await sandbox.open(url)).headers["location"]
    shown = await sandbox.open(page)
    for words in ("$75.50", "Ready to be paid", "6789", "Loom decides", "Payment from Loom"):
        assert words in shown.text
    assert (await sandbox.open(url)).status_code == 410
    wrong = await sandbox.browser.post(page, data={"number": "1"})
    assert wrong.status_code == 422
    assert "Only the test accounts" in wrong.text
    await sandbox.browser.post(page, data={"number": "000111111113"})
    assert "1113" in (await sandbox.open(page)).text
    assert (await sandbox.open("/sandbox/stripe/express/nothing")).status_code == 410
    assert (await sandbox.browser.post("/sandbox/stripe/express/no", data={})).status_code == 410


async def test_an_account_closes_when_it_is_empty(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(20000)
    await world.sent(coach, 5000)
    with pytest.raises(PaymentRefused) as caught:
        await client.close_account(coach, key="loom:close:1")
    assert caught.value.code == "account_has_balance"
    await client.reverse_transfer(
        (await world.everything(client.transfers()))[0].id, key="loom:back:1"
    )
    closed = await client.close_account(coach, key="loom:close:2")
    assert (closed.closed, closed.can_receive) == (True, False)
    with pytest.raises(PaymentRefused):
        await world.link(coach, 5)


NO = {"fees_collector": "stripe", "losses_collector": "stripe"}


@pytest.mark.parametrize(
    "change",
    [
        {"dashboard": "full"},
        {"configuration": {"merchant": {}}},
        {"configuration": {}},
        {"identity": {"country": "us", "entity_type": "company"}},
        {"identity": {"country": "zz"}},
        {"defaults": {"currency": "usd", "responsibilities": NO}},
        {"dashboard": "sideways"},
    ],
)
async def test_what_the_sandbox_does_not_play_is_refused_by_name(sandbox, change):
    params: Any = {
        "contact_email": "a@loom.test",
        "dashboard": "express",
        "identity": {"country": "us", "entity_type": "individual"},
        "configuration": {"recipient": {}},
        "defaults": {
            "currency": "usd",
            "responsibilities": {
                "fees_collector": "application",
                "losses_collector": "application",
            },
        },
    } | change
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.sdk().v2.core.accounts.create_async(params)
    assert caught.value.http_status == 400


async def test_a_strange_account_is_nobodys(sandbox):
    with pytest.raises(PaymentRefused) as caught:
        await client.account("acct_none")
    assert caught.value.code == "resource_missing"
    with pytest.raises(stripe.PermissionError):
        await client.sdk().v1.balance.retrieve_async({}, {"stripe_account": "acct_none"})
    coach = await world.coach(sandbox)
    params: Any = {"amount": 500, "currency": "usd"}
    with pytest.raises(stripe.InvalidRequestError):  # direct charges are not played
        await client.sdk().v1.payment_intents.create_async(params, {"stripe_account": coach})
