"""What was told while a test ran."""

from collections.abc import Iterator

import pytest

from loom_app.domains.scheduling import events
from loom_app.kit.events import on
from loom_app.kit.realtime import signals

_heard: list[object] = []


for _kind in (
    events.SlotHeld,
    events.HoldExpired,
    events.SessionBooked,
    events.SessionMoved,
    events.SessionCancelled,
    events.SessionCompleted,
    events.SlotLost,
):

    @on(_kind)
    async def _hear(tx, event):
        _heard.append(event)


@pytest.fixture
def told() -> list[object]:
    _heard.clear()
    return _heard


@pytest.fixture
def topics() -> Iterator[list[str]]:
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    yield heard
    stop()
