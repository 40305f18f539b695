"""What the sandbox tells: thin events of both secrets, in time, in trouble, and on request."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from loom_app.integrations.stripe import client, secrets, webhooks
from loom_app.integrations.stripe.errors import PaymentUnavailable
from loom_app.integrations.stripe.sandbox import control, delivery
from loom_app.kit import clock
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.integrations.stripe import world


class Receiver:
    """Loom's address for webhooks, which keeps what comes, raw and with its signature."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.status = 200
        routes = [Route("/webhooks/stripe", self.take, methods=["POST"])]
        delivery.deliver_through(httpx.ASGITransport(Starlette(routes=routes)))

    async def take(self, request: Request) -> PlainTextResponse:
        self.got.append((await request.body(), request.headers["stripe-signature"]))
        return PlainTextResponse("", self.status)

    async def hear(self) -> list[dict[str, Any]]:
        """Run what is due; the events that came."""
        for job in sorted(await outbox.claim(200), key=lambda job: job.id):
            if job.name.startswith("stripe_sandbox."):
                await outbox.run(job)
        return [json.loads(raw) for raw, _ in self.got]


@pytest.fixture
def receiver(sandbox) -> Receiver:
    return Receiver()


async def a_life(sandbox) -> str:
    """Something of everything, so that every kind of event happens; returns the coach."""
    coach = await world.coach(sandbox)
    ben = await world.person()
    card = await world.saved(ben)
    await client.detach(card.id, key="loom:d:1")
    await world.charge(50000)
    await world.charge(50000, card="pm_card_visa")
    with pytest.raises(stripe.CardError):
        await world.charge(900, card="pm_card_visa_chargeDeclined")
    made = await world.sent(coach, 9000)
    await client.reverse_transfer(made.id, key="loom:r:1", amount=Money(1000, "USD"))
    paid = await client.payout(
        key="loom:p:1", payout_id=1, amount=Money(3000, "USD"), account_id=coach
    )
    await control.act("move_payout", id=paid.id)
    await control.act("move_payout", id=paid.id, to="failed", code="no_account")
    intent = await world.charge(5000)
    await control.act("open_dispute", id=intent.latest_charge)
    (dispute,) = await world.everything(client.disputes())
    await control.act("decide_dispute", id=dispute.id, won="true")
    refund = await client.make_refund(
        refund_id=1, intent_id=intent.id, amount=Money(500, "USD"), reason="x"
    )
    await control.act("fail_refund", id=refund.id)
    await client.sdk().v2.core.event_destinations.ping_async("ed_test_sandboxOwn")
    return coach


async def test_every_event_is_signed_known_to_the_sdk_and_readable(sandbox, receiver):
    coach = await a_life(sandbox)
    events = await receiver.hear()
    kinds = {event["type"] for event in events}
    for expected in (
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
        "v2.core.account_link.returned",
        "v2.core.event_destination.ping",
        "v1.transfer.created",
        "v1.transfer.reversed",
        "v1.payout.created",
        "v1.payout.updated",
        "v1.payout.failed",
        "v1.charge.dispute.created",
        "v1.charge.dispute.funds_withdrawn",
        "v1.charge.dispute.funds_reinstated",
        "v1.charge.dispute.closed",
        "v1.refund.failed",
        "v1.payment_method.attached",
        "v1.payment_method.detached",
        "v1.balance_settings.updated",
        "v1.payment_intent.payment_failed",
    ):
        assert expected in kinds
    own, other = secrets.sandbox_webhook_secret(), secrets.sandbox_connect_secret()
    for raw, header in receiver.got:
        event = json.loads(raw)
        right, wrong = (other, own) if event["context"] else (own, other)
        known = client.sdk().parse_event_notification(raw.decode(), header, right)
        assert type(known).__name__ != "UnknownEventNotification", event["type"]
        with pytest.raises(stripe.SignatureVerificationError):
            client.sdk().parse_event_notification(raw.decode(), header, wrong)
        read = webhooks.read(raw, header)
        inside = read.type.startswith(("v1.payout", "v1.balance_settings"))
        assert read.account == (coach if inside else None), read.type
        again = await client.event(read.id, account_id=read.account)
        assert (again.type, again.id) == (read.type, read.id)
    returned = next(e for e in events if e["type"] == "v2.core.account_link.returned")
    assert "data" not in returned
    assert (await client.event(returned["id"])).object_id == coach


