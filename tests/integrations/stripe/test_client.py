"""The client alone: errors in words, keys, and where it connects to."""

from typing import Any

import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from loom_app.integrations.stripe import client, connection, secrets
from loom_app.integrations.stripe.errors import (
    PaymentRefused,
    PaymentUnavailable,
    decline_words,
    in_words,
)
from loom_app.integrations.stripe.sandbox import forms, refunds
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings
from tests.integrations.stripe.test_sandbox_api import page, paid


@pytest.mark.parametrize("reason", ["lost_card", "stolen_card", "fraudulent", "new_reason", None])
def test_what_must_not_be_said_to_whoever_holds_the_card_is_not_said(reason):
    assert decline_words(reason) == "Your bank declined the card. Try another card."


async def test_a_declined_card_an_outage_and_a_refusal_are_told_apart(sandbox):
    with pytest.raises(stripe.CardError) as caught:
        await paid(card="pm_card_visa_chargeDeclinedInsufficientFunds")
    told = in_words(caught.value)
    assert isinstance(told, PaymentRefused)
    assert told.code == "insufficient_funds"
    assert "enough money" in told.message
    assert isinstance(in_words(stripe.APIConnectionError("down")), PaymentUnavailable)
    reused = in_words(stripe.IdempotencyError("same key"))  # unclear, so never a refusal
    assert isinstance(reused, PaymentUnavailable)
    assert "Nothing is taken twice" in reused.message
    with pytest.raises(PaymentRefused):
        await client.checkout("cs_none")


async def test_with_a_key_the_real_address_is_used_and_the_key_comes_from_settings(monkeypatch):
    there = settings().model_copy(update={"stripe_secret_key": "sk_test_real"})
    monkeypatch.setattr(connection, "settings", lambda: there)
    monkeypatch.setattr(secrets, "settings", lambda: there)
    client.connect_through(None)
    sdk: Any = client.sdk()
    assert secrets.api_key() == "sk_test_real"
    assert sdk._requestor._options.base_addresses["api"] == "https://api.stripe.com"
    assert sdk._requestor._options.max_network_retries == 2
    assert not stripe.enable_telemetry
    await client.close()


WRONG: list[tuple[dict[str, str], str]] = [
    ({"mode[a]": "x"}, "mode"),
    ({"metadata": "flat"}, "metadata"),
    ({"line_items": "flat"}, "line_items"),
    ({"line_items[0][price_data]": "flat"}, "line_items[0][price_data]"),
    ({"line_items[7][quantity]": "1"}, "line_items"),
    ({"success_url[a]": "x"}, "success_url"),
    ({"allow_promotion_codes": "perhaps"}, "allow_promotion_codes"),
    ({"mode": "payment", "mode[a]": "x"}, "mode[a]"),
]


@pytest.mark.parametrize(("form", "where"), WRONG)
def test_a_form_of_the_wrong_shape_is_refused_by_name(form, where):
    with pytest.raises(ApiError) as caught:
        forms.typed(forms.nest(list(form.items())), SessionCreateParams)
    assert caught.value.body["error"]["param"] == where


def test_lists_may_be_written_without_numbers():
    assert forms.nest([("expand[]", "a"), ("expand[]", "b")]) == {"expand": {"0": "a", "1": "b"}}


@pytest.mark.parametrize("params", [{}, {"charge": "ch_none"}, {"payment_intent": "open"}])
async def test_a_refund_needs_something_paid(sandbox, params: Any):
    v1 = client.sdk().v1
    if params.get("payment_intent"):
        plain: Any = {"amount": 700, "currency": "eur"}
        params = {"payment_intent": (await v1.payment_intents.create_async(plain)).id}
    with pytest.raises(stripe.InvalidRequestError):
        await v1.refunds.create_async(params)


async def test_a_refund_can_name_the_charge_and_fails_only_once(sandbox):
    intent = await paid(card="pm_card_refundFail")
    made = await client.sdk().v1.refunds.create_async({"charge": intent.latest_charge})
    for _ in range(2):
        async with transaction(SANDBOX) as tx:
            await refunds.fail(Book(tx), made.id)
    assert (await client.refund(made.id)).status == "failed"
    charge: Any = await client.sdk().v1.charges.retrieve_async(intent.latest_charge)
    assert charge.amount_refunded == 0


async def test_a_page_without_items_or_way_back_is_refused(sandbox):
    for missing in ("success_url",):
        wrong: Any = {k: v for k, v in page().items() if k != missing}
        with pytest.raises(stripe.InvalidRequestError):
            await client.sdk().v1.checkout.sessions.create_async(wrong)
    odd = page(line_items=[{"quantity": 1, "price": "price_1"}])
    with pytest.raises(stripe.InvalidRequestError):
        await client.sdk().v1.checkout.sessions.create_async(odd)
