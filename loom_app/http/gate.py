"""The first layer: stands before Reflex and sees every request and every websocket frame.

Hosts, origins, cross-site posts, sizes and rates are decided here; the tab's token is made
worthless without its session; response headers are added. What passes is judged again by the event
policy and by row-level security.
"""

import asyncio
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loom_app.domains.accounts.actions import Renewed, renew
from loom_app.domains.platform import queries as platform
from loom_app.http import cookies, drawn, identity, policy
from loom_app.http.socket_guard import RESTART, Connection
from loom_app.kit import leaving
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.kit.security import limits, tokens
from loom_app.kit.security.headers import SESSION_HEADER, VISITOR_HEADER
from loom_app.kit.settings import settings
from loom_app.kit.text import t

log = structlog.get_logger("gate")

_JOB = Actor.system_job("accounts.session")

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
CLOSED = re.compile(r"^/(_upload|_all_routes|auth-codespace)(/|$)")
# machines without a browser: they prove themselves by signature or key. Mail programs unsubscribe
# by a POST of their own (RFC 8058)
MACHINES = ("/webhooks/", "/unsubscribe/", "/sandbox/stripe/v1/", "/sandbox/stripe/v2/")
# what is open while Loom is closed: its own health, built files, and how staff comes in
WHILE_CLOSED = (
    "/health/",
    "/_health",
    "/metrics",
    "/csp-report",
    "/assets/",
    "/fonts/",
    "/favicon.",
    "/sign-in",
    "/confirm-it-is-you",
    "/settings/security",
    "/auth/sign-",
    "/auth/code",
    "/auth/confirm",
    "/auth/with/",
    "/dev/",
    "/sandbox/",
)
LOOPBACK = frozenset({"127.0.0.1", "::1"})
CLOSING_SECONDS, CLOSING_STEPS = 1.0, 20
BODY_LIMIT = 1_000_000
BODY_LIMITS = {"/files/avatar": 10_500_000}


