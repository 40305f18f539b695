"""Before money: is Stripe configured rightly, and does each fault say what to do?"""

from collections.abc import AsyncIterator
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from stripe.events._event_classes import _V2_EVENT_CLASS_LOOKUP

from loom_app.cli import check_stripe
from loom_app.cli import main as command
from loom_app.domains.payments.actions.receive import _CONNECTED, _PLATFORM
from loom_app.integrations.stripe import checkup, client, connection, platform
from loom_app.integrations.stripe.sandbox.app import sandbox_app
from loom_app.kit import clock
from loom_app.kit.settings import settings
from tests.integrations.stripe import world

LIVE = {
    "public_url": "https://loom.example",
    "stripe_secret_key": "sk_live_abc",
    "stripe_webhook_secret": "whsec_one",
    "stripe_connect_webhook_secret": "whsec_two",
    "settled_currencies": "USD",
    "demo": False,
}


class Stripe:
    """Stripe as the checkup asks it: the sandbox at Stripe's address, for a key of any mode."""

    def __init__(self) -> None:
        sandbox = sandbox_app()
        self.app = Starlette(routes=[Mount("/sandbox/stripe", sandbox), Mount("/", sandbox)])
        self.date: str | None = format_datetime(clock.now(), usegmt=True)
        self.version: str | None = None
        self.refusals: dict[str, tuple[int, dict[str, Any]]] = {}
        self.down = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.down:
            raise httpx.ConnectError("no route")
        key = (b"authorization", b"Bearer sk_test_any")
        scope["headers"] = [h for h in scope["headers"] if h[0] != key[0]] + [key]
        status, body = self.refusals.get(scope["path"], (0, {}))
        if status:
            answer = httpx.Response(status, json={"error": body})
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": answer.content})
            return

        async def dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                more = {b"date": self.date, b"stripe-version": self.version}
                given = {name: value.encode() for name, value in more.items() if value is not None}
                kept = [h for h in message["headers"] if h[0] not in given]
                message["headers"] = [*kept, *given.items()]
            await send(message)

        await self.app(scope, receive, dated)


@pytest.fixture
async def there(db: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stripe]:
    """Stripe itself, with everything set for business and both destinations made."""
    made = Stripe()
    client.connect_through(httpx.ASGITransport(made))
    await platform.event_destinations()  # the sandbox's own stay with its address
    client.connect_through(httpx.ASGITransport(made))
    for name, value in LIVE.items():
        monkeypatch.setattr(settings(), name, value)
    yield made
    client.connect_through(None)


async def destination(path: str, events: tuple[str, ...], *sources: str, **more: Any) -> str:
    params: Any = {
        "name": path,
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": list(events),
        "events_from": list(sources),
        "webhook_endpoint": {"url": settings().base_url + path},
    }
    return (await client.sdk().v2.core.event_destinations.create_async(params | more)).id


async def both() -> None:
    own = (*platform.OWN_EVENTS, *platform.ACCOUNT_EVENTS)
    await destination("/webhooks/stripe", own, "@self")
    await destination("/webhooks/stripe-connect", platform.CONNECTED_EVENTS, "@accounts")


async def notes(state: str) -> list[str]:
    return [f"{n.about}: {n.words}" for n in await checkup.look() if n.state == state]


async def only(state: str, *parts: str) -> None:
    """Exactly these lines are in this state; each is told by a part of it."""
    found = await notes(state)
    assert len(found) == len(parts), found
    for part in parts:
        assert any(part in line for line in found), (part, found)


async def test_the_sandbox_is_well_without_any_setting(sandbox, capsys):
    assert await check_stripe.report() == 0
    told = capsys.readouterr().out
    assert "wrong   " not in told
    assert "Loom plays Stripe itself" in told
    assert "0 wrong, 1 unsure." in told  # in this process nobody writes a date


