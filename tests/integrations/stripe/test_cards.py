"""Saved cards, setup pages, charges without the client, and amounts that are only held."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit import clock
from loom_app.kit.money import Money
from tests.integrations.stripe import world
from tests.integrations.stripe.test_sandbox_api import page


async def setup_page(customer: str, number: int = 1, **more: Any) -> client.Checkout:
    return await client.setup_checkout(
        key=f"loom:setup:{number}",
        customer_id=customer,
        currency="USD",
        success_url="http://localhost:8000/saved?s={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost:8000/cards",
        setup_ref="5",
        **more,
    )


async def off(
    customer: str, card: str, attempt: int = 1, *, hold: bool = False, minor: int = 4000
) -> client.Payment:
    return await client.charge_off_session(
        key=f"loom:charge:9:{attempt}",
        charge_id=9,
        customer_id=customer,
        card_id=card,
        amount=Money(minor, "USD"),
        description="Missed session",
        hold=hold,
    )


def order(customer: str | None, **more: Any) -> client.Order:
    return client.Order(
        charge_id=11,
        amount=Money(12000, "USD"),
        description="Focus session",
        success_url="http://localhost:8000/booked",
        cancel_url="http://localhost:8000/book",
        expires_at=clock.now() + timedelta(minutes=31),
        customer_id=customer,
        **more,
    )


async def test_a_card_is_saved_without_a_payment_and_charged_later(sandbox):
    ben = await world.person()
    made = await setup_page(ben)
    assert (made.mode, made.paid, made.total) == ("setup", False, Money(0, "USD"))
    shown = await sandbox.open(made.url)
    for words in ("Save a card", "Nothing to pay today", "Save card", "Test payments"):
        assert words in shown.text
    done = await sandbox.pay(made.url)
    assert done.headers["location"].startswith("http://localhost:8000/saved?s=cs_test_")
    after = await client.checkout(made.id)
    assert (after.status, after.url, after.customer_id) == ("complete", None, ben)
    kept = await client.setup(after.setup_id or "")
    assert (kept.status, kept.setup_ref, kept.customer_id) == ("succeeded", "5", ben)
    (card,) = await client.payment_methods(ben)
    assert (card.id, card.brand, card.last4) == (kept.card_id, "visa", "4242")
    assert (card.exp_month, card.exp_year) == (12, 2034)
    assert await client.default_card(ben) is None
    await client.set_default(ben, card.id, key="loom:default:1")
    assert await client.default_card(ben) == card.id
    paid = await off(ben, card.id)
    assert (paid.status, paid.charge_ref, paid.last4) == ("succeeded", "9", "4242")
    assert paid.processing_fee == Money(146, "USD")


async def test_a_bank_may_ask_before_a_card_is_kept(sandbox):
    ben = await world.person()
    made = await setup_page(ben)
    bank = (await sandbox.pay(made.url, "4000002500003155")).headers["location"]
    assert "keep this card" in (await sandbox.open(bank)).text
    refused = await sandbox.browser.post(bank, data={"answer": "refuse"})
    assert "did not confirm the card" in refused.text
    assert (await client.setup(made.setup_id or "")).status == "requires_payment_method"
    bank = (await sandbox.pay(made.url, "4000002500003155")).headers["location"]
    done = await sandbox.browser.post(bank, data={"answer": "confirm"})
    assert done.status_code == 303
    (card,) = await client.payment_methods(ben)
    assert (await off(ben, card.id)).status == "succeeded"  # it was confirmed for that


async def test_a_card_that_cannot_be_kept_is_named(sandbox):
    ben = await world.person()
    made = await setup_page(ben)
    answer = await sandbox.pay(made.url, "4000000000000002")
    assert answer.status_code == 422
    assert "Your card was declined" in answer.text
    assert (await client.setup(made.setup_id or "")).decline_code == "generic_decline"
    assert (await sandbox.pay(made.url, "4000000000000341")).status_code == 303
    (card,) = await client.payment_methods(ben)
    with pytest.raises(PaymentRefused):  # that one is kept, and declined when charged
        await off(ben, card.id)


async def test_a_setup_page_ends_too(sandbox):
    ben = await world.person()
    made = await setup_page(ben, expires_at=clock.now() + timedelta(minutes=31))
    assert (await client.expire_checkout(made.id)).status == "expired"
    gone = await sandbox.open(made.url)
    assert (gone.status_code, "Nothing was saved" in gone.text) == (410, True)
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.checkout.sessions.expire_async(made.id)


async def test_saved_cards_are_offered_on_the_page_and_no_others(sandbox):
    ben = await world.person()
    card = await world.saved(ben)
    other = await world.saved(await world.person(4), "pm_card_mastercard")
    made = await client.open_checkout(order(ben))
    shown = await sandbox.open(made.url)
    assert "Visa ending in 4242" in shown.text
    assert "Mastercard" not in shown.text.partition("<details>")[0]
    foreign = await sandbox.browser.post(made.url, data={"saved": other.id})
    assert foreign.status_code == 422  # not his: as if no card was chosen
    done = await sandbox.browser.post(made.url, data={"saved": card.id})
    assert done.status_code == 303
    paid = await client.payment((await client.checkout(made.id)).intent_id or "")
    assert (paid.card_id, paid.customer_id, paid.status) == (card.id, ben, "succeeded")


async def test_a_card_paid_with_can_be_kept_for_later(sandbox, at):
    at("2026-11-21T12:00Z")
    ben = await world.person()
    made = await client.open_checkout(order(ben, save_card=True))
    assert "Loom keeps this card" in (await sandbox.open(made.url)).text
    await sandbox.pay(made.url)
    (card,) = await client.payment_methods(ben)
    assert (await off(ben, card.id)).status == "succeeded"
    again = await client.open_checkout(order(ben, save_card=True))
    assert again.id == made.id


async def test_without_a_customer_one_is_made_for_a_card_to_keep(sandbox):
    params = page(payment_intent_data={"setup_future_usage": "off_session"})
    made: Any = await client.sdk().v1.checkout.sessions.create_async(params)
    await sandbox.pay(made.url)
    customer = (await client.checkout(made.id)).customer_id
    assert customer
    assert len(await client.payment_methods(customer)) == 1


async def test_off_session_a_bank_that_asks_is_a_refusal_with_a_code(sandbox):
    ben = await world.person()
    card = await world.saved(ben, "pm_card_authenticationRequired")
    said: list[tuple[str | None, str | None]] = []
    for _ in range(2):  # and the same key says the same again
        with pytest.raises(PaymentRefused) as caught:
            await off(ben, card.id)
        said.append((caught.value.code, caught.value.intent_id))
    assert said[0] == said[1]
    assert said[0][0] == "authentication_required"
    tried = await client.payment(said[0][1] or "")
    assert (tried.status, tried.decline_code) == (
        "requires_payment_method",
        "authentication_required",
    )
    charges = await client.sdk().v1.charges.list_async({"customer": ben})
    assert len(charges.data) == 1


async def test_a_detached_card_is_gone_for_good(sandbox):
    ben = await world.person()
    card = await world.saved(ben)
    await client.set_default(ben, card.id, key="loom:default:1")
    assert (await client.detach(card.id, key="loom:detach:1")).customer_id is None
    assert await client.payment_methods(ben) == []
    assert await client.default_card(ben) is None
    with pytest.raises(PaymentRefused):
        await off(ben, card.id)
    with pytest.raises(PaymentRefused):
        await client.attach_card(card.id, ben, key="loom:attach:2")
    with pytest.raises(PaymentRefused):
        await client.detach(card.id, key="loom:detach:2")
    with pytest.raises(PaymentRefused):
        await client.set_default(ben, card.id, key="loom:default:2")


async def test_a_card_pays_for_its_own_customer_only(sandbox):
    card = await world.saved(await world.person())
    with pytest.raises(PaymentRefused):
        await off(await world.person(4), card.id)
    v1 = client.sdk().v1
    own: Any = await v1.customers.payment_methods.retrieve_async(card.customer_id, card.id)
    assert own.id == card.id
    with pytest.raises(stripe.InvalidRequestError):
        await v1.customers.payment_methods.retrieve_async(await world.person(4), card.id)
    await client.delete_customer(card.customer_id or "")
    with pytest.raises(PaymentRefused):
        await off(card.customer_id or "", card.id)


async def test_a_card_used_once_without_a_customer_is_not_used_again(sandbox):
    v1 = client.sdk().v1
    typed: Any = {
        "type": "card",
        "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2031, "cvc": "123"},
    }
    method = await v1.payment_methods.create_async(typed)
    params: Any = {"amount": 900, "currency": "usd", "payment_method": method.id, "confirm": True}
    await v1.payment_intents.create_async(params)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await v1.payment_intents.create_async(params)
    assert "may not be used again" in str(caught.value)


async def test_a_card_expires_with_its_month_and_may_be_renewed(sandbox, at):
    ben = await world.person()
    card = await world.saved(ben)
    at("2034-12-31T23:00Z")
    await off(ben, card.id)
    at("2035-01-01T00:00Z")
    with pytest.raises(PaymentRefused) as caught:
        await off(ben, card.id, 2)
    assert caught.value.code == "expired_card"
    renewed: Any = {"card": {"exp_month": 6, "exp_year": 2039}}
    await client.sdk().v1.payment_methods.update_async(card.id, renewed)
    assert (await off(ben, card.id, 3)).status == "succeeded"


async def test_a_hold_is_taken_in_part_or_let_go(sandbox, at):
    at("2026-11-21T12:00Z")
    ben = await world.person()
    card = await world.saved(ben)
    held = await off(ben, card.id, hold=True)
    assert (held.status, held.capturable) == ("requires_capture", Money(4000, "USD"))
    assert (held.received, held.processing_fee) == (Money(0, "USD"), None)
    assert held.capture_before == datetime(2026, 11, 26, 6, tzinfo=UTC)  # Visa, owner away
    assert (await client.balance()).pending == {}
    with pytest.raises(PaymentRefused):
        await client.capture(held.id, key="loom:capture:1", amount=Money(4001, "USD"))
    taken = await client.capture(held.id, key="loom:capture:2", amount=Money(2500, "USD"))
    assert (taken.status, taken.received) == ("succeeded", Money(2500, "USD"))
    assert taken.processing_fee == Money(103, "USD")
    again = client.capture(held.id, key="loom:capture:3")
    with pytest.raises(PaymentRefused):
        await again
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.refunds.create_async({"payment_intent": held.id, "amount": 2501})
    other = await off(ben, card.id, 2, hold=True)
    gone = await client.cancel_intent(other.id, key="loom:release:1")
    assert (gone.status, gone.capturable) == ("canceled", Money(0, "USD"))
    with pytest.raises(PaymentRefused):
        await client.cancel_intent(held.id, key="loom:release:2")


async def test_a_hold_lapses(sandbox, at):
    at("2026-11-21T12:00Z")
    ben = await world.person()
    made = await client.open_checkout(order(ben, hold=True))
    assert "Reserve $120" in (await sandbox.open(made.url)).text
    await sandbox.pay(made.url)
    after = await client.checkout(made.id)
    assert (after.status, after.paid) == ("complete", False)
    assert (await client.payment(after.intent_id or "")).status == "requires_capture"
    at("2026-11-28T12:01Z")
    assert (await client.payment(after.intent_id or "")).status == "canceled"
    expired = await client.sdk().v1.events.list_async({"type": "charge.expired"})
    assert len(expired.data) == 1


async def test_setup_intents_walk_their_states(sandbox):
    v1 = client.sdk().v1
    ben = await world.person()
    params: Any = {"customer": ben, "metadata": {"a": "b"}}
    made = await v1.setup_intents.create_async(params)
    assert made.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError):
        await v1.setup_intents.confirm_async(made.id)
    done = await v1.setup_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await v1.setup_intents.cancel_async(made.id)
    assert caught.value.code == "setup_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError):
        await v1.setup_intents.confirm_async(made.id)
    other = await v1.setup_intents.create_async(params)
    ended = await v1.setup_intents.cancel_async(other.id, {"cancellation_reason": "abandoned"})
    assert ended.status == "canceled"
    asks: Any = {
        "customer": ben,
        "payment_method": "pm_card_authenticationRequired",
        "confirm": True,
        "return_url": world.BACK,
    }
    waiting: Any = await v1.setup_intents.create_async(asks)
    assert waiting.status == "requires_action"
    bank = waiting.next_action.redirect_to_url.url
    assert "close this page" in (await sandbox.browser.post(bank, data={"answer": "confirm"})).text
    assert (await v1.setup_intents.retrieve_async(waiting.id)).status == "succeeded"
    declined: Any = asks | {"payment_method": "pm_card_visa_chargeDeclined"}
    with pytest.raises(stripe.CardError) as problem:
        await v1.setup_intents.create_async(declined)
    assert getattr(problem.value.error, "setup_intent", None) is not None
    assert len((await v1.setup_intents.list_async({"limit": 10})).data) == 4


async def test_an_intent_changes_until_it_is_paid(sandbox):
    v1 = client.sdk().v1
    plain: Any = {"amount": 700, "currency": "eur", "metadata": {"a": "b"}}
    made = await v1.payment_intents.create_async(plain)
    change: Any = {"amount": 900, "description": "More", "metadata": {"c": "d"}}
    changed = await v1.payment_intents.update_async(made.id, change)
    assert (changed.amount, changed.metadata.to_dict()) == (900, {"a": "b", "c": "d"})
    await v1.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError):
        await v1.payment_intents.update_async(made.id, {"amount": 1000})


@pytest.mark.parametrize(
    "extra",
    [
        {"application_fee_amount": 10},
        {"transfer_data": {"destination": "acct_1"}},
        {"on_behalf_of": "acct_1"},
    ],
)
async def test_parameters_that_would_be_ignored_are_refused(sandbox, extra: Any):
    params: Any = {"amount": 700, "currency": "eur"} | extra
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.sdk().v1.payment_intents.create_async(params)
    assert caught.value.param == next(iter(extra))


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "subscription"},
        {"ui_mode": "embedded_page"},
        {"customer": "cus_none"},
        {"payment_intent_data": {"application_fee_amount": 5}},
        {"mode": "setup"},
        {"mode": "setup", "line_items": []},
    ],
)
async def test_pages_that_are_not_played_are_refused(sandbox, change):
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.checkout.sessions.create_async(page(**change))
