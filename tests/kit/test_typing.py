"""Typing is said, shown for three seconds after the last word of it, and forgotten."""

import asyncio

import pytest

from loom_app.kit.realtime import signals, typing
from loom_app.kit.realtime.signals import Signal


class Clock:
    """The loop's timers, run by hand."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.timers = 1000.0, []
        monkeypatch.setattr(loop, "time", lambda: self.now)
        monkeypatch.setattr(loop, "call_at", self.call_at)
        monkeypatch.setattr(loop, "call_later", lambda s, *call: self.call_at(self.now + s, *call))

    def call_at(self, when, call, *args):
        self.timers.append((when, call, args))

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self.timers if timer[0] <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for _, call, args in due:
            call(*args)


@pytest.fixture
async def clock(monkeypatch):
    return Clock(asyncio.get_running_loop(), monkeypatch)


async def test_who_types_is_shown_once_and_gone_three_seconds_after_the_last_word(clock):
    changes: list[int] = []
    typers = typing.Typers(changes.append)
    for _ in range(3):
        typers.heard(Signal("typing:5", 7))
        typers.heard(Signal("typing:5", 7))
        clock.pass_seconds(2)
        assert typers.of(5) == [7]
    clock.pass_seconds(0.9)
    assert typers.of(5) == [7]
    clock.pass_seconds(0.2)
    assert typers.of(5) == []
    assert changes == [5, 5]  # began, ended


async def test_several_are_shown_in_the_order_they_began_and_a_message_ends_it(clock):
    typers = typing.Typers(lambda _: None)
    for person in (9, 7):
        typers.heard(Signal("typing:5", person))
    assert typers.of(5) == [9, 7]
    typers.heard(Signal("typing:5", -9))
    assert typers.of(5) == [7]
    typers.heard(Signal("typing:5", 0))  # signals may have been missed: nothing to read again
    assert typers.of(5) == [7]


async def test_stopping_is_said_only_by_who_was_typing(clock):
    heard: list[int] = []
    stop = signals.listen(lambda signal: heard.append(signal.number))
    typing.stop(5, 7)
    typing.say(5, 7)
    typing.stop(5, 7)
    typing.stop(5, 7)
    typing.say(5, 7)
    clock.pass_seconds(4)
    typing.stop(5, 7)
    stop()
    assert heard == [7, -7, 7]


async def test_what_was_said_long_ago_is_forgotten_when_many_type(clock, monkeypatch):
    monkeypatch.setattr(typing, "_said", {})
    for person in range(10_001):
        typing.say(5, person)
    clock.pass_seconds(1)
    typing.say(6, 1)
    assert len(typing._said) == 10_002  # all of them may still be typing
    clock.pass_seconds(2.5)
    typing.say(7, 1)
    assert set(typing._said) == {(6, 1), (7, 1)}


async def test_who_stopped_and_began_again_is_shown_for_as_long_as_anybody(clock):
    changes: list[int] = []
    typers = typing.Typers(changes.append)
    for person in (7, -7, -7):
        typers.heard(Signal("typing:5", person))
    clock.pass_seconds(4)  # the first one's time is up, and nobody is there
    assert (typers.of(5), changes) == ([], [5, 5])
    for person in (7, 9):
        typers.heard(Signal("typing:5", person))
    typers.heard(Signal("typing:5", -7))
    assert typers.of(5) == [9]
