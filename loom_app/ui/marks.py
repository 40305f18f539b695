"""How far people got, gathered for a moment and written together.

A busy moment is one statement for everybody; reading says delivered, too.
"""

import asyncio

import structlog

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.realtime import signals
from loom_app.kit.tasks import spawn

log = structlog.get_logger("chat")

GATHER_SECONDS = 0.2

_waiting: dict[tuple[int, int], tuple[int, int]] = {}


def soon(person_id: int, conversation_id: int, *, delivered: int = 0, read: int = 0) -> None:
    """The person has received, or read, up to a number."""
    if not _waiting:
        spawn(_write())
    before = _waiting.get((person_id, conversation_id), (0, 0))
    _waiting[person_id, conversation_id] = (max(before[0], delivered), max(before[1], read))


async def _write() -> None:
    await asyncio.sleep(GATHER_SECONDS)
    marks = [messaging.Mark(*who, *numbers) for who, numbers in _waiting.items()]
    _waiting.clear()
    try:
        signals.publish(await messaging.mark(marks))
    except Exception:  # the next message or look marks again
        log.exception("chat.mark_failed")
