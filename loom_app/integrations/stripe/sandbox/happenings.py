"""Events: a snapshot and a thin one of each change, and the thin one's way to the receiver.

What happens to accounts (API v2) belongs to Loom's own account and has no snapshot; what happens
inside a connected account carries its id and is signed with the second secret.
"""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import objects, times

if TYPE_CHECKING:
    from loom_app.integrations.stripe.sandbox.book import Book

API_VERSION = "2026-10-28.endive"
KEPT_SECONDS = 30 * times.DAY

_PATHS = {
    "balance": "balance",
    "balance_settings": "balance_settings",
    "charge": "charges",
    "checkout.session": "checkout/sessions",
    "customer": "customers",
    "dispute": "disputes",
    "payment_intent": "payment_intents",
    "payment_method": "payment_methods",
    "payout": "payouts",
    "refund": "refunds",
    "setup_intent": "setup_intents",
    "transfer": "transfers",
}


async def record(book: "Book", kind: str, thing: dict[str, Any]) -> None:
    """A change of an object of API v1."""
    snapshot: dict[str, Any] = {
        "id": objects.new_id("event"),
        "object": "event",
        "api_version": API_VERSION,
        "created": times.stamp(),
        "data": {"object": objects.shown(thing)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": book.request_id or None, "idempotency_key": book.key},
        "type": kind,
    }
    if book.account:
        snapshot["account"] = book.account
    await book.put(snapshot)
    name = thing["object"]
    related = {"type": name, "url": f"/v1/{_PATHS[name]}"}
    if "id" in thing:  # a balance is one of a kind and has none
        related = {"id": thing["id"], "type": name, "url": f"/v1/{_PATHS[name]}/{thing['id']}"}
    await _thin(book, f"v1.{kind}", related, snapshot_event=snapshot["id"])


async def account_changed(
    book: "Book", kind: str, account_id: str, *, data: dict[str, Any] | None = None
) -> None:
    """A change of an account: `kind` as "[requirements].updated" or "_link.returned"."""
    related: dict[str, Any] | None = {
        "id": account_id,
        "type": "v2.core.account",
        "url": f"/v2/core/accounts/{account_id}",
    }
    if kind == "_link.returned":
        related = None
    await _thin(book.of(""), f"v2.core.account{kind}", related, data=data)


async def ping(book: "Book", destination: dict[str, Any]) -> dict[str, Any]:
    """A test event of a destination."""
    related = {
        "id": destination["id"],
        "type": "v2.core.event_destination",
        "url": f"/v2/core/event_destinations/{destination['id']}",
    }
    return await _thin(book, "v2.core.event_destination.ping", related)


async def _thin(
    book: "Book",
    kind: str,
    related: dict[str, Any] | None,
    *,
    snapshot_event: str | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    thin: dict[str, Any] = {
        "id": objects.new_id("event"),
        "object": "v2.core.event",
        "type": kind,
        "created": times.iso(),
        "livemode": False,
        "context": book.account or None,
        "reason": None,
        "changes": None,
        "snapshot_event": snapshot_event,
    }
    if related is not None:
        thin["related_object"] = related
    if data is not None:
        thin["_data"] = data  # not in what is delivered: it is there for whoever asks
    await book.put(thin)
    await announce(book, thin["id"])
    return thin


async def announce(book: "Book", event_id: str) -> None:
    """Queue an event's delivery, with the trouble that the switches ask for."""
    switches = await book.switches()
    if switches.get("drop"):
        return
    delay = float(switches.get("delay_seconds", 0))
    if switches.get("reorder"):
        delay += secrets.randbelow(5000) / 1000
    at = book.tx.now + timedelta(seconds=delay)
    for _ in range(2 if switches.get("duplicate") else 1):
        await book.tx.enqueue("stripe_sandbox.deliver", {"event_id": event_id}, at=at)


async def snapshots(book: "Book", _: dict[str, str], params: dict[str, Any]) -> dict[str, Any]:
    """GET /v1/events: the last 30 days."""
    created = params.get("created")
    bounds = created if isinstance(created, dict) else {"eq": created} if created else {}
    oldest = max(bounds.get("gte", 0), times.stamp() - KEPT_SECONDS)
    return await book.page("event", params | {"created": bounds | {"gte": oldest}}, "/v1/events")


async def one(book: "Book", path: dict[str, str], _: dict[str, Any]) -> dict[str, Any]:
    """GET /v2/core/events/{id}."""
    return _whole(await book.get("v2.core.event", path["id"]))


async def page(book: "Book", _: dict[str, str], params: dict[str, Any]) -> dict[str, Any]:
    """GET /v2/core/events: newest first, pages by a cursor in `next_page_url`."""
    limit = min(int(params.get("limit", 10)), 100)
    where = ["kind = :kind", "created >= :oldest"]
    values: dict[str, Any] = {
        "kind": book.scoped("v2.core.event"),
        "oldest": times.stamp() - KEPT_SECONDS,
        "take": limit + 1,
    }
    if "types" in params:
        where.append("data->>'type' = ANY(:types)")
        values["types"] = params["types"]
    if "object_id" in params:
        where.append("data->'related_object'->>'id' = :about")
        values["about"] = params["object_id"]
    for name, when in params.get("created", {}).items():
        where.append(f"data->>'created' {_COMPARE[name]} :{name}")
        values[name] = when
    if "page" in params:
        where.append("seq < :cursor")
        values["cursor"] = int(params["page"])
    rows = (
        await book.tx.db.execute(
            text(
                f"SELECT seq, data FROM stripe_sandbox.objects WHERE {' AND '.join(where)}"
                " ORDER BY seq DESC LIMIT :take"
            ),
            values,
        )
    ).all()
    more = _url(params, rows[limit - 1].seq) if len(rows) > limit else None
    data = [_whole(row.data) for row in rows[:limit]]
    return {"data": data, "next_page_url": more, "previous_page_url": None}


def _url(params: dict[str, Any], cursor: int) -> str:
    query = {k: v for k, v in params.items() if k in ("limit", "object_id")}
    query |= {f"types[{n}]": kind for n, kind in enumerate(params.get("types", []))}
    query |= {f"created[{name}]": when for name, when in params.get("created", {}).items()}
    return f"/v2/core/events?{urlencode(query | {'page': cursor})}"


def _whole(thin: dict[str, Any]) -> dict[str, Any]:
    return thin | ({"data": thin["_data"]} if "_data" in thin else {})


_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
