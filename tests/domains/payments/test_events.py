"""Webhooks: signed, stored once, in any order and number the same end."""

import asyncio
import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from loom_app.cli import events as cli
from loom_app.domains.payments import actions, queries
from loom_app.integrations.stripe import client, webhooks
from loom_app.integrations.stripe.sandbox import control, delivery
from loom_app.integrations.stripe.secrets import sandbox_connect_secret, sandbox_webhook_secret
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.domains.payments.coaches import active_account
from tests.domains.payments.helpers import check_books, kinds, one, rows, thin_events
from tests.sizes import CROWD, HISTORIES

URL = "/webhooks/stripe"
LOOK = cli.LOOK


async def deliver(sandbox: Any, body: str, **changes: Any) -> int:
    header = changes.get("header") or delivery.sign(body, sandbox_webhook_secret())
    sent = changes.get("sent", body)
    answer = await sandbox.browser.post(
        URL, content=sent.encode(), headers={"Stripe-Signature": header}
    )
    return answer.status_code


async def test_the_page_closed_at_once_and_the_webhook_does_it_all(payments, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert len(heard) == 1
    kept = await rows("SELECT outcome FROM external_events")
    assert {row["outcome"] for row in kept} == {"handled"}
    await check_books()


async def test_shuffled_doubled_and_late_they_end_in_the_same_state(payments, heard):
    chance = random.Random(11)
    for _ in range(HISTORIES):
        heard.clear()
        charge_id, url = await payments.open()
        await payments.sandbox.pay(url, "4000000000009995")
        await payments.sandbox.pay(url)
        await actions.settle(charge_id)
        await actions.carry_out_refund(await payments.refund(charge_id, 2000))
        bodies = await thin_events() * 2
        chance.shuffle(bodies)
        codes = Counter([await deliver(payments.sandbox, body) for body in bodies])
        assert codes == {202: len(bodies) // 2, 200: len(bodies) // 2}
        await outbox.drain()
        assert (await payments.charge(charge_id))["status"] == "succeeded"
        assert (await payments.charge(charge_id))["decline_code"] is None
        assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1, "refund": 1}
        assert len(heard) == 2
        await check_books()


async def test_two_hundred_deliveries_of_one_event_are_kept_once(payments):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    bodies = await thin_events()
    done = next(b for b in bodies if "checkout.session.completed" in b)
    codes = await asyncio.gather(*(deliver(payments.sandbox, done) for _ in range(CROWD)))
    assert Counter(codes) == {202: 1, 200: CROWD - 1}
    await outbox.drain()
    assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1}
    event = await one("SELECT * FROM external_events")
    await asyncio.gather(*(actions.process(event["id"]) for _ in range(20)))
    await actions.process(999)
    await check_books()


async def test_trouble_on_demand_changes_nothing(payments, at):
    at("2026-11-21T12:00Z")
    await control.switch(duplicate=True, reorder=True, delay_seconds=60)
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "pending"
    at("2026-11-21T12:02Z")
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    await control.switch(drop=True)
    lost, url = await payments.open()
    await payments.sandbox.pay(url)
    await outbox.drain()
    assert (await payments.charge(lost))["status"] == "pending"
    await actions.check_charge(lost)
    assert (await payments.charge(lost))["status"] == "succeeded"


async def test_a_failing_receiver_is_tried_again(payments, monkeypatch, at):
    at("2026-11-21T12:00Z")
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "webhook_url", lambda: settings().base_url + "/nowhere")
        await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "pending"
    at("2026-11-21T12:01Z")
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"


async def test_a_handling_error_is_tried_again_and_seen(payments, at):
    at("2026-11-21T12:00Z")
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    for body in await thin_events():
        await deliver(payments.sandbox, body)
    await control.switch(outage={"mode": "500", "calls": 1000})
    await outbox.drain()
    assert {r["handled_at"] for r in await rows("SELECT handled_at FROM external_events")} == {None}
    await control.switch(outage=None)
    at("2026-11-21T12:05Z")
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"


BODY = json.dumps(
    {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v1.charge.succeeded",
        "created": "2026-11-21T12:00:00Z",
        "livemode": False,
        "related_object": {"id": "ch_1", "type": "charge", "url": "/v1/charges/ch_1"},
    }
)


@pytest.mark.parametrize(
    "change",
    [
        {"header": "t=1,v1=00"},
        {"header": "nonsense"},
        {"header": "t=99999999999,v1=00"},
        {"sent": BODY + " "},
        {"sent": json.dumps(json.loads(BODY), indent=1)},
    ],
)
async def test_a_bad_signature_is_refused_and_nothing_kept(payments, change):
    assert await deliver(payments.sandbox, BODY, **change) == 400
    assert await rows("SELECT * FROM external_events") == []


async def test_old_and_future_signatures_and_foreign_secrets_are_refused(payments, at):
    at("2026-11-21T12:00Z")
    header = delivery.sign(BODY, sandbox_webhook_secret())
    foreign = delivery.sign(BODY, "whsec_other")
    assert await deliver(payments.sandbox, BODY, header=foreign) == 400
    for moment in ("2026-11-21T12:05:01Z", "2026-11-21T11:58:59Z"):
        at(moment)
        assert await deliver(payments.sandbox, BODY, header=header) == 400
    at("2026-11-21T12:04:59Z")
    assert await deliver(payments.sandbox, BODY, header=header) == 202


@pytest.mark.parametrize("body", ["[]", "not json", '{"object": "event"}', '{"id": 1}'])
async def test_signed_rubbish_is_refused(payments, body):
    assert await deliver(payments.sandbox, body) == 400
    raw = b"\xff\xfe"
    header = {"Stripe-Signature": delivery.sign("x", sandbox_webhook_secret())}
    assert (
        await payments.sandbox.browser.post(URL, content=raw, headers=header)
    ).status_code == 400


