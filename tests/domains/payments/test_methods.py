"""Saved cards: kept at Stripe, copied here, charged once, and never anybody else's."""

import asyncio
from datetime import date, timedelta

import pytest

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Payable, Way
from loom_app.domains.payments.actions import paying as pay_module
from loom_app.domains.payments.actions.methods import ensure_customer, sync_card
from loom_app.domains.payments.actions.sweep import sweep
from loom_app.domains.payments.errors import CheckoutOver
from loom_app.domains.payments.events import CardExpiring, PaymentSucceeded
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused, PaymentUnavailable
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import check_books, kinds, one, rows


async def saved(payments, card: str = "pm_card_visa") -> int:
    """A card of Ben's; returns its number here."""
    customer = await ensure_customer(payments.ben)
    made = await client.attach_card(card, customer, key=f"loom:attach:{card}")
    await actions.sync_methods(payments.ben.require_person())
    return (await one("SELECT id FROM payment_methods WHERE processor_id = :id", id=made.id))["id"]


async def mine(payments, me=None):
    me = me or payments.ben
    async with transaction(me) as tx:
        return await queries.methods(tx, me)


async def test_a_person_is_one_customer_however_often_it_is_made(payments):
    made = await asyncio.gather(*(ensure_customer(payments.ben) for _ in range(5)))
    assert len(set(made)) == 1
    assert await ensure_customer(payments.ben) == made[0]
    asked = [one.url for one in payments.sandbox.recorder.exchanges if one.method == "POST"]
    assert sum(url.endswith("/v1/customers") for url in asked) == 1, "Stripe is asked once"


async def test_a_card_is_saved_on_stripes_page_and_webhooks_copy_it(payments):
    url = await actions.add_method(payments.ben)
    assert (await mine(payments)) == []
    answer = await payments.sandbox.pay(url)
    assert answer.headers["location"].endswith("/payments/methods?back=1")
    await outbox.drain()
    (card,) = await mine(payments)
    assert (card.words, card.expires, card.default) == ("Visa ···· 4242", "12/2034", True)
    assert await mine(payments, payments.ada) == []


async def test_the_default_moves_and_a_removed_card_is_gone(payments):
    first = await saved(payments)
    second = await saved(payments, "pm_card_mastercard")
    assert [(one.id, one.default) for one in await mine(payments)] == [
        (first, True),
        (second, False),
    ]
    for wanted in (second, first, second):
        await actions.make_default(payments.ben, wanted)
        assert (await mine(payments))[0].id == wanted  # the default comes first
    await actions.remove_method(payments.ben, second)
    assert [(one.id, one.default) for one in await mine(payments)] == [(first, True)]
    with pytest.raises(NotFound):
        await actions.make_default(payments.ben, second)
    await actions.remove_method(payments.ben, first)
    assert await mine(payments) == []


async def test_nobody_touches_a_card_of_somebody_else(payments):
    card = await saved(payments)
    for step in (actions.make_default, actions.remove_method):
        with pytest.raises(NotFound):
            await step(payments.ada, card)
    with pytest.raises(NotFound):
        async with transaction(payments.ada) as tx:
            await actions.begin_charge(
                tx, payments.ada, Payable("seat", 1), Money(12000, "USD"), way=Way(card),
                payer_id=payments.ada.require_person(), coach_id=payments.ada.require_person(),
                description="x", return_path="/", cancel_path="/", expires_at=tx.now,
            )  # fmt: skip


async def test_a_card_taken_off_at_stripe_is_gone_here_and_a_strangers_is_not_ours(payments):
    await saved(payments)
    key = (await one("SELECT processor_id FROM payment_methods"))["processor_id"]
    await client.detach(key, key="loom:detach:elsewhere")
    await outbox.drain()
    assert await mine(payments) == []
    stranger = await client.create_customer(key="k", email="x@y.zz", name="X", person_id=0)
    other = await client.attach_card("pm_card_visa", stranger, key="loom:attach:x")
    assert not await sync_card(other.id)
    await client.detach(other.id, key="loom:detach:x")
    assert not await sync_card(other.id)
    assert not await actions.sync_methods(payments.ada.require_person())


async def test_removing_what_is_off_already_removes_it_here(payments):
    card = await saved(payments)
    key = (await one("SELECT processor_id FROM payment_methods"))["processor_id"]
    await client.detach(key, key="loom:detach:elsewhere")
    await actions.remove_method(payments.ben, card)
    assert await mine(payments) == []


async def test_a_saved_card_pays_once_however_often_it_is_clicked(payments, heard):
    card = await saved(payments)
    payable = Payable("seat", 910_001)
    charge_id = await payments.begin(payable=payable, way=Way(card))
    assert await payments.begin(payable=payable, way=Way(card)) == charge_id
    clicks = await asyncio.gather(
        *(actions.pay(charge_id) for _ in range(20)), return_exceptions=True
    )
    assert all(
        click == actions.Answer() or isinstance(click, PaymentUnavailable) for click in clicks
    )
    charge = await payments.charge(charge_id)
    assert (charge["status"], charge["paid_with"]) == ("succeeded", "Visa ···· 4242")
    assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1}
    assert heard == [PaymentSucceeded(charge_id, "seat", payable.id)]
    assert len((await client.sdk().v1.payment_intents.list_async()).data) == 1
    await check_books()


