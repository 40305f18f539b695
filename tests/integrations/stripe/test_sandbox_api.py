"""The official SDK, unchanged, against the sandbox."""

from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
from loom_app.kit.jobs import outbox

LATER = 2_000_000_000


def page(**changes: Any) -> Any:
    return {
        "mode": "payment",
        "success_url": "http://localhost:8000/booked?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/book",
        "expires_at": int(clock.now().timestamp()) + 1900,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 12000,
                    "product_data": {"name": "Focus session"},
                },
            }
        ],
        "payment_intent_data": {"metadata": {"loom_charge": "7"}},
    } | changes


async def paid(amount: int = 12000, currency: str = "usd", card: str = "pm_card_visa") -> Any:
    params: Any = {
        "amount": amount,
        "currency": currency,
        "payment_method": card,
        "confirm": True,
        "return_url": "http://localhost:8000/back",
    }
    return await client.sdk().v1.payment_intents.create_async(params)


async def test_a_payment_succeeds_and_its_charge_carries_the_fee(sandbox):
    intent = await paid()
    assert (intent.status, intent.amount_received) == ("succeeded", 12000)
    found = await client.payment(intent.id)
    assert found.processing_fee is not None
    assert found.processing_fee.minor == 378


@pytest.mark.parametrize(
    ("card", "code", "reason"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
async def test_declining_cards_decline_as_stripe_says_it(sandbox, card, code, reason):
    with pytest.raises(stripe.CardError) as caught:
        await paid(card=card)
    assert caught.value.code == code
    assert caught.value.http_status == 402
    assert getattr(caught.value.error, "decline_code", None) == reason
    problem: Any = caught.value.error
    intent = problem.payment_intent
    assert intent is not None
    kept = await client.sdk().v1.payment_intents.retrieve_async(intent.id)
    assert kept.status == "requires_payment_method"
    assert kept.last_payment_error is not None


async def test_a_challenge_waits_and_off_session_it_is_refused(sandbox):
    intent = await paid(card="pm_card_threeDSecure2Required")
    assert intent.status == "requires_action"
    assert "3ds" in intent.next_action.redirect_to_url.url
    params: Any = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_threeDSecure2Required",
        "confirm": True,
        "off_session": True,
    }
    with pytest.raises(stripe.CardError) as caught:
        await client.sdk().v1.payment_intents.create_async(params)
    assert caught.value.code == "authentication_required"


async def test_create_confirm_and_cancel_walk_the_states(sandbox):
    v1 = client.sdk().v1
    params: Any = {"amount": 700, "currency": "eur"}
    intent = await v1.payment_intents.create_async(params)
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError):
        await v1.payment_intents.confirm_async(intent.id)
    done = await v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await v1.payment_intents.cancel_async(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    other = await v1.payment_intents.create_async(params)
    gone = await v1.payment_intents.cancel_async(other.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")


async def test_the_same_key_is_the_same_write_and_other_parameters_are_refused(sandbox):
    v1 = client.sdk().v1
    params: Any = {"amount": 700, "currency": "eur"}
    once = await v1.payment_intents.create_async(params, {"idempotency_key": "k1"})
    again = await v1.payment_intents.create_async(params, {"idempotency_key": "k1"})
    assert once.id == again.id
    answered: Any = again.last_response
    assert answered.headers["Idempotent-Replayed"] == "true"
    other: Any = {"amount": 701, "currency": "eur"}
    with pytest.raises(stripe.IdempotencyError):
        await v1.payment_intents.create_async(other, {"idempotency_key": "k1"})


async def test_a_decline_is_replayed_under_its_key(sandbox):
    v1 = client.sdk().v1
    params: Any = {
        "amount": 700,
        "currency": "eur",
        "confirm": True,
        "payment_method": "pm_card_visa_chargeDeclined",
    }
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await v1.payment_intents.create_async(params, {"idempotency_key": "k2"})
    charges = await v1.charges.list_async()
    assert len(charges.data) == 1


async def test_a_lost_answer_is_asked_again_and_made_once(sandbox):
    await control.switch(outage={"mode": "lost_answer", "calls": 1})
    intent = await paid()
    assert intent.status == "succeeded"
    charges = await client.sdk().v1.charges.list_async({"payment_intent": intent.id})
    assert len(charges.data) == 1


async def test_conflicts_and_outages_are_retried_by_the_sdk(sandbox):
    await control.switch(outage={"mode": "409", "calls": 1})
    assert (await paid()).status == "succeeded"
    await control.switch(outage={"mode": "500", "calls": 9})
    with pytest.raises(stripe.APIError):
        await paid()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 700, "currency": "eur", "payment_method_types": ["card"]}, "parameter_unknown"),
        ({"amount": 700, "currency": "eur", "bogus": "1"}, "parameter_unknown"),
        ({"currency": "eur"}, "parameter_missing"),
        ({"amount": "seven", "currency": "eur"}, "parameter_invalid_integer"),
        ({"amount": 12, "currency": "eur"}, "amount_too_small"),
        ({"amount": 700, "currency": "eur", "payment_method": "pm_none"}, "resource_missing"),
    ],
)
async def test_wrong_parameters_are_refused_in_stripes_words(sandbox, params: Any, code):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.sdk().v1.payment_intents.create_async(params)
    assert caught.value.code == code
    assert caught.value.request_id


