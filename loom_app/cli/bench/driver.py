"""The people: a process that opens their sockets, writes and listens, and counts what arrives.

Speaks Reflex's engine.io and socket.io frames itself; for the floors plain text. Orders come as one
JSON line on stdin; it answers `ready`, waits for `go`, and prints its figures as JSON.
"""

import asyncio
import json
import random
import re
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

MARK = re.compile(r"loadmsg-(\d+)-")
PATIENCE = 15.0
AT_ONCE = 40


@dataclass(slots=True)
class Sent:
    at: float
    to: int
    arrived: float = 0.0
    acknowledged: float = 0.0


@dataclass(slots=True)
class Load:
    """One run: everybody's sockets and every message under way."""

    orders: dict[str, Any]
    sockets: dict[int, ClientConnection] = field(default_factory=dict)
    ready: dict[int, asyncio.Event] = field(default_factory=dict)
    sent: dict[int, Sent] = field(default_factory=dict)
    listeners: list[asyncio.Task[None]] = field(default_factory=list)
    refused: int = 0

    @property
    def loom(self) -> bool:
        return self.orders["kind"] == "loom"

    async def arrive(self, person: int) -> None:
        cookie = self.orders["cookies"].get(str(person), "")
        headers = {"Cookie": cookie} if cookie else {}
        url = self.orders["url"].format(person=person, token=uuid.uuid4())
        socket = await connect(
            url,
            origin=self.orders["origin"],
            additional_headers=headers,
            max_size=None,
            ping_interval=None,
            compression=None,
            open_timeout=60,
        )
        self.sockets[person] = socket
        self.ready[person] = asyncio.Event()
        self.listeners.append(asyncio.create_task(self.listen(person, socket)))
        if self.loom:
            await socket.send("40/_event," + json.dumps({"event": self.boot(person)}))
            await asyncio.wait_for(self.ready[person].wait(), 60)
            # everybody looks at their thread, so that everything is read as it comes
            await socket.send(self.event(person, "look", {"looking": True}))

    def event(self, person: int, name: str, payload: dict[str, Any]) -> str:
        event = {
            "name": self.orders[name],
            "payload": payload,
            "router_data": self.place(person),
        }
        return "42/_event," + json.dumps(["event", event])

    def boot(self, person: int) -> dict[str, Any]:
        return {"name": self.orders["boot"], "payload": {}, "router_data": self.place(person)}

    def place(self, person: int) -> dict[str, Any]:
        path = f"/messages/{self.conversation(person)}"
        return {"pathname": path, "asPath": path, "query": {}}

    def conversation(self, person: int) -> int:
        return (person + 1) // 2

    async def listen(self, person: int, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = str(raw)
            if frame == "2":  # engine.io asks whether we live
                await socket.send("3")
                continue
            now = time.perf_counter()
            if self.loom and not self.ready[person].is_set() and '"ready"' in frame:
                self.ready[person].set()
            for number in MARK.findall(frame):
                self.seen(person, int(number), now)

    def seen(self, person: int, number: int, now: float) -> None:
        found = self.sent.get(number)
        if found is None:
            return
        if person == found.to:
            found.arrived = found.arrived or now
        elif not found.acknowledged:
            found.acknowledged = now

    async def write(self, number: int, person: int) -> None:
        other = person - 1 if person % 2 == 0 else person + 1
        to = person if self.orders["kind"] == "echo" else other
        body = f"loadmsg-{number}- how did the week go, and what would you like to look at next?"
        frame = body
        if self.loom:
            payload = {
                "cid": str(uuid.uuid4()),
                "conversation_id": self.conversation(person),
                "body": body,
                "reply_to": 0,
                "files": [],
                "after": "",
            }
            frame = self.event(person, "send", payload)
        self.sent[number] = Sent(time.perf_counter(), to)
        await self.sockets[person].send(frame)

    async def run(self) -> dict[str, Any]:
        """Open loop: a slow server does not slow the people down."""
        seconds, rate = self.orders["seconds"], self.orders["rate"]
        total = max(1, int(seconds * rate))
        chance = random.Random(1)  # noqa: S311 - the same load each time
        start = time.perf_counter()
        people = list(self.sockets)
        writing: set[asyncio.Task[None]] = set()
        for number in range(total):
            due = start + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self.write(number, chance.choice(people)))
            writing.add(task)
            task.add_done_callback(writing.discard)
        await asyncio.gather(*writing)
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end and any(not s.arrived for s in self.sent.values()):  # noqa: ASYNC110 - thousands of messages, one look
            await asyncio.sleep(0.05)
        return self.figures()

    def figures(self) -> dict[str, Any]:
        there = [s for s in self.sent.values() if s.arrived]
        return {
            "sent": len(self.sent),
            "latency_ms": sorted((s.arrived - s.at) * 1000 for s in there),
            "ack_ms": sorted(
                (s.acknowledged - s.at) * 1000 for s in self.sent.values() if s.acknowledged
            ),
        }


async def main() -> None:
    load = Load(json.loads(await asyncio.to_thread(sys.stdin.readline)))
    gate = asyncio.Semaphore(AT_ONCE)

    async def come(person: int) -> None:
        async with gate:
            await load.arrive(person)

    await asyncio.gather(*(come(person) for person in load.orders["people"]))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(await load.run()), flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # the server is read before the sockets close


if __name__ == "__main__":
    asyncio.run(main())
