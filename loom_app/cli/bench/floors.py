"""The floors: what this machine does with the same server and no framework.

`echo` answers on the same socket; `insert` saves to PostgreSQL, commits, and hands the message to
the other of the pair. Served by granian like the app itself.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from psycopg_pool import AsyncConnectionPool

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_sockets: dict[int, Send] = {}
_pool: AsyncConnectionPool | None = None


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "websocket":
        await _answer(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def insert(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "websocket":
        await _answer(scope, receive, send)
        return
    me = int(scope["query_string"].partition(b"=")[2])
    await receive()
    await send({"type": "websocket.accept"})
    _sockets[me] = send
    try:
        while (message := await receive())["type"] == "websocket.receive":
            await _save(me, message["text"])
            other = _sockets.get(me - 1 if me % 2 == 0 else me + 1)
            if other is not None:
                await other({"type": "websocket.send", "text": message["text"]})
    finally:
        _sockets.pop(me, None)


async def _save(me: int, body: str) -> None:
    global _pool  # noqa: PLW0603 - opened in the loop that uses it
    if _pool is None:
        url = os.environ["BENCH_DATABASE_URL"]
        _pool = AsyncConnectionPool(url, min_size=4, max_size=10, open=False)
        await _pool.open()
    async with _pool.connection() as connection:
        await connection.execute(
            "INSERT INTO floor_messages (sender, body) VALUES (%s, %s)", (me, body)
        )


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