class Gate:
    """ASGI middleware; the last of `api_transformer`, so that it sees everything first."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open: dict[int, set[Connection]] = {}
        self.all: set[Connection] = set()
        self.anonymous: Counter[str] = Counter()
        signals.listen(self._session_ended)
        leaving.on_closing(self._leave)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    # HTTP

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        limits.watch()
        refused = self._refuse(scope, headers)
        if refused is None:
            refused = await closed_to(scope, headers)
        if refused is not None:
            await self._decorated(scope, headers, send, new_visitor="")(refused, receive)
            return
        new_visitor = ""
        if scope["method"] == "GET" and not cookies.read(headers.get("cookie", ""))[1]:
            new_visitor = tokens.new_token()
        new_session = await renewed_session(scope, headers)
        sender = self._decorated(scope, headers, send, new_visitor, new_session)
        path = scope["path"]
        if not path.endswith("/") and policy.is_built_page(path):
            # the static mount would answer with a redirect to the same page with a slash
            scope = {**scope, "path": f"{path}/", "raw_path": f"{path}/".encode()}
        await self.app(scope, limited_body(scope, receive), sender.send)

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:  # noqa: PLR0911 - a list of refusals
        path, method = scope["path"], scope["method"]
        address = identity.address_of(headers, scope.get("client"))
        if not host_allowed(headers.get("host", "")):
            return PlainTextResponse("Misdirected request", 421)
        if method not in METHODS:
            return PlainTextResponse("Method not allowed", 405)
        # no text in the database holds a NUL, so no address with one leads anywhere
        if "\x00" in path or b"%00" in scope["query_string"]:
            return PlainTextResponse("Not found", 404)
        if CLOSED.match(path) or (path == "/_health" and address not in LOOPBACK):
            return PlainTextResponse("Not found", 404)
        if method == "POST" and not path.startswith(MACHINES) and not same_site(headers):
            return drawn.problem(headers, 403, t("This form was sent from another site."))
        if length_of(headers) > body_limit(path):
            return drawn.problem(headers, 413, t("This is too large."))
        name = bucket(path)
        if not limits.allow(name, address):
            retry = str(limits.retry_after(name, address))
            again = path if method == "GET" else ""
            words, more = limits.words(name), {"retry-after": retry}
            return drawn.problem(headers, 429, words, more, again=again)
        return None

    def _decorated(
        self,
        scope: Scope,
        headers: Headers,
        send: Send,
        new_visitor: str,
        new_session: Renewed | None = None,
    ) -> "_Decorated":
        return _Decorated(scope, origin_of(headers), send, new_visitor, new_session)

    # websocket

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        chosen = settings()
        address = identity.address_of(headers, scope.get("client"))
        if not origin_allowed(headers):
            log.warning("socket.refused", why="origin", address=address)
            await deny(receive, send)
            return
        if leaving.closing():  # tried again, this reaches another process
            await deny(receive, send)
            return
        if not limits.allow("knock", address):  # before the database is asked who it is
            log.warning("socket.refused", why="flood", address=address)
            await deny(receive, send)
            return
        session_token, visitor = cookies.read(headers.get("cookie", ""))
        person = await identity.person_behind(session_token)
        if person is None and not self._room_for_stranger(address):
            log.warning("socket.refused", why="rate", address=address)
            await deny(receive, send)
            return
        session_id = person.session_id if person else None
        if len(self.all) >= chosen.sockets_total or (
            session_id is not None
            and len(self.open.get(session_id, ())) >= chosen.sockets_per_session
        ):
            log.warning("socket.refused", why="full", address=address)
            await deny(receive, send)
            return
        new_visitor = "" if cookies.visitor_digest(visitor) else tokens.new_token()
        digest = cookies.visitor_digest(new_visitor or visitor) or ""
        connection = Connection(receive, send, new_visitor)
        with self._counted(connection, session_id, address):
            await self.app(
                bound_scope(scope, session_id, digest), connection.receive, connection.send
            )

    def _room_for_stranger(self, address: str) -> bool:
        chosen = settings()
        return self.anonymous[limits.place(address)] < chosen.sockets_per_address and limits.allow(
            "handshake", address
        )

    def _counted(self, connection: Connection, session_id: int | None, address: str) -> "_Counted":
        return _Counted(self, connection, session_id, limits.place(address))

    async def _leave(self) -> None:
        """Close every socket, a few at a time: all of these pages come back to somebody else."""
        waiting = list(self.all)
        step = max(1, -(-len(waiting) // CLOSING_STEPS))
        for start in range(0, len(waiting), step):
            for connection in waiting[start : start + step]:
                connection.close_soon(RESTART)
            await asyncio.sleep(CLOSING_SECONDS / CLOSING_STEPS)

    def _session_ended(self, signal: signals.Signal) -> None:
        """Close every socket of a sign-in that was ended: at once, not at its next event."""
        kind, _, number = signal.topic.partition(":")
        if kind == "auth":
            for connection in list(self.open.get(int(number), ())):
                connection.close_soon()


class _Counted:
    """Counts a socket while it is open."""

    def __init__(
        self, gate: Gate, connection: Connection, session_id: int | None, address: str
    ) -> None:
        self.gate, self.connection = gate, connection
        self.session_id, self.address = session_id, address

    def __enter__(self) -> None:
        self.gate.all.add(self.connection)
        if self.session_id is None:
            self.gate.anonymous[self.address] += 1
        else:
            self.gate.open.setdefault(self.session_id, set()).add(self.connection)

    def __exit__(self, *_: object) -> None:
        self.gate.all.discard(self.connection)
        if self.session_id is None:
            self.gate.anonymous[self.address] -= 1
            if not self.gate.anonymous[self.address]:
                del self.gate.anonymous[self.address]
        else:
            mine = self.gate.open.get(self.session_id, set())
            mine.discard(self.connection)
            if not mine:
                self.gate.open.pop(self.session_id, None)


class _Decorated:
    """Adds headers to the response of one request."""

    def __init__(
        self,
        scope: Scope,
        origin: str,
        send: Send,
        new_visitor: str,
        new_session: Renewed | None,
    ) -> None:
        self.scope, self.origin, self._send = scope, origin, send
        self.new_visitor, self.new_session = new_visitor, new_session

    async def __call__(self, response: Response, receive: Receive) -> None:
        await response(self.scope, receive, self.send)

    async def send(self, message: Message) -> None:
        # a 304 has no type, and its headers would replace those of the stored page: its CSP too
        if message["type"] == "http.response.start" and message["status"] != 304:
            headers = MutableHeaders(scope=message)
            kind = headers.get("content-type", "")
            for name, value in policy.response_headers(
                self.scope["path"], kind, self.origin
            ).items():
                if name in headers and policy.is_routes_own(self.scope["path"], name):
                    continue
                headers[name] = value
            headers.update(limits.headers())
            if leaving.now():
                headers["connection"] = "close"  # a proxy that kept it would ask here again
            if self.new_visitor and kind.startswith("text/html"):
                message["headers"] = [
                    *message["headers"],
                    cookies.visitor_header(self.new_visitor),
                ]
        if message["type"] == "http.response.start" and self.new_session is not None:
            made = self.new_session
            message["headers"] = [
                *message.get("headers", []),
                cookies.session_header(made.token, made.max_age),
            ]
        await self._send(message)


async def closed_to(scope: Scope, headers: Headers) -> Response | None:
    """While Loom is closed: who is let in goes on, machines and ways in stay open, and the others
    read why. A page comes back by itself."""
    closed, path = platform.maintenance(), scope["path"]
    if closed is None or path.startswith((*MACHINES, *WHILE_CLOSED)):
        return None
    me = await identity.person_behind(cookies.read(headers.get("cookie", ""))[0])
    address = identity.address_of(headers, scope.get("client"))
    if platform.lets_in(closed, me or Actor(), address):
        return None
    more = {"retry-after": "60", "refresh": "30"}
    again = path if scope["method"] == "GET" else ""
    return drawn.problem(headers, 503, platform.closed_words(closed), more, again=again)


def bucket(path: str) -> str:
    """Which limit a request counts for: machines and built files come in bursts."""
    if path.startswith(MACHINES):
        return "machine"
    return "asset" if path.startswith(("/assets/", "/admin/static/")) else "page"


async def renewed_session(scope: Scope, headers: Headers) -> Renewed | None:
    """Once a day, a page that somebody opens brings a new cookie for their sign-in."""
    token = cookies.read(headers.get("cookie", ""))[0]
    opened = headers.get("sec-fetch-dest", "document") == "document" and "text/html" in headers.get(
        "accept", ""
    )
    if scope["method"] != "GET" or not opened or not 20 <= len(token) <= 100:
        return None
    try:
        async with transaction(_JOB) as tx:
            return await renew(tx, token)
    except Exception:  # the database may be away, and the page itself needs none
        log.exception("session.renew_failed")
        return None


def limited_body(scope: Scope, receive: Receive) -> Receive:
    """Cut a body that grows past its limit, whatever its headers said."""
    left = body_limit(scope["path"])

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if left < 0 else message

    return limited


def body_limit(path: str) -> int:
    """A little more than a route's own limit, which says in words what is too much."""
    if path == "/files/messages" or path.startswith("/files/credentials/"):
        return settings().upload_megabytes * 1_048_576 + 65_536
    return BODY_LIMITS.get(path, BODY_LIMIT)


