"""What tests set in motion beside themselves."""

import asyncio

from loom_app.kit import tasks


def under_way() -> set[asyncio.Task[None]]:
    """Work that still runs. What a timer began while an earlier test's loop was being closed never
    ends, and is nobody's."""
    here = asyncio.get_running_loop()
    return {task for task in set(tasks._alone) if task.get_loop() is here}


async def settled() -> None:
    """All that was set in motion has ended."""
    while left := under_way():
        await asyncio.wait(left, timeout=10)
