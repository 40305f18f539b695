"""The contract check is worth something only if it finds what is wrong: plant faults and count."""

import copy
import json
import random
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.money import Money
from tests.integrations.stripe import world
from tests.integrations.stripe.contract.check import Contract, Exchange
from tests.integrations.stripe.contract.rules import CLOSED, SOMETIMES
from tests.integrations.stripe.test_cards import setup_page
from tests.integrations.stripe.test_sandbox_api import page

FLOOR = 0.97
EACH = 150
KINDS = {
    "balance",
    "balance_settings",
    "balance_transaction",
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "event",
    "item",
    "login_link",
    "payment_intent",
    "payment_method",
    "payout",
    "price",
    "refund",
    "setup_intent",
    "transfer",
    "transfer_reversal",
    "v2.core.account",
    "v2.core.account_link",
    "v2.core.event",
    "v2.core.event_destination",
    "webhook_endpoint",
}


async def recorded(sandbox: Any) -> list[Exchange]:
    """A short history that touches every kind of object."""
    await _pay_and_save(sandbox)
    await _send_on(sandbox)
    await _look_back()
    return [e for e in sandbox.recorder.exchanges if e.status == 200]


async def _pay_and_save(sandbox: Any) -> None:
    v1 = client.sdk().v1
    session = await v1.checkout.sessions.create_async(page())
    await v1.checkout.sessions.line_items.list_async(session.id)
    await sandbox.pay(session.url)
    intent_id = (await client.checkout(session.id)).intent_id
    assert intent_id
    await client.payment(intent_id)
    refund: Any = {"payment_intent": intent_id, "amount": 500, "metadata": {"a": "b"}}
    await v1.refunds.create_async(refund)
    ben = await world.person()
    setup = await setup_page(ben)
    await sandbox.pay(setup.url)
    await client.setup((await client.checkout(setup.id)).setup_id or "")
    await client.payment_methods(ben)


async def _send_on(sandbox: Any) -> None:
    coach = await world.coach(sandbox)
    await client.account(coach)
    await client.login_link(coach, key="loom:login:1")
    charge = await world.charge(20000)
    sent = await world.sent(coach, 9000)
    await client.reverse_transfer(sent.id, key="loom:back:1", amount=Money(1000, "USD"))
    await client.read_transfer(sent.id)
    await client.payout(
        key="loom:payout:1", payout_id=1, amount=Money(3000, "USD"), account_id=coach
    )
    await client.balance(coach)
    await client.balance_settings(coach)
    await control.act("open_dispute", id=charge.latest_charge)
    (dispute,) = await world.everything(client.disputes())
    await client.update_dispute(
        dispute.id, key="loom:evidence:1", evidence={"service_date": "2026-11-20"}
    )


async def _look_back() -> None:
    v1, core = client.sdk().v1, client.sdk().v2.core
    await v1.charges.list_async()
    await v1.balance_transactions.list_async()
    await v1.events.list_async({"limit": 5})
    events = await core.events.list_async({"limit": 5})
    await core.events.retrieve_async(events.data[0].id)
    await core.event_destinations.list_async()
    hook: Any = {"url": "https://example.test/", "enabled_events": ["charge.succeeded"]}
    await v1.webhook_endpoints.create_async(hook)


def _objects(thing: Any) -> list[dict[str, Any]]:
    if isinstance(thing, list):
        return [o for item in thing for o in _objects(item)]
    if not isinstance(thing, dict):
        return []
    inner = [o for value in thing.values() for o in _objects(value)]
    mine = isinstance(thing.get("object"), str) and thing["object"] != "list"
    return [thing, *inner] if mine else inner


def _optional(target: dict[str, Any]) -> set[str]:
    """Fields whose absence is no fault: Stripe leaves them out, too."""
    return SOMETIMES.get(target["object"], set())