async def test_ready_for_business_but_for_the_first_coach(there, capsys):
    unready = await notes("wrong")
    assert len(unready) == 3
    assert all("no destination points to https://loom.example" in line for line in unready)
    await both()
    await only("unsure", "only the first coach's account proves it")
    assert await check_stripe.report() == 0
    await client.create_account(
        key="k", coach_id=1, email="a@loom.test", name="A", country="US", currency="USD"
    )
    await only("wrong")
    await only("unsure")
    capsys.readouterr()
    await check_stripe.report()
    assert capsys.readouterr().out.endswith("All is well.\n")


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("pk_live_1", "is a publishable key"),
        ("whsec_1", "is a webhook secret"),
        ("sk_test_sandbox", "is the sandbox's own"),
        ("hello", "is no key of Stripe's"),
    ],
)
async def test_a_key_of_another_kind_is_named(there, monkeypatch, key, part):
    await both()
    monkeypatch.setattr(settings(), "stripe_secret_key", key)
    await only("wrong", part)


async def test_modes_that_do_not_fit_the_place(there, monkeypatch):
    await both()
    monkeypatch.setattr(settings(), "stripe_secret_key", "rk_test_1")
    await only("unsure", "is restricted", "Nobody is charged here", "first coach")
    monkeypatch.setattr(settings(), "public_url", "")
    monkeypatch.setattr(settings(), "port", 8001)
    monkeypatch.setattr(settings(), "stripe_secret_key", "sk_live_1")
    await only("wrong", "A live key on a development start")
    forward = "stripe listen --forward-to localhost:8001/webhooks/stripe"
    assert len([line for line in await notes("unsure") if forward in line]) == 3
    monkeypatch.setattr(settings(), "stripe_secret_key", "sk_test_1")
    assert "beside a test key" in " ".join(await notes("ok"))


async def test_an_address_without_tls(there, monkeypatch):
    monkeypatch.setattr(settings(), "public_url", "http://loom.example")
    await both()
    await only("wrong", "must begin with https://")


async def test_secrets_are_there_and_are_secrets(there, monkeypatch):
    await both()
    monkeypatch.setattr(settings(), "stripe_connect_webhook_secret", "")
    await only("wrong", "so /webhooks/stripe-connect is off", "which is off without its secret")
    monkeypatch.setattr(settings(), "stripe_webhook_secret", "whsec_one, two")
    assert "a part that is no signing secret" in " ".join(await notes("wrong"))
    monkeypatch.setattr(settings(), "stripe_webhook_secret", "whsec_one,whsec_two")
    await only("wrong", "which is off without its secret")
    assert "2 of them" in " ".join(await notes("ok"))


async def test_one_address_for_both_needs_both_secrets(there, monkeypatch):
    own = (*platform.OWN_EVENTS, *platform.ACCOUNT_EVENTS)
    await destination("/webhooks/stripe", own, "@self")
    await destination("/webhooks/stripe", platform.CONNECTED_EVENTS, "@accounts")
    monkeypatch.setattr(settings(), "stripe_connect_webhook_secret", "")
    await only("wrong", "is off. Copy the signing secret", "needs both secrets")
    monkeypatch.setattr(settings(), "stripe_webhook_secret", "whsec_one,whsec_two")
    await only("wrong")


async def test_events_that_do_not_come_are_named(there):
    own = tuple(name for name in platform.OWN_EVENTS if "dispute.closed" not in name)
    await destination("/webhooks/stripe", own, "@self")
    await destination("/webhooks/stripe-connect", ("*",), "@accounts")
    await only("wrong", "do not all come. Add: v1.charge.dispute.closed")


async def test_snapshots_are_taken_and_know_no_accounts(there):
    hook: Any = {"url": settings().base_url + "/webhooks/stripe", "enabled_events": ["*"]}
    await client.sdk().v1.webhook_endpoints.create_async(hook)
    named = [name.removeprefix("v1.") for name in platform.CONNECTED_EVENTS]
    hook = {"url": settings().base_url + "/webhooks/stripe-connect", "enabled_events": named}
    await client.sdk().v1.webhook_endpoints.create_async(hook)
    await only("wrong", "Events about accounts: do not all come")


async def test_a_disabled_destination(there, monkeypatch):
    await both()

    async def disabled() -> list[platform.Destination]:
        gone = platform.Destination(
            "ed_1", "https://loom.example/webhooks/stripe", False, True, frozenset("*"), False
        )
        return [gone, *await platform.event_destinations()]

    monkeypatch.setattr(checkup, "event_destinations", disabled)
    await only("wrong", "ed_1 to https://loom.example/webhooks/stripe is disabled")