async def test_a_crash_after_the_call_is_finished_by_the_sweeper_once(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    card = await saved(payments)
    charge_id = await payments.begin(way=Way(card))

    async def fall(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pay_module, "settle", fall)
        with pytest.raises(KeyboardInterrupt):
            await actions.pay(charge_id)
    at("2026-11-21T12:03Z")
    await sweep()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert len((await client.sdk().v1.payment_intents.list_async()).data) == 1
    await check_books()


async def test_the_webhook_alone_confirms_what_a_closed_tab_paid(payments, monkeypatch):
    card = await saved(payments)
    charge_id = await payments.begin(way=Way(card))

    async def fall(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pay_module, "settle", fall)
        with pytest.raises(KeyboardInterrupt):
            await actions.pay(charge_id)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    await check_books()


async def test_a_decline_ends_the_attempt_in_words_and_the_next_one_is_new(payments, heard):
    card = await saved(payments, "pm_card_chargeCustomerFail")
    payable = Payable("seat", 910_002)
    charge_id = await payments.begin(payable=payable, way=Way(card))
    with pytest.raises(PaymentRefused):
        await actions.pay(charge_id)
    view = await payments.view(payments.ben, charge_id)
    assert view is not None
    assert (view.status, view.decline) == (
        "failed",
        "Your bank declined the card. Try another card.",
    )
    second = await payments.begin(payable=payable)
    assert second != charge_id
    answer = await actions.pay(second)
    await payments.sandbox.pay(answer.url)
    await outbox.drain()
    assert (await payments.charge(second))["status"] == "succeeded"
    assert [type(event).__name__ for event in heard] == ["PaymentFailed", "PaymentSucceeded"]
    await check_books()


async def test_a_bank_that_wants_the_owner_says_so_and_the_page_does_it(payments):
    card = await saved(payments, "pm_card_authenticationRequired")
    payable = Payable("seat", 910_003)
    charge_id = await payments.begin(payable=payable, way=Way(card))
    with pytest.raises(PaymentRefused) as refused:
        await actions.pay(charge_id)
    assert refused.value.code == "authentication_required"
    url = (await actions.pay(await payments.begin(payable=payable))).url
    assert "/sandbox/stripe/" in url


async def test_another_way_never_overtakes_a_card_that_is_being_charged(payments, monkeypatch):
    card = await saved(payments)
    payable = Payable("seat", 910_004)
    charge_id = await payments.begin(payable=payable, way=Way(card))

    async def fall(**_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(client, "charge_off_session", fall)
        with pytest.raises(KeyboardInterrupt):
            await actions.pay(charge_id)
    assert await payments.begin(payable=payable) == charge_id  # the page of the other tab
    assert await actions.pay(charge_id) == actions.Answer()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    await actions.cancel_checkout(charge_id)
    assert await actions.pay(charge_id) == actions.Answer()
    await check_books()


async def test_changing_ones_mind_before_paying_closes_the_page(payments):
    card = await saved(payments)
    payable = Payable("seat", 910_005)
    first = await payments.begin(payable=payable)
    url = (await actions.pay(first)).url
    second = await payments.begin(payable=payable, way=Way(card))
    assert second != first
    await actions.pay(second)
    await outbox.drain()
    assert (await payments.sandbox.open(url)).status_code == 410
    assert (await payments.charge(second))["status"] == "succeeded"
    await check_books()


async def test_what_was_not_begun_in_time_is_not_begun(payments, at):
    at("2026-11-21T12:00Z")
    card = await saved(payments)
    charge_id = await payments.begin(way=Way(card))
    at("2026-11-21T14:00Z")
    with pytest.raises(CheckoutOver):
        await actions.pay(charge_id)
    await sweep()
    assert (await payments.charge(charge_id))["status"] == "cancelled"


async def test_the_card_typed_on_the_page_is_kept_where_that_was_ticked(payments):
    await ensure_customer(payments.ben)
    charge_id = await payments.begin(way=Way(save_card=True))
    await payments.sandbox.pay((await actions.pay(charge_id)).url)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert [one.words for one in await mine(payments)] == ["Visa ···· 4242"]
    await check_books()


async def test_a_card_that_runs_out_is_warned_about_once(payments, at, heard):
    await saved(payments)
    end = await one("SELECT exp_month, exp_year FROM payment_methods")
    first_after = f"{end['exp_year'] + end['exp_month'] // 12}-{end['exp_month'] % 12 + 1:02}-01"
    last_quiet = date.fromisoformat(first_after) - timedelta(days=46)
    at(f"{last_quiet}T12:00Z")
    assert await actions.warn_expiring() == 0
    at(f"{last_quiet + timedelta(days=1)}T12:00Z")
    assert await actions.warn_expiring() == 1
    assert await actions.warn_expiring() == 0
    assert [type(event) for event in heard] == [CardExpiring]
    (card,) = await mine(payments)
    assert card.expiring
    assert await rows("SELECT 1 FROM payment_methods WHERE warned_at IS NULL") == []