def _spoil(answer: Any, how: str, chance: random.Random) -> bool:
    """Plant one fault; False where this answer has no place for one of the kind."""
    target = chance.choice(_objects(answer))
    if how == "inside":
        return _rename_inside(target, chance)
    skip = {"object", "metadata"} | _optional(target)
    names = [k for k, v in target.items() if k not in skip]
    plain = [k for k in names if isinstance(target[k], str | int)]
    closed = [k for k in CLOSED.get(target["object"], {}) if target.get(k) is not None]
    if how == "rename":
        name = chance.choice(plain or names)
        target[name + "x"] = target.pop(name)
    elif how == "type":
        target[chance.choice(plain or names)] = {"surprise": 1}
    elif how == "invent":
        target["invented_field"] = 1
    elif how == "delete":
        del target[chance.choice(names)]
    elif not closed:
        return False
    else:
        target[chance.choice(closed)] = "surprising"
    return True


def _rename_inside(target: dict[str, Any], chance: random.Random) -> bool:
    """A part of an object that is no object itself: its names are as fixed."""
    parts = [
        part
        for name, part in target.items()
        if isinstance(part, dict) and part and "object" not in part and name not in _FREE
    ]
    if not parts:
        return False
    part = chance.choice(parts)
    name = chance.choice(list(part))
    part[name + "x"] = part.pop(name)
    return True


# maps whose names are the caller's own, or of no class
_FREE = {"metadata", "data", "related_object", "fraud_details"}


@pytest.fixture
async def exchanges(sandbox) -> list[Exchange]:
    return await recorded(sandbox)


async def test_every_kind_of_object_is_in_the_history(exchanges, contract: Contract):
    assert all(contract.problems(e) == [] for e in exchanges)
    seen = {o["object"] for e in exchanges for o in _objects(e.answer)}
    assert seen >= KINDS


async def test_spoiled_answers_are_found(exchanges, contract: Contract):
    chance = random.Random(7)
    usable = [e for e in exchanges if _objects(e.answer)]
    tried, found = Counter[str](), Counter[str]()
    missed: list[str] = []
    for how in ("rename", "type", "invent", "delete", "word", "inside"):
        while tried[how] < EACH:
            spoiled = copy.deepcopy(chance.choice(usable))
            if not _spoil(spoiled.answer, how, chance):
                continue
            tried[how] += 1
            caught = bool(contract.problems(spoiled))
            found[how] += caught
            missed += [] if caught else [f"{how} {spoiled.method} {spoiled.url}"]
    assert found.total() / tried.total() >= FLOOR, missed
    assert all(found[how] / tried[how] >= FLOOR for how in tried), missed


async def test_spoiled_requests_are_found(exchanges, contract: Contract):
    tried = 0
    for exchange in (e for e in exchanges if e.method == "POST"):
        for spoiled in _spoiled_requests(exchange):
            tried += 1
            assert contract.problems(spoiled), (spoiled.url, spoiled.body)
    assert tried > 30


def _spoiled_requests(exchange: Exchange) -> list[Exchange]:
    bare = copy.deepcopy(exchange)
    bare.headers = {k: v for k, v in bare.headers.items() if k.lower() != "idempotency-key"}
    extra, typed = copy.deepcopy(exchange), copy.deepcopy(exchange)
    if "/v2/" in exchange.url:
        body = json.loads(exchange.body or "{}")
        extra.body = json.dumps(body | {"bogus": 1})
        typed.body = json.dumps({name: [[1]] for name in body})
        return [bare, extra, *([typed] if body else [])]
    pairs = parse_qsl(exchange.body)
    extra.body = urlencode([*pairs, ("bogus", "1")])
    numbers = [name for name, value in pairs if value.isdigit() and "metadata" not in name]
    whole = [name for name in numbers if name in ("amount", "expires_at", "limit")]
    typed.body = urlencode([(n, "seven" if n in whole else v) for n, v in pairs])
    return [bare, extra, *([typed] if whole else [])]


async def test_words_outside_the_closed_lists_are_found(exchanges, contract: Contract):
    refund = copy.deepcopy(next(e for e in exchanges if e.url.endswith("/refunds")))
    refund.answer["status"] = "done"
    assert contract.problems(refund)
    assert contract.problems(Exchange("GET", "http://x/v1/nothing", {}, "", 200, {}))
    assert contract.problems(Exchange("GET", "http://x/v1/charges", {}, "", 401, {"oops": 1}))
