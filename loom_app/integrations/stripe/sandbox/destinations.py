"""Where events go: the two endpoints of Loom, one for its own account and one for connected ones.

They can be listed and pinged. More can be registered by API and are kept, but nothing is delivered
to them: the sandbox posts to its own server and nowhere else.
"""

import secrets
from collections.abc import Callable
from typing import Any

import stripe.params as p
import stripe.params.v2.core as v2

from loom_app.integrations.stripe.sandbox import forms, happenings, objects, times
from loom_app.integrations.stripe.sandbox.addresses import webhook_url
from loom_app.integrations.stripe.sandbox.book import Book

Params = dict[str, Any]
OWN, CONNECTED = "ed_test_sandboxOwn", "ed_test_sandboxConnected"


def _built_in(key: str, name: str, source: str) -> Params:
    return objects.make(
        "v2.core.event_destination",
        id=key,
        description=name,
        enabled_events=["*"],
        event_payload="thin",
        events_from=[source],
        name=name,
        status="enabled",
        type="webhook_endpoint",
        updated=times.iso(),
        webhook_endpoint={"signing_secret": None, "url": webhook_url()},
    )


async def _all(book: Book) -> list[Params]:
    kept = await book.every("v2.core.event_destination")
    known = {destination["id"] for destination in kept}
    fixed = (
        _built_in(OWN, "Loom's own account", "@self"),
        _built_in(CONNECTED, "Connected accounts", "@accounts"),
    )
    return [*kept, *[await book.put(d) for d in fixed if d["id"] not in known]]


async def _page(book: Book, _: dict[str, str], params: Params) -> Params:
    return {"data": await _all(book), "next_page_url": None, "previous_page_url": None}


async def _one(book: Book, path: dict[str, str], _: Params) -> Params:
    await _all(book)
    return await book.get("v2.core.event_destination", path["id"])


async def _create(book: Book, _: dict[str, str], params: Params) -> Params:
    forms.heed(
        params,
        "name type event_payload enabled_events events_from description webhook_endpoint metadata"
        " include",
    )
    webhook = params.get("webhook_endpoint") or {}
    made = objects.make(
        "v2.core.event_destination",
        description=params.get("description", ""),
        enabled_events=params["enabled_events"],
        event_payload=params["event_payload"],
        events_from=params.get("events_from", ["@self"]),
        metadata=params.get("metadata") or {},
        name=params["name"],
        status="enabled",
        type=params["type"],
        updated=times.iso(),
        webhook_endpoint={"signing_secret": None, "url": webhook.get("url")},
    )
    await book.put(made)
    secret = "whsec_" + secrets.token_hex(16)  # told once, at creation, as there
    return made | {"webhook_endpoint": made["webhook_endpoint"] | {"signing_secret": secret}}


async def _ping(book: Book, path: dict[str, str], _: Params) -> Params:
    """POST …/ping: a `v2.core.event_destination.ping` event."""
    destination = await _one(book, path, {})
    return await happenings.ping(book, destination)


async def _hook(book: Book, _: dict[str, str], params: Params) -> Params:
    forms.heed(params, "url enabled_events description api_version metadata")
    made = objects.make(
        "webhook_endpoint",
        api_version=params.get("api_version"),
        description=params.get("description"),
        enabled_events=params["enabled_events"],
        metadata=params.get("metadata") or {},
        status="enabled",
        url=params["url"],
    )
    await book.put(made)
    return made | {"secret": "whsec_" + secrets.token_hex(16)}


async def _hooks(book: Book, _: dict[str, str], params: Params) -> Params:
    return await book.page("webhook_endpoint", params, "/v1/webhook_endpoints")


async def _hook_of(book: Book, path: dict[str, str], _: Params) -> Params:
    return await book.get("webhook_endpoint", path["id"])


def endpoints(endpoint: Callable[..., Any]) -> tuple[Any, ...]:
    """Their part of the table of calls."""
    base = "/v2/core/event_destinations"
    return (
        endpoint("GET", base, v2.EventDestinationListParams, _page),
        endpoint("POST", base, v2.EventDestinationCreateParams, _create),
        endpoint("GET", base + "/{id}", v2.EventDestinationRetrieveParams, _one),
        endpoint("POST", base + "/{id}/ping", v2.EventDestinationPingParams, _ping),
        endpoint("POST", "/v1/webhook_endpoints", p.WebhookEndpointCreateParams, _hook),
        endpoint("GET", "/v1/webhook_endpoints", p.WebhookEndpointListParams, _hooks),
        endpoint("GET", "/v1/webhook_endpoints/{id}", p.WebhookEndpointRetrieveParams, _hook_of),
    )
