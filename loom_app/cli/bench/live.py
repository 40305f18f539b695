"""What people feel of live chat, over real sockets on one server: a burst, typing, coming back, a
stalled listener in a group of fifty, and opening a long conversation.
"""

import argparse
import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine, text
from websockets.asyncio.client import ClientConnection, connect

from loom_app.cli import serve
from loom_app.cli.bench import database
from loom_app.cli.bench.chat import percentile, server_environment
from loom_app.cli.bench.process import Server
from loom_app.kit.settings import ROOT, settings

PEOPLE = 100
GROUP, GROUP_SIZE = 900_001, 50
SHORT, LONG, LONG_COUNT = 30, 31, 100_000  # conversations of the pairs (59, 60) and (61, 62)
PATIENCE = 30.0


class Person:
    """One open page: speaks Reflex's frames, and remembers when which frame came."""

    def __init__(self, port: int, number: int, names: dict[str, str]) -> None:
        self.port, self.number, self.names = port, number, names
        self.frames: list[tuple[float, str]] = []
        self.news = asyncio.Event()
        self.path = "/messages"
        self.socket: ClientConnection | None = None
        self.listener: asyncio.Task[None] | None = None

    async def open(self, conversation: int) -> float:
        """Connect, open the conversation; returns the seconds until it is shown."""
        self.path, began = f"/messages/{conversation}", time.perf_counter()
        url = f"ws://localhost:{self.port}/_event/?EIO=4&transport=websocket&token={uuid.uuid4()}"
        self.socket = await connect(
            url,
            origin=f"http://localhost:{self.port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": f"loom_session={database.session_token(self.number)}"},
            max_size=None,
            ping_interval=None,
            compression=None,
        )
        self.listener = asyncio.create_task(self._listen(self.socket))
        boot = {"name": self.names["boot"], "payload": {}, "router_data": self._place()}
        await self.socket.send("40/_event," + json.dumps({"event": boot}))
        shown = await self.until(lambda frame: '"ready"' in frame, began)
        await self.until(lambda frame: '"is_hydrated_rx_state_":true' in frame, began)
        return shown - began

    def _place(self) -> dict[str, Any]:
        return {"pathname": self.path, "asPath": self.path, "query": {}}

    async def say(self, name: str, payload: dict[str, Any]) -> None:
        event = {"name": self.names[name], "payload": payload, "router_data": self._place()}
        assert self.socket is not None  # noqa: S101 - open() came first
        await self.socket.send("42/_event," + json.dumps(["event", event]))

    async def write(self, conversation: int, body: str, after: str = "") -> str:
        cid = uuid.uuid4().hex
        message = {"cid": cid, "conversation_id": conversation, "body": body, "after": after}
        await self.say("send", {**message, "reply_to": 0, "files": []})
        return cid

    async def until(self, wanted: Callable[[str], bool], since: float) -> float:
        """When the first such frame after `since` came. Raises TimeoutError."""
        deadline = time.perf_counter() + PATIENCE
        while True:
            self.news.clear()
            for at, frame in self.frames:
                if at >= since and wanted(frame):
                    return at
            await asyncio.wait_for(self.news.wait(), deadline - time.perf_counter())

    async def _listen(self, socket: ClientConnection) -> None:
        with contextlib.suppress(Exception):  # the socket is closed by us
            async for raw in socket:
                if raw == "2":
                    await socket.send("3")
                    continue
                self.frames.append((time.perf_counter(), str(raw)))
                self.news.set()

    async def stall(self) -> None:
        """Stop reading, as a sleeping laptop does, and keep the connection."""
        if self.listener:
            self.listener.cancel()

    async def close(self) -> None:
        if self.listener:
            self.listener.cancel()
        if self.socket:
            await self.socket.close()


async def run(options: argparse.Namespace, url: str) -> dict[str, Any]:
    """One server for all of it; milliseconds."""
    _fill(url)
    environment = server_environment(options.port, url)
    log = settings().data_dir / "bench-live.log"
    server = Server(serve.command("127.0.0.1", options.port), environment, ROOT, log)
    try:
        await server.answers(f"http://localhost:{options.port}/ping")
        make = _people(options.port)
        return {
            "burst_of_100_ms": await _burst(make),
            "typing_ms": await _typing(make),
            "reconnect_ms": await _reconnect(make),
            "beside_a_stalled_one_ms": await _stalled(make),
            "opening_ms": await _opening(make),
        }
    finally:
        server.stop()


def _people(port: int) -> Callable[[int], Person]:
    from loom_app.ui.chat.state import ChatState  # noqa: PLC0415 - Reflex takes a second to import
    from loom_app.ui.chat.typing import TypingState  # noqa: PLC0415 - as above

    chat = ChatState.get_full_name()
    names = {
        "boot": f"{chat.split('.')[0]}.hydrate_and_load",
        "send": f"{chat}.send",
        "typing": f"{TypingState.get_full_name()}.typing",
    }
    return lambda number: Person(port, number, names)


