"""Checkout and 3-D Secure as a payer meets them."""

from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.integrations.stripe.sandbox import app as sandbox_module
from loom_app.integrations.stripe.sandbox import control
from loom_app.integrations.stripe.sandbox.app import SandboxRefused, sandbox_app
from loom_app.kit.settings import settings
from tests.integrations.stripe.test_sandbox_api import page


async def session(**changes: Any) -> Any:
    return await client.sdk().v1.checkout.sessions.create_async(page(**changes))


async def again(made: Any) -> client.Checkout:
    return await client.checkout(made.id)


async def test_the_page_shows_what_is_bought_and_that_it_is_a_test(sandbox):
    made = await session()
    shown = await sandbox.open(made.url)
    for words in ("Focus session", "$120", "Test payments", "4242 4242 4242 4242", "cc-number"):
        assert words in shown.text
    assert "<script" not in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    sheet = await sandbox.open("/sandbox/stripe/static/checkout.css")
    assert sheet.status_code == 200


async def test_a_page_with_bank_accounts_takes_each_number_for_its_kind_alone(sandbox):
    made = await session(allowed_payment_method_types=["card", "us_bank_account"])
    shown = await sandbox.open(made.url)
    for words in ("US bank account", "Takes some days", "0001 2345 6789", "4242 4242"):
        assert words in shown.text
    assert "AT61" not in shown.text  # dollars
    for number, kind in (("4242424242424242", "us_bank_account"), ("000123456789", "card")):
        answer = await sandbox.pay(made.url, number, kind=kind)
        assert answer.status_code == 422
        assert "Only the test cards and accounts" in answer.text
    paid = await sandbox.pay(made.url, "000123456789", kind="us_bank_account", expiry="", cvc="")
    assert paid.status_code == 303
    now = await again(made)
    assert (now.status, now.paid) == ("complete", False)
    intent = await client.payment(now.intent_id or "")
    assert (intent.status, intent.kind, intent.last4) == ("processing", "us_bank_account", "6789")
    with pytest.raises(PaymentRefused):
        await client.cancel_intent(intent.id, key="loom:test:cancel")
    await control.advance(5 * 24 * 3600)
    assert (await again(made)).paid
    receipt = await sandbox.open((await client.payment(intent.id)).receipt_url or "")
    assert "bank account ending in 6789" in receipt.text
    kinds = [e.type for e in (await client.sdk().v1.events.list_async({"limit": 50})).data]
    assert "checkout.session.async_payment_succeeded" in kinds
    assert "payment_intent.processing" in kinds
    await control.advance(0)


async def test_a_bank_account_of_another_currency_is_not_offered(sandbox):
    for kinds in (["card", "sepa_debit"], ["card", "pix"]):
        with pytest.raises(stripe.InvalidRequestError, match="is not possible with usd"):
            await session(allowed_payment_method_types=kinds)