async def test_what_was_missed_can_be_asked_for(sandbox, receiver, at):
    at("2026-11-21T12:00Z")
    coach = await a_life(sandbox)
    at("2026-11-21T13:00Z")
    await control.switch(drop=True)
    await world.sent(coach, 700, 5)
    lost = await world.everything(client.events_since(datetime(2026, 11, 21, 13, tzinfo=UTC)))
    assert [e.type for e in lost] == ["v1.transfer.created"]
    there = await world.everything(
        client.events_since(clock.now() - timedelta(hours=2), account_id=coach)
    )
    assert there[0].account == coach
    assert {e.type for e in there} >= {"v1.payout.created", "v1.payout.failed"}
    only = await world.everything(
        client.events_since(clock.now() - timedelta(hours=2), types=["v1.charge.succeeded"])
    )
    assert len(only) == 3
    whole: Any = await client.sdk().v2.core.events.list_async({"limit": 5})
    paged = [e.id async for e in whole.auto_paging_iter()]
    assert len(paged) == len(set(paged)) > 30
    about: Any = {"object_id": coach, "limit": 100}
    assert (await client.sdk().v2.core.events.list_async(about)).data
    at("2026-12-30T13:00Z")  # kept for 30 days
    left = await client.sdk().v2.core.events.list_async()
    assert {e.type for e in left.data} == {"v1.balance.available"}  # which is of just now
    assert len((await client.sdk().v1.events.list_async()).data) == 1


async def test_snapshots_of_a_connected_account_carry_it(sandbox):
    coach = await a_life(sandbox)
    mine: Any = {"types": ["payout.created", "payout.failed"], "limit": 5}
    events: Any = await client.sdk().v1.events.list_async(mine, {"stripe_account": coach})
    assert [e.type for e in events.data] == ["payout.failed", "payout.created"]
    assert {e.account for e in events.data} == {coach}
    assert (await client.sdk().v1.events.list_async(mine)).data == []


async def test_trouble_with_webhooks_is_played(sandbox, receiver):
    await control.switch(duplicate=True)
    await world.person()
    assert len(await receiver.hear()) == 2
    await control.switch(duplicate=None, drop=True)
    await world.person(4)
    assert len(await receiver.hear()) == 2
    await control.switch(drop=None, delay_seconds=60)
    await world.person(5)
    assert len(await receiver.hear()) == 2
    await control.switch(delay_seconds=None, reorder=True)
    await world.person(6)
    await control.act("redeliver", id=json.loads(receiver.got[0][0])["id"])
    assert len(await receiver.hear()) in (3, 4)
    receiver.status = 500
    await control.switch(reorder=None)
    await world.person(7)
    await receiver.hear()
    receiver.status = 200
    assert receiver.got  # and the outbox tries again


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("500", PaymentUnavailable),
        ("429", PaymentUnavailable),
        ("timeout", PaymentUnavailable),
    ],
)
async def test_outages_are_told_apart_from_refusals(sandbox, mode, kind):
    await control.switch(outage={"mode": mode, "calls": 3, "seconds": 0})
    with pytest.raises(kind):
        await client.balance()
    await control.switch(outage=None)
    await client.balance()


async def test_a_short_outage_is_not_noticed(sandbox):
    for mode in ("409", "500", "lost_answer"):
        await control.switch(outage={"mode": mode, "calls": 1})
        made = await world.person({"409": 1, "500": 2, "lost_answer": 3}[mode])
        assert made
    listed = await client.sdk().v1.customers.list_async()
    assert len(listed.data) == 3


async def test_a_key_is_free_again_after_a_day(sandbox, at):
    at("2026-11-21T12:00Z")
    first = await world.person()
    at("2026-11-22T11:59Z")
    assert await world.person() == first
    at("2026-11-22T12:01Z")
    assert await world.person() != first


async def test_keys_of_two_accounts_do_not_meet(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(50000)
    await world.sent(coach, 9000)
    ask: Any = {"key": "loom:payout:1", "payout_id": 1, "amount": Money(1000, "USD")}
    assert (await client.payout(account_id=coach, **ask)).id != (await client.payout(**ask)).id


async def test_destinations_are_listed_and_kept(sandbox):
    core = client.sdk().v2.core
    built_in = await core.event_destinations.list_async()
    assert [d.name for d in built_in.data] == ["Loom's own account", "Connected accounts"]
    params: Any = {
        "name": "Elsewhere",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.charge.succeeded"],
        "webhook_endpoint": {"url": "https://example.test/hook"},
    }
    made: Any = await core.event_destinations.create_async(params)
    assert made.webhook_endpoint.signing_secret.startswith("whsec_")
    found: Any = await core.event_destinations.retrieve_async(made.id)
    assert found.webhook_endpoint.signing_secret is None
    v1 = client.sdk().v1
    hook: Any = {"url": "https://example.test/hook", "enabled_events": ["charge.succeeded"]}
    endpoint = await v1.webhook_endpoints.create_async(hook)
    assert endpoint.secret
    assert not hasattr(await v1.webhook_endpoints.retrieve_async(endpoint.id), "secret")
    assert [e.id for e in (await v1.webhook_endpoints.list_async()).data] == [endpoint.id]


async def test_v2_writes_must_be_json(sandbox):
    url = "/sandbox/stripe/v2/core/accounts"
    key = {"Authorization": "Bearer sk_test_x"}
    for body in (b"{", b"[]", b"\xff"):
        answer = await sandbox.browser.post(url, content=body, headers=key)
        assert answer.status_code == 400
    odd = await sandbox.browser.get("/sandbox/stripe/v1/charges?a=%ff", headers=key)
    assert odd.status_code == 400