async def _burst(make: Callable[[int], Person]) -> float:
    """From the first of 100 messages of one person to the last of them at the other, in order."""
    writer, reader = make(1), make(2)
    await writer.open(1)
    await reader.open(1)
    began, before = time.perf_counter(), ""
    for number in range(100):
        before = await writer.write(1, f"burst-{number:03}-", before)
    took = await reader.until(lambda frame: "burst-099-" in frame, began) - began
    shown: list[int] = []
    for _, frame in reader.frames:
        for number in range(100):
            if f"burst-{number:03}-" in frame and number not in shown:
                shown.append(number)
    await writer.close()
    await reader.close()
    if shown != sorted(shown) or len(shown) != 100:
        raise RuntimeError(f"the burst came out of order: {shown}")
    return round(took * 1000, 1)


async def _typing(make: Callable[[int], Person]) -> dict[str, float]:
    """From a key to the line at the other, for twenty pairs."""
    took = []
    for pair in range(5, 25):
        typer, other = make(pair * 2 - 1), make(pair * 2)
        await typer.open(pair)
        await other.open(pair)
        began = time.perf_counter()
        await typer.say("typing", {"conversation_id": pair})
        took.append((await other.until(lambda f: "is typing" in f, began) - began) * 1000)
        await typer.close()
        await other.close()
    return _both(took)


async def _reconnect(make: Callable[[int], Person]) -> dict[str, float]:
    """From a new connection of a page that was cut to its conversation shown again."""
    took = []
    for _ in range(20):
        person = make(3)
        took.append(await person.open(2) * 1000)
        await person.close()
    return _both(took)


async def _stalled(make: Callable[[int], Person]) -> dict[str, float]:
    """Fifty in a group, one of whom does not read: how soon the others have each message."""
    group = [make(number) for number in range(1, GROUP_SIZE + 1)]
    for person in group:
        await person.open(GROUP)
    writer, sleeper, *others = group
    await sleeper.stall()
    took: list[float] = []
    for number in range(60):
        began = time.perf_counter()
        await writer.write(GROUP, f"group-{number:03}- " + "words " * 300)
        mark = f"group-{number:03}-"
        arrived = [one.until(lambda f, mark=mark: mark in f, began) for one in others]
        took += [(at - began) * 1000 for at in await asyncio.gather(*arrived)]
    for person in group:
        await person.close()
    return _both(took)


async def _opening(make: Callable[[int], Person]) -> dict[str, float]:
    """A conversation of 100,000 messages beside one of ten, taken in turns."""
    took: dict[int, list[float]] = {SHORT: [], LONG: []}
    for _ in range(20):
        for conversation, times in took.items():
            person = make(conversation * 2)
            times.append(await person.open(conversation) * 1000)
            await person.close()
    short, long = (percentile(sorted(took[one]), 50) for one in (SHORT, LONG))
    return {"ten_p50": short, "hundred_thousand_p50": long, "ratio": round(long / short, 2)}


def _both(took: list[float]) -> dict[str, float]:
    return {"p50": percentile(sorted(took), 50), "p99": percentile(sorted(took), 99)}


_FILL = (
    "INSERT INTO conversations (id, kind, title, owner_id) VALUES (:g, 'group', 'Pod', 1)",
    """
    INSERT INTO conversation_members (conversation_id, user_id)
    SELECT :g, n FROM generate_series(1, :n) n
    """,
    "DELETE FROM messages WHERE conversation_id IN (:long, :short)",
    """
    INSERT INTO messages (conversation_id, number, change, sender_id, client_id, body, sent_at)
    SELECT c, i, i, c * 2, 'fill-' || c || '-' || i, 'Words of message ' || i,
        now() - interval '1 second' * (:count - i)
    FROM (VALUES (:long, :count), (:short, 10)) AS s (c, m), generate_series(1, m) i
    """,
    """
    UPDATE conversations SET message_count = m, change_count = m, last_message_at = now()
    FROM (VALUES (:long, :count), (:short, 10)) AS s (c, m) WHERE id = c
    """,
    """
    UPDATE conversation_members SET read_number = m, delivered_number = m
    FROM (VALUES (:long, :count), (:short, 10)) AS s (c, m) WHERE conversation_id = c
    """,
)


def _fill(url: str) -> None:
    owner = create_engine(url)
    with owner.begin() as connection:
        values = {"g": GROUP, "n": GROUP_SIZE, "long": LONG, "count": LONG_COUNT, "short": SHORT}
        for statement in _FILL:
            connection.execute(text(statement), values)
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE messages"))
    owner.dispose()
