"""Choosing, as staff does it on the page."""

from typing import Any

from loom_app.domains.platform import actions, current, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction


async def choose(me: Actor, area: str, reason: str = "because", **values: Any) -> int:
    """These on top of what holds, and this process knows it."""
    async with transaction(me) as tx:
        found = await queries.area(tx, me, area)
        choice = actions.Choice(area, {**found.values, **values}, found.number, reason)
        number = await actions.choose(tx, me, choice)
    await current.refresh()
    return number
