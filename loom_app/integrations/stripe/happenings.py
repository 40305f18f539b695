"""Stripe's own memory of events: to fill gaps that lost webhooks leave. Kept for 30 days there."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, each, maybe, sdk
from loom_app.integrations.stripe.webhooks import Incoming


async def event(event_id: str, *, account_id: str | None = None) -> Incoming:
    """An event by its id, with what a webhook leaves out.

    `v2.core.account_link.returned` has no related object: here `object_id` is its account.
    """
    found = await ask(sdk().v2.core.events.retrieve_async(event_id, {}, _context(account_id)))
    return _incoming(found)


async def events_since(
    since: datetime,
    *,
    before: datetime | None = None,
    account_id: str | None = None,
    types: Sequence[str] = (),
) -> AsyncIterator[Incoming]:
    """What happened since then (and before `before`), newest first, under the ids of webhooks.

    Of Loom's own account (to which `v2.core.account…` belong, too), or of one connected account
    (its payouts and payments). `types` are thin names, as "v1.charge.succeeded".
    """
    created = {"gte": _stamp(since)} | ({"lt": _stamp(before)} if before else {})
    params: Any = {"created": created, "limit": 100}
    if types:
        params["types"] = list(types)
    async for found in each(sdk().v2.core.events.list_async(params, _context(account_id))):
        yield _incoming(found)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _context(account_id: str | None) -> Any:
    return {"stripe_context": account_id} if account_id else {}


def _incoming(found: Any) -> Incoming:
    about = maybe(found, "related_object")
    data = maybe(found, "data")
    account = maybe(data, "account_id")
    context = maybe(found, "context")
    return Incoming(
        id=found.id,
        type=found.type,
        object_type=maybe(about, "type") or ("v2.core.account" if account else ""),
        object_id=maybe(about, "id") or account or "",
        account=str(context) if context else None,
        payload=found.to_dict(),
    )
