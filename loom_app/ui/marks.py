"""How far people got, gathered for a moment and written together.

A busy moment is one statement for everybody; reading says delivered, too.
"""

import asyncio
from collections.abc import Callable

import structlog

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging.queries import Changes
from loom_app.kit.realtime import signals
from loom_app.kit.tasks import OneAtATime

log = structlog.get_logger("chat")

GATHER_SECONDS = 0.1

# told of what was written before it is signalled: the threads of this process need not read it
writers: list[Callable[[int, Changes], None]] = []
_waiting: dict[tuple[int, int], tuple[int, int]] = {}


def soon(person_id: int, conversation_id: int, *, delivered: int = 0, read: int = 0) -> None:
    """The person has received, or read, up to a number."""
    before = _waiting.get((person_id, conversation_id), (0, 0))
    _waiting[person_id, conversation_id] = (max(before[0], delivered), max(before[1], read))
    _writing.start()


async def _write() -> None:
    while _waiting:
        await asyncio.sleep(GATHER_SECONDS)
        marks = [messaging.Mark(*who, *numbers) for who, numbers in _waiting.items()]
        _waiting.clear()
        try:
            changed = await messaging.mark(marks)
            for conversation_id, changes in changed.items():
                for writer in writers:
                    writer(conversation_id, changes)
            signals.publish(messaging.signals_of_marks(changed))
        except Exception:  # the next message or look marks again
            log.exception("chat.mark_failed")


_writing = OneAtATime(_write)
