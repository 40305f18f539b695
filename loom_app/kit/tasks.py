"""Background tasks: beside a block, or on their own."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any


@contextlib.asynccontextmanager
async def running(*coroutines: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run them beside the block; cancel them at its end and wait until they have stopped."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


_alone: set[asyncio.Task[None]] = set()


def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start it and keep it until it is done; it handles its own failures."""
    task = asyncio.get_running_loop().create_task(work)
    _alone.add(task)
    task.add_done_callback(_alone.discard)
    return task


class OneAtATime:
    """Work that goes on until nothing waits; it never runs beside itself, so what it says first is
    older than what it says next."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless it runs."""
        task = self._task
        # what a closed loop left unfinished (a test that ended) runs no more
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            self._task = spawn(self._work())
