"""This process among others: carries its signals to them and hears theirs.

With nobody else alive nothing is sent at all. Else everything published in one turn of the loop,
and while the last words are on their way, leaves as one: a busy process speaks once per round trip
and not once per message.

Words can be missed: a line breaks, a process dies between its commit and its word. So whoever was
deaf, and whoever learns of a death, reads again what its tabs watch (`signals.missed`).
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from datetime import datetime

import structlog

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.realtime import presence, processes, signals, transport
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.security import limits
from loom_app.kit.tasks import running

log = structlog.get_logger("bus")

REGISTRY = Actor.system_job("realtime.processes")
MOST_UNSAID = 20_000
WELCOME_SECONDS = 1.0
RETRY_SECONDS = 0.5

Seen = Callable[[Tx, Collection[int], datetime], Awaitable[None]]


class Bus:
    """`seen(tx, people, at)` records when people of a process that ended were last here."""

    def __init__(self, carrier: transport.Transport, seen: Seen) -> None:
        self.me = secrets.token_hex(8)
        self.peers: set[str] = set()
        self._carrier, self._seen = carrier, seen
        self._unsaid: dict[str, Signal] = {}
        self._speaking: asyncio.Task[None] | None = None
        self._awaited: set[str] = set()
        self._deaf_to: set[str] = set()
        self._welcomed = asyncio.Event()
        self._heard_before = False
        self._people: frozenset[int] | None = None
        self._asides: set[asyncio.Task[None]] = set()

    # speaking

    def forward(self, told: Iterable[Signal]) -> None:
        """What other processes must hear: never blocks, and is nothing while alone."""
        if not self.peers:
            return
        for signal in told:
            self._put(signal)
        if self._unsaid and self._speaking is None:
            self._speaking = asyncio.get_running_loop().create_task(self._speak())

    def _put(self, signal: Signal) -> None:
        """Uses add up, of a state the last counts, and of all else the highest number."""
        key, kind = signals.key(signal), signal.topic.partition(":")[0]
        known = self._unsaid.pop(key, signal)
        if kind == "limit" and known is not signal:
            signal = Signal(signal.topic, known.number + signal.number)
        elif kind != "presence" and known.number > signal.number:
            signal = known
        self._unsaid[key] = signal

    async def _speak(self) -> None:
        try:
            while self._unsaid:
                said, self._unsaid = self._unsaid, {}
                too_many = len(said) > MOST_UNSAID
                try:
                    if too_many:
                        await self._send("missed", ())
                    else:
                        await self._send("signals", said.values())
                except Exception as error:  # noqa: BLE001 - said again until the line is back
                    log.warning("bus.send_failed", error=str(error))
                    newer, self._unsaid = self._unsaid, said
                    for signal in newer.values():
                        self._put(signal)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._speaking = None

    async def _send(self, kind: str, told: Iterable[Signal]) -> None:
        await self._carrier.send(words(self.me, kind, told, self._carrier.largest))

    def _aside(self, kind: str, told: Iterable[Signal] = ()) -> None:
        """Something between processes; lost if the line is down, for then they meet again."""

        async def say() -> None:
            with contextlib.suppress(Exception):
                await self._send(kind, told)

        task = asyncio.get_running_loop().create_task(say())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    # hearing

    async def listen(self) -> None:
        """Until cancelled; a broken line is made again."""
        while True:
            try:
                await self._carrier.hear(self._take, self._connected)
            except Exception as error:  # noqa: BLE001 - the database or Redis may be away
                log.warning("bus.line_lost", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    def _connected(self) -> None:
        self._aside("hello", presence.mine())
        if self._heard_before:
            signals.missed()
        self._heard_before = True
        if not self._awaited:
            self._welcomed.set()

    def _take(self, word: str) -> None:
        try:
            process, kind, told = json.loads(word)
            if process != self.me:
                self._hear(process, kind, [Signal(topic, number) for topic, number in told])
        except Exception:
            log.exception("bus.word_failed")

    def _hear(self, process: str, kind: str, told: list[Signal]) -> None:
        if kind == "bye":
            self._lose({process})
            return
        known = process in self.peers
        self.peers.add(process)
        if kind == "hello" and known:
            signals.missed()  # it had lost this one, and told it nothing meanwhile
        if kind == "signals" and not known:
            self._aside("hello", presence.mine())  # it may not know that it was lost
        if kind == "signals":
            for signal in told:
                self._one(process, signal)
        elif kind == "missed":
            signals.missed()
        else:  # "hello", or "here" in answer to it
            presence.heard_all(process, told)
            if kind == "hello":
                self._aside("here", presence.mine())
            else:
                self._greeted(process)

    def _greeted(self, process: str) -> None:
        self._awaited.discard(process)
        if not self._awaited:
            self._welcomed.set()
        if process in self._deaf_to:
            self._deaf_to.discard(process)
            signals.missed()

    def _one(self, process: str, signal: Signal) -> None:
        kind = signal.topic.partition(":")[0]
        if kind == "presence":
            presence.heard(process, signal)
        elif kind == "limit":
            limits.heard(signal)
        else:
            signals.deliver([signal])

    # living and dying

    async def keep(self) -> None:
        """Renew this process's row, and find out who is gone."""
        while True:
            await asyncio.sleep(processes.BEAT_SECONDS)
            try:
                await self.beat()
            except Exception:  # the database may be away; the next beat tries again
                log.exception("bus.beat_failed")

    async def beat(self) -> None:
        """One round of `keep`."""
        here = frozenset(presence.everyone_here())
        people = None if here == self._people else sorted(here)
        gone = presence.take_departed()
        async with transaction(REGISTRY) as tx:
            returned = await processes.beat(tx, self.me, people) and self._people is not None
            if returned:  # the row that went had its people
                await processes.beat(tx, self.me, sorted(here))
            alive = await processes.alive(tx, self.me)
            for dead in await processes.reap(tx):
                # its row is as old as its last beat; whoever came after that, it told us
                people = presence.people_of(dead.id).union(dead.people)
                await self._seen(tx, people, dead.seen_at)
            if gone:
                await self._seen(tx, gone, clock.now())
        self._people = here
        self._lose(self.peers - alive)
        if strangers := alive - self.peers:
            self.peers |= strangers
            self._awaited |= strangers if not self._heard_before else set()
        if self._heard_before and (strangers or returned):
            self._aside("hello", presence.mine())
        if returned:  # others told it nothing while they took it for dead, until they answer
            self._deaf_to = set(self.peers)

    def _lose(self, gone: set[str]) -> None:
        for process in gone:
            self.peers.discard(process)
            self._awaited.discard(process)
            self._deaf_to.discard(process)
            presence.lost(process)
        if gone:
            log.info("bus.processes_gone", count=len(gone), left=len(self.peers))
            signals.missed()  # one that died between commit and word said nothing

    async def welcome(self) -> None:
        """Wait until all others know of this one, so that its first tab misses nothing."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._welcomed.wait(), WELCOME_SECONDS)

    async def leave(self) -> None:
        with contextlib.suppress(Exception):
            async with transaction(REGISTRY) as tx:
                here = [*presence.everyone_here(), *presence.take_departed()]
                await self._seen(tx, here, clock.now())
                await processes.leave(tx, self.me)
            await self._send("bye", ())
        await self._carrier.close()


def words(me: str, kind: str, told: Iterable[Signal], largest: int) -> list[str]:
    """Signals as texts of at most so many bytes; after the first they are of kind "signals"."""
    made: list[str] = []
    part: list[tuple[str, int]] = []
    size = 0
    for signal in told:
        more = len(signal.topic.encode()) + 40
        if part and size + more > largest - 100:
            made.append(json.dumps([me, kind if not made else "signals", part]))
            part, size = [], 0
        part.append((signal.topic, signal.number))
        size += more
    if part or not made:
        made.append(json.dumps([me, kind if not made else "signals", part]))
    return made


@contextlib.asynccontextmanager
async def joined(seen: Seen) -> AsyncGenerator[Bus]:
    """This process is one of those that serve, for as long as the block lasts."""
    bus = Bus(transport.chosen(), seen)
    await bus.beat()
    stop = signals.carry(bus.forward)
    try:
        async with running(bus.listen(), bus.keep()):
            await bus.welcome()
            yield bus
    finally:
        stop()
        await bus.leave()
