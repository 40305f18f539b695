"""The end of a process in steps, so that nobody who uses it notices.

SIGTERM says that it leaves. From then on it is not ready (`now`), takes no more queued work, and
goes on serving for as long as proxies need to send people elsewhere. Then its websockets are closed
(`on_closing`), whose pages come back to another process, and at last the server is told to stop: it
finishes what it was asked and ends.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import structlog

from loom_app.kit.tasks import spawn

log = structlog.get_logger("leaving")

_leavers: list[Callable[[], None]] = []
_closers: list[Callable[[], Awaitable[None]]] = []
_told = False
_closing = False


def now() -> bool:
    """Whether this process was told to leave: it serves, but nobody new should come."""
    return _told


def closing() -> bool:
    """Whether its websockets are being closed: who opens one now would lose it at once."""
    return _closing


def on_leaving(leaver: Callable[[], None]) -> None:
    """Call it as soon as the process is told: to begin nothing that another can do."""
    _leavers.append(leaver)


def on_closing(closer: Callable[[], Awaitable[None]]) -> None:
    """Call it last, when nobody new comes any more."""
    _closers.append(closer)


def heed(seconds: float) -> None:
    """Leave in order at SIGTERM, serving for `seconds` more. In the process's main thread."""
    # the server listens to SIGINT as well, and by that it is told once all is ready for its end
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _begin, seconds)


def _begin(seconds: float) -> None:
    if not _told:
        spawn(leave(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)))


async def leave(seconds: float, end: Callable[[], None]) -> None:
    """All steps in turn; `end` is the last."""
    global _told, _closing  # noqa: PLW0603 - a process ends once
    _told = True
    log.info("process.leaving", seconds=seconds)
    for leaver in _leavers:
        leaver()
    await asyncio.sleep(seconds)
    _closing = True
    found = await asyncio.gather(*(closer() for closer in _closers), return_exceptions=True)
    for failed in found:
        if isinstance(failed, BaseException):
            log.error("process.closing_failed", error=str(failed))
    end()


def reset() -> None:
    """For tests: a process that stays."""
    global _told, _closing  # noqa: PLW0603 - as above
    _told = _closing = False
    _leavers.clear()
    _closers.clear()