async def test_paying_leads_back_with_the_session_complete(sandbox):
    made = await session()
    paid = await sandbox.pay(made.url)
    assert paid.status_code == 303
    assert paid.headers["location"] == f"http://localhost:8000/booked?s={made.id}"
    now = await again(made)
    assert (now.status, now.paid, now.url) == ("complete", True, None)
    assert (await sandbox.open(made.url)).status_code == 303  # a second look leads on, too
    assert (await sandbox.pay(made.url)).status_code == 303
    charges = await client.sdk().v1.charges.list_async()
    assert len(charges.data) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": "4000 0000 0000 0002"}, "Your card was declined."),
        ({"number": "4000000000000127"}, "security code is incorrect"),
        ({"number": "4242424242424241"}, "card number is incorrect"),
        ({"number": "4539578763621486"}, "Only the test cards"),
        ({"number": "<script>"}, "Only the test cards"),
        ({"number": ""}, "Only the test cards"),
        ({"expiry": "13 / 34"}, "Enter the month and year"),
        ({"expiry": "01/20"}, "This date has passed"),
        ({"cvc": "1"}, "3 or 4 digits"),
        ({"name": " "}, "Enter the name on the card"),
        ({"name": "\x00"}, "Enter the name on the card"),
        ({"email": "ben"}, "Enter an email address"),
    ],
)
async def test_a_mistake_is_named_and_the_page_stays_open(sandbox, fields, words):
    made = await session()
    answer = await sandbox.pay(made.url, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    form = answer.text.partition("<details>")[0]
    assert not fields.get("number") or fields["number"] not in form
    assert (await again(made)).status == "open"
    assert (await sandbox.pay(made.url)).status_code == 303


async def test_after_a_decline_the_same_intent_is_tried_again(sandbox):
    made = await session()
    await sandbox.pay(made.url, "4000000000009995")
    await sandbox.pay(made.url)
    intents = await client.sdk().v1.payment_intents.list_async()
    assert [i.status for i in intents.data] == ["succeeded"]


async def test_three_d_secure_asks_and_takes_both_answers(sandbox):
    made = await session()
    sent = await sandbox.pay(made.url, "4000002760003184")
    bank = sent.headers["location"]
    assert "Is this you" in (await sandbox.open(bank)).text
    refused = await sandbox.browser.post(bank, data={"answer": "refuse"})
    assert "did not confirm" in refused.text
    # the form stands at the bank's address now, and must not be sent there
    assert f'action="/sandbox/stripe/pay/{made.id}"' in refused.text
    assert (await sandbox.open(bank)).headers["location"] == f"/sandbox/stripe/pay/{made.id}"
    bank = (await sandbox.pay(made.url, "4000002760003184")).headers["location"]
    done = await sandbox.browser.post(bank, data={"answer": "confirm"})
    assert done.status_code == 303
    assert (await again(made)).paid
    # going back to the bank's page, or answering twice, leads on
    for used in (
        await sandbox.open(bank),
        await sandbox.browser.post(bank, data={"answer": "confirm"}),
    ):
        assert used.headers["location"] == f"/sandbox/stripe/pay/{made.id}"
    charges = await client.sdk().v1.charges.list_async()
    assert len([charge for charge in charges.data if charge.paid]) == 1


async def test_three_d_secure_after_the_page_expired_charges_nothing(sandbox):
    made = await session()
    bank = (await sandbox.pay(made.url, "4000002760003184")).headers["location"]
    await client.expire_checkout(made.id)
    done = await sandbox.browser.post(bank, data={"answer": "confirm"})
    assert done.status_code == 410
    assert not (await again(made)).paid


async def test_three_d_secure_without_a_page_just_ends(sandbox):
    params: Any = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_threeDSecure2Required",
        "confirm": True,
        "return_url": "http://localhost:8000",
    }
    for answer in ("confirm", "refuse"):
        intent: Any = await client.sdk().v1.payment_intents.create_async(params)
        bank = intent.next_action.redirect_to_url.url
        assert "close this page" in (await sandbox.browser.post(bank, data={"answer": answer})).text


async def test_an_expired_page_says_so_and_shows_the_way_back(sandbox):
    made = await session()
    await client.expire_checkout(made.id)
    for answer in (await sandbox.open(made.url), await sandbox.pay(made.url)):
        assert answer.status_code == 410
        assert "Nothing was charged" in answer.text
        assert "http://localhost:8000/book" in answer.text


async def test_time_alone_expires_a_page(sandbox, at):
    at("2026-11-21T12:00Z")
    made = await session()
    at("2026-11-21T13:00Z")
    assert (await sandbox.open(made.url)).status_code == 410
    assert (await again(made)).status == "expired"


async def test_unknown_pages_and_receipts(sandbox):
    assert (await sandbox.open("/sandbox/stripe/pay/cs_none")).status_code == 404
    assert (await sandbox.open("/sandbox/stripe/receipts/ch_none")).status_code == 404
    made = await session()
    await sandbox.pay(made.url)
    charge = (await client.sdk().v1.charges.list_async()).data[0]
    assert "ending in 4242" in (await sandbox.open(charge.receipt_url)).text


async def test_the_control_address_flips_switches_for_a_test_key_only(sandbox):
    url = "/sandbox/stripe/control"
    assert (await sandbox.browser.get(url)).status_code == 401
    key = {"Authorization": "Bearer sk_test_sandbox"}
    told = await sandbox.browser.post(url, json={"drop": True, "replay": "evt_x"}, headers=key)
    assert told.json() == {"drop": True}
    assert (await sandbox.browser.post(url, json={"bogus": 1}, headers=key)).status_code == 400
    assert (await sandbox.browser.get(url, headers=key)).json() == {"drop": True}


@pytest.mark.parametrize(
    "wrong", [{"public_url": "https://x.example"}, {"stripe_secret_key": "sk_live_x"}]
)
def test_it_refuses_to_stand_in_production_or_beside_a_live_key(monkeypatch, wrong):
    there = settings().model_copy(update=wrong)
    monkeypatch.setattr(sandbox_module, "settings", lambda: there)
    with pytest.raises(SandboxRefused):
        sandbox_app()
