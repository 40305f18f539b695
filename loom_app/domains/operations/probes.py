"""Harmless calls to services outside: each reads or greets, returns who answered, or raises what
went wrong. Nothing here is sent to anybody."""

# pyright: reportUnknownMemberType=false
# redis-py's async methods are typed in part only
import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis
from sentry_sdk.envelope import Envelope
from sentry_sdk.utils import Dsn

from loom_app.integrations.mail import client as mail_client
from loom_app.integrations.oauth import client as oauth
from loom_app.integrations.oauth import providers
from loom_app.integrations.stripe import client as stripe_client
from loom_app.kit import clock, outside
from loom_app.kit.files import scan
from loom_app.kit.security import breached as list_of_breached
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SECONDS = 10.0


async def stripe() -> str:
    """The platform's balance: what any key may read."""
    found = await stripe_client.balance()
    kinds = ", ".join(sorted(found.available)) or t("nothing yet")
    return t("Stripe answers; balances in {currencies}.", currencies=kinds)


async def mail() -> str:
    """Connect, sign in, say nothing more."""
    return t("{server} takes our sign-in. No mail was sent.", server=await mail_client.greet())


async def video() -> str:
    """The script that a page embeds a room with."""
    address = settings().video_url
    async with httpx.AsyncClient(
        verify=outside.trust(), timeout=SECONDS, follow_redirects=True
    ) as browser:
        (await browser.get(f"{address}/external_api.js")).raise_for_status()
    return t("{server} answers.", server=urlsplit(address).netloc)


async def scanner() -> str:
    return await scan.ping()


async def breached() -> str:
    """A password that every such list has, by its hash."""
    if not await asyncio.to_thread(list_of_breached.is_breached, "password"):
        raise ValueError(t("The file does not list the most common password: it is not the list."))
    size = settings().breached_passwords
    name = size.name if size else ""
    return t("{file} is there and can be searched.", file=name)


async def redis() -> str:
    server: Redis = Redis.from_url(settings().redis_url, socket_connect_timeout=SECONDS)
    try:
        found = await server.info("server")
    finally:
        await server.aclose()
    return t("Redis {version} answers.", version=str(found.get("redis_version", "")))


async def sentry() -> str:
    """One message, by hand: the library sends in the background and tells nobody how it went."""
    where = Dsn(settings().sentry_dsn)
    auth = where.to_auth("loom")
    envelope = Envelope(headers={"sent_at": clock.now().isoformat()})
    now = clock.now()
    digest = hashlib.sha256(now.isoformat().encode()).hexdigest()[:32]
    event = {
        "event_id": digest,
        "timestamp": now.isoformat(),
        "level": "info",
        "platform": "python",
        "message": "Loom: a test from the page of services",
    }
    envelope.headers["event_id"] = digest
    envelope.add_event(event)  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(verify=outside.trust(), timeout=SECONDS) as browser:
        answer = await browser.post(
            auth.get_api_url(),
            content=envelope.serialize(),
            headers={
                "x-sentry-auth": auth.to_header(),
                "content-type": "application/x-sentry-envelope",
            },
        )
    answer.raise_for_status()
    return t("{server} took a message.", server=where.host)


async def otlp() -> str:
    """A request with no spans in it, which is one that a collector takes."""
    address = settings().otlp_url
    async with httpx.AsyncClient(verify=outside.trust(), timeout=SECONDS) as browser:
        answer = await browser.post(
            f"{address}/v1/traces",
            content=b"",
            headers={"content-type": "application/x-protobuf"},
        )
    answer.raise_for_status()
    return t("{server} takes traces.", server=urlsplit(address).netloc)


def way_in(key: str) -> Callable[[], Awaitable[str]]:
    """For a provider: what it says of itself."""

    async def probe() -> str:
        provider = providers.find(key)
        if provider is None:
            raise LookupError(key)
        return t("{issuer} answers.", issuer=await oauth.reach(provider))

    return probe