def length_of(headers: Headers) -> int:
    value = headers.get("content-length", "0")
    return int(value) if value.isdecimal() else 0


def bound_scope(scope: Scope, session_id: int | None, visitor: str) -> Scope:
    """The scope that Reflex sees: who it is in two headers, and a token that only they can present.

    The token becomes an HMAC over the sign-in's record (or the visitor) and the tab's own token, so
    a stolen one opens another, empty state; the record and not the cookie, so that rotation cuts no
    live tab.
    """
    mine = {SESSION_HEADER.encode(), VISITOR_HEADER.encode()}
    headers: list[tuple[bytes, bytes]] = [pair for pair in scope["headers"] if pair[0] not in mine]
    headers.append((SESSION_HEADER.encode(), str(session_id or "").encode()))
    headers.append((VISITOR_HEADER.encode(), visitor.encode()))
    owner = f"session:{session_id}" if session_id else f"visitor:{visitor}"
    query = [
        (name, tokens.seal(f"{owner}|{value}", "tab") if name == "token" else value)
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"))
    ]
    return {**scope, "headers": headers, "query_string": urlencode(query).encode()}


async def deny(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4403})


def hosts() -> frozenset[str]:
    """The hosts that are ours: the public one, or this machine's in development."""
    chosen = settings()
    if chosen.production:
        return frozenset({chosen.base_url.partition("://")[2]})
    names = ("localhost", "127.0.0.1", "[::1]")
    return frozenset(f"{name}:{port}" for name in names for port in (chosen.port, 3000))


def host_allowed(host: str) -> bool:
    if host in hosts():
        return True
    # a health check speaks to the machine itself
    return host.partition(":")[0] in {"localhost", "127.0.0.1"}


def origin_of(headers: Headers) -> str:
    return f"{'https' if settings().https else 'http'}://{headers.get('host', '')}"


def origin_allowed(headers: Headers) -> bool:
    """Exactly our own origin; a missing one is refused."""
    origin = headers.get("origin", "")
    if settings().production:
        return origin == settings().base_url
    return origin in {f"http://{host}" for host in hosts()}


def same_site(headers: Headers) -> bool:
    """A form of our own pages: the browser says so twice, where it says it at all."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "same-site"}:
        return False
    return origin_allowed(headers)


def transformer(app: ASGIApp) -> Any:
    return Gate(app)
