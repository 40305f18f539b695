"""The contract check is worth something only if it finds what is wrong: plant faults and count."""

import copy
import random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from loom_app.integrations.stripe import client
from tests.integrations.stripe.contract.check import Contract, Exchange
from tests.integrations.stripe.test_sandbox_api import page

FLOOR = 0.97


async def recorded(sandbox: Any) -> list[Exchange]:
    """A short history that touches every kind of object."""
    v1 = client.sdk().v1
    session = await v1.checkout.sessions.create_async(page())
    await sandbox.pay(session.url)
    intent_id = (await client.checkout(session.id)).intent_id
    assert intent_id
    await client.payment(intent_id)
    refund: Any = {"payment_intent": intent_id, "amount": 500, "metadata": {"a": "b"}}
    await v1.refunds.create_async(refund)
    await v1.charges.list_async()
    await v1.balance_transactions.list_async()
    await v1.customers.create_async({"name": "Ben", "email": "ben@loom.test"})
    return [e for e in sandbox.recorder.exchanges if e.status == 200]


def _objects(thing: Any) -> list[dict[str, Any]]:
    if isinstance(thing, list):
        return [o for item in thing for o in _objects(item)]
    if not isinstance(thing, dict):
        return []
    inner = [o for value in thing.values() for o in _objects(value)]
    return [thing, *inner] if isinstance(thing.get("object"), str) else inner


def _spoil(answer: Any, how: str, chance: random.Random) -> None:
    target = chance.choice(_objects(answer))
    plain = [k for k, v in target.items() if isinstance(v, str | int) and k != "object"]
    name = chance.choice(plain)
    if how == "rename":
        target[name + "x"] = target.pop(name)
    elif how == "type":
        target[name] = {"surprise": 1}
    elif how == "invent":
        target["invented_field"] = 1
    else:
        required = [k for k in ("id", "object", "amount", "currency", "status") if k in target]
        del target[chance.choice(required)]


async def test_spoiled_answers_are_found(sandbox, contract: Contract):
    chance = random.Random(7)
    exchanges = await recorded(sandbox)
    assert all(contract.problems(e) == [] for e in exchanges)
    tried = found = 0
    for how in ("rename", "type", "invent", "delete"):
        for _ in range(60):
            spoiled = copy.deepcopy(chance.choice(exchanges))
            _spoil(spoiled.answer, how, chance)
            tried += 1
            found += bool(contract.problems(spoiled))
    assert found / tried >= FLOOR, f"{found} of {tried}"


async def test_spoiled_requests_and_closed_words_are_found(sandbox, contract: Contract):
    exchanges = await recorded(sandbox)
    for exchange in (e for e in exchanges if e.method == "POST"):
        extra = copy.deepcopy(exchange)
        extra.body = urlencode([*parse_qsl(extra.body), ("bogus", "1")])
        assert contract.problems(extra)
        bare = copy.deepcopy(exchange)
        bare.headers = {k: v for k, v in bare.headers.items() if k.lower() != "idempotency-key"}
        assert contract.problems(bare)
    refund = copy.deepcopy(next(e for e in exchanges if e.url.endswith("/refunds")))
    refund.answer["status"] = "done"
    assert contract.problems(refund)
    assert contract.problems(Exchange("GET", "http://x/v1/nothing", {}, "", 200, {}))
    assert contract.problems(Exchange("GET", "http://x/v1/charges", {}, "", 401, {"oops": 1}))
