"""Queued work of accounts."""

from typing import Any

from loom_app.kit.audit import chain
from loom_app.kit.jobs.outbox import every
from loom_app.kit.security import counters


@every("audit.retain", minutes=24 * 60)
async def retain(_payload: dict[str, Any]) -> None:
    """The trail forgets what is older than the setting says, once a day."""
    await chain.retain()


@every("accounts.forget_counts", minutes=60)
async def forget_counts(_payload: dict[str, Any]) -> None:
    """Counts of doors whose time is over."""
    await counters.forget()
