"""Outside of everything: each request has a number, a time, and a span where traces are wanted."""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loom_app.kit import metrics, tracing

ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")
HEADER = b"x-request-id"


class Measured:
    """ASGI middleware. `parts` are the first parts of addresses that are routes of ours; everything
    else is a page."""

    def __init__(self, app: ASGIApp, parts: frozenset[str]) -> None:
        self.app, self.parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            with metrics.SOCKETS.track_inprogress():
                await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = request_id(scope)
        status = "500"
        begun = time.perf_counter()

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                message["headers"] = [*message.get("headers", []), (HEADER, number.encode())]
            await send(message)

        route, method = self.route(scope["path"]), scope["method"]
        method = method if method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        with (
            structlog.contextvars.bound_contextvars(request=number),
            tracing.span(f"{method} {route}", request=number) as span,
        ):
            try:
                await self.app(scope, receive, numbered)
            finally:
                took = time.perf_counter() - begun
                metrics.REQUESTS.labels(route, method, status).observe(took)
                span.set_attribute("http.response.status_code", int(status))

    def route(self, path: str) -> str:
        """A name of few: what stands in an address may be secret, and there are endless many."""
        first = path.split("/", 2)[1] if "/" in path else ""
        return f"/{first}" if first in self.parts else "page"


def request_id(scope: Scope) -> str:
    """The one that a proxy of ours gave, if it looks like one; else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and ID.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)


def transformer(parts: frozenset[str]) -> Callable[[ASGIApp], ASGIApp]:
    return lambda app: Measured(app, parts)
