"""Queued work of accounts."""

from typing import Any

from loom_app.domains.accounts import actions
from loom_app.kit import retention
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


@job("accounts.end_suspension")
async def end_suspension(payload: dict[str, Any]) -> None:
    """Run twice, it ends it once; before its time it waits for it."""
    async with transaction(Actor.system_job("accounts.suspend")) as tx:
        await actions.end_suspension(tx, int(payload["id"]))


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


_SYSTEM = "accounts.retention"
retention.rule(
    "auth_sessions",
    days=365,
    since="least(expires_at, idle_until, revoked_at)",
    system=_SYSTEM,
    why="a year of devices tells a new one",
)
retention.rule(
    "email_links", days=90, since="expires_at", system=_SYSTEM, why="mailed links that are over"
)
retention.rule(
    "second_steps", days=1, since="expires_at", system=_SYSTEM, why="sign-ins that stopped half way"
)
retention.rule(
    "oauth_visits", days=1, since="expires_at", system=_SYSTEM, why="visits to a provider"
)
retention.rule(
    "sign_in_throttles",
    days=30,
    since="greatest(last_at, blocked_until)",
    system=_SYSTEM,
    why="failures that slow nobody any more",
)