async def test_too_large_is_refused(payments):
    assert await deliver(payments.sandbox, "x" * 1_000_001) == 413


async def test_snapshots_are_taken_as_well_as_thin_events(payments, heard):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await thin_events()
    snapshots = (await client.sdk().v1.events.list_async({"limit": 20})).data
    for snapshot in snapshots:
        await deliver(payments.sandbox, json.dumps(snapshot.to_dict()))
    await outbox.drain()
    assert len(heard) == 1
    assert (await payments.charge(charge_id))["status"] == "succeeded"


async def test_what_is_unknown_or_not_ours_is_kept_and_ignored(payments):
    v1 = client.sdk().v1
    params: Any = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "metadata": {"loom_charge": "4711"},
    }
    await v1.payment_intents.create_async(params)
    plain: Any = {"amount": 500, "currency": "usd"}
    await v1.payment_intents.create_async(plain)
    await v1.customers.create_async({"name": "Ben"})
    await outbox.drain()
    odd = json.loads(BODY) | {"id": "evt_odd", "type": "v9.odd", "related_object": None}
    assert await deliver(payments.sandbox, json.dumps(odd)) == 202
    await outbox.drain()
    kept = await rows("SELECT outcome FROM external_events")
    assert {row["outcome"] for row in kept} == {"ignored"}
    assert len(kept) == 6


async def test_without_a_secret_the_door_is_shut(payments, monkeypatch):
    there = settings().model_copy(update={"stripe_secret_key": "sk_test_x"})
    monkeypatch.setattr("loom_app.integrations.stripe.secrets.settings", lambda: there)
    assert not webhooks.is_on()
    assert await deliver(payments.sandbox, BODY) == 404


def test_two_secrets_are_valid_during_a_rotation(monkeypatch):
    there = settings().model_copy(
        update={"stripe_secret_key": "sk_test_x", "stripe_webhook_secret": "whsec_old, whsec_new"}
    )
    monkeypatch.setattr("loom_app.integrations.stripe.secrets.settings", lambda: there)
    for secret in ("whsec_old", "whsec_new"):
        assert webhooks.read(BODY.encode(), delivery.sign(BODY, secret)).object_id == "ch_1"
    stale = delivery.sign(BODY, "whsec_older")
    with pytest.raises(webhooks.BadSignature):
        webhooks.read(BODY.encode(), stale)
    assert clock.now()


async def test_coaches_accounts_have_a_door_of_their_own(payments, monkeypatch):
    other = sandbox_connect_secret()
    body = json.dumps(json.loads(BODY) | {"id": "evt_c", "context": "acct_1"})
    for secret, code in ((other, 202), (sandbox_webhook_secret(), 400)):
        answer = await payments.sandbox.browser.post(
            f"{URL}-connect",
            content=body.encode(),
            headers={"Stripe-Signature": delivery.sign(body, secret)},
        )
        assert answer.status_code == code
    live = settings().model_copy(
        update={"stripe_secret_key": "sk_test_x", "stripe_connect_webhook_secret": ""}
    )
    monkeypatch.setattr("loom_app.integrations.stripe.secrets.settings", lambda: live)
    assert (await payments.sandbox.browser.post(f"{URL}-connect", content=b"")).status_code == 404
    there = live.model_copy(update={"stripe_connect_webhook_secret": "whsec_a, whsec_b"})
    monkeypatch.setattr("loom_app.integrations.stripe.secrets.settings", lambda: there)
    for secret in ("whsec_a", "whsec_b"):
        assert webhooks.read(BODY.encode(), delivery.sign(BODY, secret), connected=True).id


async def test_what_went_wrong_is_seen_tried_again_and_replayed(payments, capsys):
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await thin_events()
    stored = await actions.receive(webhooks.read(*_signed(await _newest())))
    assert stored
    await control.switch(outage={"mode": "500", "calls": 20})
    (job,) = [job for job in await outbox.claim(50) if job.name == "payments.process_event"]
    assert await outbox.run(job) is not None
    async with transaction(LOOK) as tx:
        (seen,) = await queries.events(tx, troubled=True)
    assert (seen.outcome, seen.failed, seen.attempts) == ("", False, 1)
    assert "PaymentUnavailable" in seen.error
    assert await cli.run(failed=True) == 0
    assert "waits after 1 tries: PaymentUnavailable" in capsys.readouterr().out
    assert await cli.run(again=seen.id) == 1
    await control.switch(outage=None)
    for _ in range(2):
        assert await cli.run(again=seen.id) == 0
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert await kinds(charge_id) == {"charge": 1, "processing_fee": 1}
    async with transaction(LOOK) as tx:
        assert await queries.events(tx, troubled=True) == []
    assert await cli.run(again=999) == 1
    await check_books()


async def _newest() -> str:
    events = [event async for event in client.events_since(clock.now() - timedelta(days=1))]
    return json.dumps(next(e.payload for e in events if "checkout" in e.type))


def _signed(body: str) -> tuple[bytes, str]:
    return body.encode(), delivery.sign(body, sandbox_webhook_secret())


async def test_what_never_arrived_is_fetched_at_night(payments, at):
    await control.switch(drop=True)
    account_id = await active_account(payments.ada)
    charge_id, url = await payments.open()
    await payments.sandbox.pay(url)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "pending"
    assert await actions.backfill() == 0  # the webhooks may still be on their way
    at((clock.now() + timedelta(hours=2)).isoformat())
    assert await actions.backfill() > 0
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    assert await actions.backfill() == 0
    assert account_id
    await control.switch(outage={"mode": "500", "calls": 20})
    assert await actions.backfill() == 0
    await control.switch(outage=None)
    await check_books()
