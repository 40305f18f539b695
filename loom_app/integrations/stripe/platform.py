"""Loom's own account at Stripe and where it sends events: read to check the configuration."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from loom_app.integrations.stripe.connection import maybe, sdk

# what Loom acts on, by where it comes from; `receive.py` in payments knows the objects behind them
OWN_EVENTS = (
    "v1.checkout.session.completed",
    "v1.checkout.session.async_payment_succeeded",
    "v1.checkout.session.async_payment_failed",
    "v1.checkout.session.expired",
    "v1.payment_intent.processing",
    "v1.payment_intent.succeeded",
    "v1.payment_intent.payment_failed",
    "v1.payment_intent.canceled",
    "v1.charge.succeeded",
    "v1.charge.updated",
    "v1.charge.dispute.created",
    "v1.charge.dispute.updated",
    "v1.charge.dispute.funds_withdrawn",
    "v1.charge.dispute.funds_reinstated",
    "v1.charge.dispute.closed",
    "v1.refund.created",
    "v1.refund.updated",
    "v1.refund.failed",
    "v1.payment_method.attached",
    "v1.payment_method.detached",
    "v1.payment_method.updated",
    "v1.payment_method.automatically_updated",
    "v1.setup_intent.succeeded",
    "v1.customer.updated",
    "v1.customer.deleted",
    "v1.transfer.created",
    "v1.transfer.updated",
    "v1.transfer.reversed",
)
CONNECTED_EVENTS = (
    "v1.payout.created",
    "v1.payout.updated",
    "v1.payout.paid",
    "v1.payout.failed",
    "v1.payout.canceled",
)
# about coaches' accounts, thin only; either destination may bring them
ACCOUNT_EVENTS = (
    "v2.core.account[requirements].updated",
    "v2.core.account[configuration.recipient].updated",
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account.updated",
    "v2.core.account.closed",
)


@dataclass(frozen=True, slots=True)
class Platform:
    """Loom's own account. `version` is the API's that answered; `at` is Stripe's clock, to the
    second. Country and currency are upper case."""

    id: str
    country: str
    currency: str
    charges: bool
    payouts: bool
    version: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events go: thin names, "*" for all. `connected`: of coaches' accounts; None where
    Stripe does not tell."""

    id: str
    url: str
    enabled: bool
    thin: bool
    events: frozenset[str]
    connected: bool | None

    def brings(self, name: str) -> bool:
        """A snapshot has no names of API v2."""
        if not self.thin and not name.startswith("v1."):
            return False
        return "*" in self.events or name in self.events


async def platform() -> Platform:
    """Raises what the SDK raises: the caller tells the reasons apart."""
    found = await sdk().v1.accounts.retrieve_current_async()
    headers: Any = getattr(found.last_response, "headers", None) or {}
    date = headers.get("date")
    return Platform(
        id=found.id,
        country=(maybe(found, "country") or "").upper(),
        currency=(maybe(found, "default_currency") or "").upper(),
        charges=bool(maybe(found, "charges_enabled")),
        payouts=bool(maybe(found, "payouts_enabled")),
        version=headers.get("stripe-version", ""),
        at=parsedate_to_datetime(date) if date else None,
    )


async def balance_currencies() -> frozenset[str]:
    """The currencies, upper case, in which Loom's own balance stands. Raises what the SDK
    raises."""
    found = await sdk().v1.balance.retrieve_async()
    return frozenset(part.currency.upper() for part in (*found.available, *found.pending))


async def any_account() -> bool:
    """Whether a coach's account exists. Raises what the SDK raises where Accounts v2 is closed."""
    found = await sdk().v2.core.accounts.list_async({"limit": 1})
    return bool(found.data)


async def event_destinations() -> list[Destination]:
    """All of them, of either kind. Raises what the SDK raises."""
    core, v1 = sdk().v2.core, sdk().v1
    wanted: Any = {"limit": 100, "include": ["webhook_endpoint.url"]}
    page = await core.event_destinations.list_async(wanted)
    found = [_destination(one) async for one in page.auto_paging_iter()]
    known = {one.id for one in found}
    hooks = await v1.webhook_endpoints.list_async({"limit": 100})
    return [*found, *[_hook(one) async for one in hooks.auto_paging_iter() if one.id not in known]]


def _destination(one: Any) -> Destination:
    thin = one.event_payload == "thin"
    sources = {source.lstrip("@") for source in maybe(one, "events_from") or ["self"]}
    return Destination(
        id=one.id,
        url=maybe(one, "webhook_endpoint", "url") or "",
        enabled=one.status == "enabled",
        thin=thin,
        events=_names(one.enabled_events, thin=thin),
        connected="self" not in sources,
    )


def _hook(one: Any) -> Destination:
    return Destination(
        id=one.id,
        url=one.url,
        enabled=one.status == "enabled",
        thin=False,
        events=_names(one.enabled_events, thin=False),
        connected=None,
    )


def _names(events: list[str], *, thin: bool) -> frozenset[str]:
    return frozenset(one if thin or one == "*" else f"v1.{one}" for one in events)
