"""Queued work of privacy."""

from typing import Any

from loom_app.domains.privacy import actions
from loom_app.kit.jobs.outbox import every, job


@job("privacy.export")
async def export(payload: dict[str, Any]) -> None:
    """Make the file that somebody asked for."""
    await actions.make(int(payload["id"]))


@every("privacy.clear_exports", minutes=30)
async def clear_exports(_payload: dict[str, Any]) -> None:
    """Files whose day is over."""
    await actions.clear_old()


@every("privacy.erase", minutes=60)
async def erase(_payload: dict[str, Any]) -> None:
    """Accounts whose day has come."""
    await actions.erase_due()