async def test_refunds_never_exceed_the_charge(sandbox):
    v1 = client.sdk().v1
    intent = await paid(1000)
    part: Any = {"payment_intent": intent.id, "amount": 400}
    assert (await v1.refunds.create_async(part)).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        await v1.refunds.create_async({"payment_intent": intent.id, "amount": 601})
    await v1.refunds.create_async({"payment_intent": intent.id})
    charge = await v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await v1.refunds.create_async({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"


async def test_the_balance_is_the_sum_of_its_transactions(sandbox):
    v1 = client.sdk().v1
    intent = await paid(1000)
    await paid(5000, card="pm_card_bypassPending")
    await paid(5000, "jpy")
    await v1.refunds.create_async({"payment_intent": intent.id, "amount": 250})
    movements = [m async for m in (await v1.balance_transactions.list_async()).auto_paging_iter()]
    balance = await v1.balance.retrieve_async()
    for currency in ("usd", "jpy"):
        total = sum(
            amount.amount
            for amount in [*balance.available, *balance.pending]
            if amount.currency == currency
        )
        assert total == sum(m.net for m in movements if m.currency == currency)
    assert (await v1.balance_transactions.retrieve_async(movements[0].id)).id == movements[0].id


async def test_lists_page_newest_first_and_filter(sandbox):
    v1 = client.sdk().v1
    made = [(await paid(1000 + n)).id for n in range(5)]
    first = await v1.payment_intents.list_async({"limit": 2})
    assert [i.id for i in first.data] == made[:2:-1]
    assert first.has_more
    rest = [i.id async for i in first.auto_paging_iter()]
    assert rest == made[::-1]
    back = await v1.payment_intents.list_async({"limit": 2, "ending_before": made[2]})
    assert [i.id for i in back.data] == made[:2:-1]
    none = await v1.payment_intents.list_async({"created": {"gte": LATER}})
    assert none.data == []
    with pytest.raises(stripe.InvalidRequestError):
        await v1.payment_intents.list_async({"limit": 101})


async def test_customers_keep_cards_and_leave_a_stub(sandbox):
    v1 = client.sdk().v1
    ben = await v1.customers.create_async({"name": "Ben", "email": "ben@loom.test"})
    card = await v1.payment_methods.attach_async("pm_card_visa", {"customer": ben.id})
    await v1.customers.update_async(
        ben.id, {"invoice_settings": {"default_payment_method": card.id}}
    )
    again = await v1.customers.retrieve_async(ben.id)
    assert again.invoice_settings is not None
    assert again.invoice_settings.default_payment_method == card.id
    assert (await v1.payment_methods.retrieve_async(card.id)).customer == ben.id
    assert (await v1.payment_methods.detach_async(card.id)).customer is None
    assert [c.id for c in (await v1.customers.list_async()).data] == [ben.id]
    with pytest.raises(stripe.CardError):
        await v1.payment_methods.attach_async("pm_card_visa_chargeDeclined", {"customer": ben.id})
    gone: Any = await v1.customers.delete_async(ben.id)
    assert gone.deleted
    assert (await v1.customers.list_async()).data == []
    with pytest.raises(stripe.InvalidRequestError):
        await v1.payment_methods.attach_async("pm_card_visa", {"customer": ben.id})


async def test_a_real_card_number_is_refused_and_stands_in_no_answer_and_no_row(sandbox, caplog):
    real = "4539578763621486"  # passes the checksum, and belongs to no list of Stripe's
    card: Any = {
        "type": "card",
        "card": {"number": real, "exp_month": 12, "exp_year": 2034, "cvc": "123"},
    }
    with pytest.raises(stripe.CardError) as caught:
        await client.sdk().v1.payment_methods.create_async(card)
    assert real not in str(caught.value.json_body)
    assert real not in caplog.text
    card["card"]["number"] = "4242424242424242"
    made = await client.sdk().v1.payment_methods.create_async(card)
    assert made.card is not None
    assert made.card.last4 == "4242"
    card["card"]["number"] = "4242424242424241"
    with pytest.raises(stripe.CardError):
        await client.sdk().v1.payment_methods.create_async(card)


async def test_checkout_lives_between_thirty_minutes_and_a_day(sandbox):
    v1 = client.sdk().v1
    for wrong in (
        page(expires_at=5),
        page(expires_at=LATER),
        page(line_items=[]),
        page(mode="setup"),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            await v1.checkout.sessions.create_async(wrong)
    session = await v1.checkout.sessions.create_async(page())
    assert (session.status, session.payment_status, session.amount_total) == (
        "open",
        "unpaid",
        12000,
    )
    items = await v1.checkout.sessions.line_items.list_async(session.id)
    assert items.data[0].description == "Focus session"
    assert (await v1.checkout.sessions.expire_async(session.id)).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        await v1.checkout.sessions.expire_async(session.id)
    listed = await v1.checkout.sessions.list_async({"limit": 3})
    assert [s.id for s in listed.data] == [session.id]


async def test_events_can_be_read_in_both_styles(sandbox):
    await paid()
    sdk = client.sdk()
    events = await sdk.v1.events.list_async({"type": "payment_intent.succeeded"})
    assert len(events.data) == 1
    assert (await sdk.v1.events.retrieve_async(events.data[0].id)).type.endswith("succeeded")
    claimed = sorted(await outbox.claim(50), key=lambda job: job.id)
    jobs = [c for c in claimed if c.name == "stripe_sandbox.deliver"]
    kinds = [(await sdk.v2.core.events.retrieve_async(j.payload["event_id"])).type for j in jobs]
    assert kinds == [
        "v1.payment_intent.created",
        "v1.charge.succeeded",
        "v1.payment_intent.succeeded",
    ]


async def test_keys_and_addresses_are_checked(sandbox):
    plain = sandbox.browser
    assert (await plain.get("/sandbox/stripe/v1/charges")).status_code == 401
    live = {"Authorization": "Bearer sk_live_x"}
    assert (await plain.get("/sandbox/stripe/v1/charges", headers=live)).status_code == 401
    assert (await plain.get("/sandbox/stripe/v2/core/events/x")).status_code == 401
    wrong = await plain.get("/sandbox/stripe/v1/nothing")
    assert wrong.status_code == 404
    assert "Unrecognized request URL" in wrong.json()["error"]["message"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.sdk().v1.charges.retrieve_async("ch_none")
    assert caught.value.http_status == 404
    bad: Any = {"expand": ["nothing"]}
    intent = await paid()
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.payment_intents.retrieve_async(intent.id, bad)
