"""Queued work of accounts."""

from typing import Any

from loom_app.domains.accounts import actions
from loom_app.kit.actor import Actor
from loom_app.kit.audit import chain
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs.outbox import every, job
from loom_app.kit.security import counters


@job("accounts.reset")
async def send_reset(payload: dict[str, Any]) -> None:
    """Run twice, it sends at most one mail more, within the limits of an address."""
    async with transaction(Actor.system_job("accounts.password")) as tx:
        await actions.send_reset(tx, payload["email"])


@job("accounts.factor_due")
async def tell_factor_due(payload: dict[str, Any]) -> None:
    """Run twice, it says the same once: the mail has a key."""
    async with transaction(Actor.system_job("accounts.help")) as tx:
        await actions.tell_factor_due(tx, payload["link_id"])


@every("audit.retain", minutes=24 * 60)
async def retain(_payload: dict[str, Any]) -> None:
    """The trail forgets what is older than the setting says, once a day."""
    await chain.retain()


@every("accounts.forget_counts", minutes=60)
async def forget_counts(_payload: dict[str, Any]) -> None:
    """Counts of doors whose time is over."""
    await counters.forget()
