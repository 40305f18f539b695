"""The official SDK's client of this event loop, and what every wrapper of its calls shares."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
import stripe

from loom_app.integrations.stripe.errors import PaymentUnavailable, in_words
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.secrets import api_key
from loom_app.kit import outside
from loom_app.kit.settings import settings

stripe.enable_telemetry = False  # it would write an id file into the home directory

TIMEOUT_SECONDS = 20.0
RETRIES = 2

T = TypeVar("T")
_transport: httpx.AsyncBaseTransport | None = None
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, stripe.StripeClient] = WeakKeyDictionary()


def connect_through(transport: httpx.AsyncBaseTransport | None) -> None:
    """Use this transport from now on: tests hand in the sandbox as an ASGI app."""
    global _transport  # noqa: PLW0603
    _transport = transport
    _clients.clear()


def sdk() -> stripe.StripeClient:
    """The SDK's client of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        http = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS, verify_ssl_certs=_transport is None)
        if _transport is not None:
            http._client_async = httpx.AsyncClient(transport=_transport)  # noqa: SLF001 - no public way
        elsewhere: Any = {"base_addresses": {"api": page_url("").rstrip("/")}}
        _clients[loop] = stripe.StripeClient(
            api_key(),
            http_client=http,
            max_network_retries=RETRIES,
            **(elsewhere if settings().stripe_sandbox else {}),
        )
    return _clients[loop]


async def close() -> None:
    """At shutdown: end this loop's connections."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        http: Any = client._requestor._client  # noqa: SLF001 - the SDK keeps it to itself
        await http.close_async()


async def ask(call: Awaitable[T]) -> T:
    """The answer, or the domain's error for what the SDK raised."""
    try:
        found = await call
    except stripe.StripeError as error:
        said = in_words(error)
        if isinstance(said, PaymentUnavailable):
            outside.failed("stripe", error)
        raise said from error
    outside.worked("stripe")
    return found


async def each(call: Awaitable[Any]) -> AsyncIterator[Any]:
    """Every object of a list, page after page."""
    try:
        async for item in (await call).auto_paging_iter():
            yield item
    except stripe.StripeError as error:
        raise in_words(error) from error


def options(*, key: str | None = None, account: str | None = None) -> Any:
    """The idempotency key of a write, and the connected account that a call is made for."""
    return {
        **({"idempotency_key": key} if key else {}),
        **({"stripe_account": account} if account else {}),
    }


def maybe(thing: Any, *path: str) -> Any:
    """An optional field: Stripe leaves some out and sends others as null."""
    for name in path:
        thing = getattr(thing, name, None) if thing is not None else None
    return thing


def ref(thing: Any, name: str) -> str | None:
    """Loom's own id, which stands in the object's metadata."""
    return maybe(thing, "metadata", name)


def id_of(thing: Any) -> str | None:
    """An id, whether Stripe sent it alone or expanded."""
    return thing if thing is None or isinstance(thing, str) else thing.id
