"""Queued work of accounts."""

from typing import Any

from loom_app.kit.audit import chain
from loom_app.kit.jobs.outbox import every


@every("audit.retain", minutes=24 * 60)
async def retain(_payload: dict[str, Any]) -> None:
    """The trail forgets what is older than the setting says, once a day."""
    await chain.retain()
