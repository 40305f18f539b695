"""One websocket: frame sizes, a token bucket of frames, and a way to end it from outside."""

import asyncio
import time

import structlog
from starlette.types import Message, Receive, Send

from loom_app.http import cookies
from loom_app.kit.settings import settings

log = structlog.get_logger("gate")

TOO_BIG, TOO_FAST, SESSION_OVER, SILENT = 1009, 1008, 4401, 4408
RESTART = 1012  # "service restart" in the registry of RFC 6455: come back


class Connection:
    """Wraps an ASGI websocket's `receive` and `send`."""

    def __init__(self, receive: Receive, send: Send, new_visitor: str) -> None:
        self._receive, self._send = receive, send
        self._new_visitor = new_visitor
        self._ended = self._spoken = False
        self._tokens = float(settings().frames_burst)
        self._filled_at = time.monotonic()
        self._closing: asyncio.Task[None] | None = None
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def receive(self) -> Message:
        if self._ended:
            return {"type": "websocket.disconnect", "code": SESSION_OVER}
        message = await self._next()
        if message["type"] == "websocket.receive" and (code := self._excess(message)):
            log.warning("socket.closed", code=code)
            await self._end(code)
            return {"type": "websocket.disconnect", "code": code}
        return message

    async def _next(self) -> Message:
        """The next message; who opened the socket and says nothing is not waited for for long.

        The server sends our close only once nobody waits for a message, so the end of a sign-in
        interrupts the wait.
        """
        reading = asyncio.ensure_future(self._receive())
        patience = None if self._spoken else settings().connect_seconds
        try:
            await asyncio.wait(
                {reading, self._over}, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            if not reading.done():
                reading.cancel()
        if reading.done() and not reading.cancelled():
            message = reading.result()
            self._spoken = self._spoken or message["type"] == "websocket.receive"
            return message
        if self._ended:
            return {"type": "websocket.disconnect", "code": SESSION_OVER}
        log.warning("socket.closed", code=SILENT)
        await self._end(SILENT)
        return {"type": "websocket.disconnect", "code": SILENT}

    async def send(self, message: Message) -> None:
        if self._ended:
            return
        if message["type"] == "websocket.accept" and self._new_visitor:
            headers = [*message.get("headers", []), cookies.visitor_header(self._new_visitor)]
            message = {**message, "headers": headers}
        await self._send(message)

    def close_soon(self, code: int = SESSION_OVER) -> None:
        """End the socket without waiting for it to speak: its sign-in is over, or this process."""
        if not self._ended:
            self._closing = asyncio.get_running_loop().create_task(self._end(code))

    async def _end(self, code: int) -> None:
        if not self._ended:
            self._ended = True
            if not self._over.done():
                self._over.set_result(None)
            await self._send({"type": "websocket.close", "code": code})

    def _excess(self, message: Message) -> int:
        """The close code for a frame too many or too large; 0 for a good one."""
        frame = message.get("text") or message.get("bytes") or ""
        if len(frame) > settings().frame_bytes:
            return TOO_BIG
        now = time.monotonic()
        rate, burst = settings().frames_per_second, settings().frames_burst
        self._tokens = min(burst, self._tokens + (now - self._filled_at) * rate) - 1
        self._filled_at = now
        return TOO_FAST if self._tokens < 0 else 0
