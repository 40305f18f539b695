"""How words travel between processes: PostgreSQL's NOTIFY, or Redis where one is configured.

Both are told outside of any writing transaction, both forget what nobody hears; whoever was deaf
for a while catches up by reading (`Bus`).
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# redis-py's async methods are typed in part only
import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import psycopg
from redis.asyncio import Redis

from loom_app.kit import outside
from loom_app.kit.db.engine import APP_ROLE, database_url
from loom_app.kit.security.tokens import seal
from loom_app.kit.settings import settings

CHANNEL = "loom"
PROBE_SECONDS = 20.0


class Transport(Protocol):
    """`hear` runs until it fails and raises; `send` raises when the words did not leave."""

    largest: int

    async def hear(self, take: Callable[[str], None], connected: Callable[[], None]) -> None: ...
    async def send(self, words: Sequence[str]) -> None: ...
    async def close(self) -> None: ...


class PostgresTransport:
    """LISTEN on one connection of its own, NOTIFY on another: neither is taken from the pool."""

    largest = 7900  # a payload of NOTIFY must be shorter than 8000 bytes

    def __init__(self) -> None:
        self._speaking: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            database_url().replace("+psycopg", "", 1),
            autocommit=True,
            options=f"-c role={APP_ROLE}",
            connect_timeout=5,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=2,
        )

    async def hear(self, take: Callable[[str], None], connected: Callable[[], None]) -> None:
        connection = await self._connect()
        try:
            await connection.execute(f"LISTEN {CHANNEL}")
            connected()
            while True:
                async for word in connection.notifies(timeout=PROBE_SECONDS):
                    take(word.payload)
                await connection.execute("SELECT 1")  # a dead line is silent until it is used
        finally:
            await connection.close()

    async def send(self, words: Sequence[str]) -> None:
        async with self._turn:
            if self._speaking is None or self._speaking.closed:
                self._speaking = await self._connect()
            try:
                await self._speaking.execute(
                    "SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word",
                    (CHANNEL, list(words)),
                )
            except psycopg.Error:
                await self.close()
                raise

    async def close(self) -> None:
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            await speaking.close()


class RedisTransport:
    """Publish and subscribe; the channel's name keeps deployments on one server apart."""

    largest = 500_000

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=5, socket_keepalive=True, health_check_interval=15
        )
        self._channel = f"{CHANNEL}:{seal('signals', 'bus')[:16]}"

    async def hear(self, take: Callable[[str], None], connected: Callable[[], None]) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            while True:
                heard: Any = await subscription.get_message(timeout=PROBE_SECONDS)
                if heard is None:
                    await subscription.ping()
                elif heard["type"] == "subscribe":
                    outside.worked("redis")
                    connected()
                elif heard["type"] == "message":
                    take(heard["data"].decode())

    async def send(self, words: Sequence[str]) -> None:
        async with self._redis.pipeline(transaction=False) as many:
            for word in words:
                many.publish(self._channel, word)
            with outside.calling("redis"):
                await asyncio.wait_for(many.execute(), 5)

    async def close(self) -> None:
        await self._redis.aclose()


def chosen() -> Transport:
    """Redis when `REDIS_URL` is set, else the database that is there anyway."""
    url = settings().redis_url
    return RedisTransport(url) if url else PostgresTransport()