async def test_the_clock_and_the_version(there, at):
    await both()
    there.date = None
    there.version = "2020-08-27"
    await only("unsure", "no time to compare", "first coach")
    await only("wrong", "answered with 2020-08-27")
    there.version = ""
    there.date = "Sat, 21 Nov 2026 12:00:00 GMT"
    at("2026-11-21T12:02Z")
    await only("unsure", "the answer names none", "first coach")
    await only("wrong", "120 s ahead of Stripe's")
    at("2026-11-21T11:55Z")
    await only("wrong", "300 s behind Stripe's")


async def test_an_account_elsewhere_or_not_complete(there, monkeypatch):
    await both()
    monkeypatch.setattr(settings(), "platform_country", "DE")
    own = await platform.platform()
    assert (own.country, own.currency) == ("DE", "EUR")
    monkeypatch.setattr(settings(), "platform_country", "US")

    async def poor() -> platform.Platform:
        return platform.Platform("acct_1", "DE", "EUR", False, False, own.version, own.at)

    monkeypatch.setattr(checkup, "platform", poor)
    await only("wrong", "Set it to DE", "cannot make charges", "cannot make payouts")


async def test_refusals_are_told_in_stripes_words(there):
    denied = {"type": "invalid_request_error", "message": "Sign up for Connect first."}
    there.refusals["/v2/core/accounts"] = (400, denied)
    there.refusals["/v2/core/event_destinations"] = (403, denied)
    await only("wrong", "is not enabled: Sign up for Connect first.")
    await only("unsure", "Webhook destinations: Stripe says: Sign up for Connect first.")
    there.refusals = {"/v2/core/accounts": (403, denied)}
    assert "this key may not look" in " ".join(await notes("unsure"))
    there.refusals = {"/v1/account": (401, denied)}
    await only("wrong", "does not know this key")
    there.refusals = {"/v1/account": (400, denied)}
    await only("wrong", "Stripe: Stripe says")


async def test_nobody_answers(there, monkeypatch, capsys):
    there.down = True
    monkeypatch.setattr(connection, "RETRIES", 0)
    client.connect_through(httpx.ASGITransport(there))
    monkeypatch.setattr(settings(), "stripe_secret_key", "sk_live_abc")
    await only("wrong", "does not answer from this machine")
    monkeypatch.setattr(settings(), "public_url", "")
    monkeypatch.setattr(settings(), "stripe_secret_key", "")
    await only("wrong", "which does not run. `make run`.")
    assert await check_stripe.report() == 1
    assert "1 wrong, 0 unsure." in capsys.readouterr().out


async def test_what_stripe_would_turn_into_another_currency_is_doubted(there, monkeypatch):
    await both()
    monkeypatch.setattr(settings(), "settled_currencies", "USD,EUR,JPY")
    await world.charge(5000, "eur")
    await only("unsure", "no balance in JPY. Without a bank account", "first coach")
    await world.charge(5000, "jpy")
    await only("unsure", "first coach")
    there.refusals["/v1/balance"] = (403, {"type": "x", "message": "Not for this key."})
    await only("unsure", "LOOM_SETTLED_CURRENCIES: Stripe says", "first coach")


def test_it_is_a_command(database, monkeypatch):
    async def looked() -> list[checkup.Note]:
        return [checkup.Note("wrong", "A", "b")]

    monkeypatch.setattr(checkup, "look", looked)
    assert command(["check-stripe"]) == 1


def test_every_event_asked_for_exists_and_is_handled():
    names = (*platform.OWN_EVENTS, *platform.CONNECTED_EVENTS, *platform.ACCOUNT_EVENTS)
    known = set(_V2_EVENT_CLASS_LOOKUP)
    assert set(names) <= known
    objects = {name: _object_of(name) for name in names}
    assert set(objects.values()) <= set(_PLATFORM) | set(_CONNECTED)
    assert set(_PLATFORM) <= set(objects.values())


def _object_of(name: str) -> str:
    if name.startswith("v2.core.account"):
        return "v2.core.account"
    about = name.removeprefix("v1.").rpartition(".")[0]
    return "dispute" if about == "charge.dispute" else about
