"""Who sends an HTTP request."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from loom_app.domains.accounts import queries as accounts
from loom_app.http import cookies
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

_JOB = Actor.system_job("accounts.session")


async def actor_of(request: Request) -> Actor:
    """The signed-in person, or a visitor."""
    session, visitor = cookies.read(request.headers.get("cookie", ""))
    person = await person_behind(session)
    return replace(
        person or Actor(),
        visitor=cookies.visitor_digest(visitor),
        network=address_of(request.headers, request.client),
        agent=request.headers.get("user-agent", ""),
    )


async def person_behind(session_token: str) -> Actor | None:
    """None for no cookie, a forged one, and a session that is over."""
    if not 20 <= len(session_token) <= 100:
        return None
    async with transaction(_JOB) as tx:
        return await accounts.signed_in(tx, session_token)


def address_of(headers: Headers, client: Sequence[Any] | None) -> str:
    """The caller's address: X-Forwarded-For counts only behind known proxies, and of it only what
    they wrote themselves. `client`: host and port of who is connected."""
    if hops := settings().trusted_proxy_hops:
        told = ",".join(headers.getlist("x-forwarded-for"))
        parts = [part.strip() for part in told.split(",")]
        if len(parts) >= hops and parts[-hops]:
            return parts[-hops]
    return client[0] if client else "0.0.0.0"  # noqa: S104 - an address to count by, not to bind
