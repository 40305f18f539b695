"""Queued work of coaches."""

import asyncio
from typing import Any

from loom_app.kit.files import store
from loom_app.kit.jobs.outbox import job


@job("coaches.unlink_documents")
async def unlink_documents(payload: dict[str, Any]) -> None:
    """Take documents off the disk; their rows name them no more."""
    for key in payload["keys"]:
        await asyncio.to_thread(store.remove, key)
