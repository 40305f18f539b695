"""A push service on this machine: takes pushes as the real ones do, and opens them as a browser.

It speaks HTTP on a port of its own, so what reaches it went through the real client.
"""

import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from loom_app.domains.notifications import devices
from loom_app.integrations.push import vapid
from loom_app.integrations.push.base64url import decoded, encoded
from loom_app.integrations.push.client import Subscription
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

_numbers = itertools.count(1)
AUTH = b"sixteen bytes it"


@dataclass
class Taken:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Phone:
    """A browser: its keys, and what it can read of what came for it."""

    path: str
    gateway: "Gateway"
    pair: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    seen: int = 0

    @property
    def subscription(self) -> Subscription:
        point = self.pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        endpoint = f"http://127.0.0.1:{self.gateway.port}{self.path}"
        return Subscription(endpoint, encoded(point), encoded(AUTH))

    @property
    def came(self) -> list[Taken]:
        return [one for one in self.gateway.taken if one.path == self.path]

    def take(self) -> list[dict[str, Any]]:
        """What came since the last time, opened."""
        fresh = self.came[self.seen :]
        self.seen += len(fresh)
        return [json.loads(self.open(one)) for one in fresh]

    def open(self, one: Taken) -> bytes:
        return http_ece.decrypt(
            one.body, private_key=self.pair, auth_secret=AUTH, version="aes128gcm"
        )


class Gateway:
    """`answers` are the next ones, as status and headers; 201 where there are none."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.taken.append(Taken(self.path, headers, body))
                status, more = outer.answers.popleft() if outer.answers else (201, {})
                self.send_response(status)
                for name, value in {**more, "content-length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def phone(self) -> Phone:
        return Phone(f"/push/{next(_numbers)}", self)

    async def phone_of(self, me: Actor) -> Phone:
        """A device of a person that takes pushes."""
        phone = self.phone()
        async with transaction(me) as tx:
            await devices.keep(tx, me, phone.subscription)
        return phone

    def claims(self, one: Taken) -> dict[str, Any]:
        """What the sender's token says, once its signature is found good (RFC 8292)."""
        scheme, _, rest = one.headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert (scheme, parts["k"]) == ("vapid", vapid.public_key())
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
        audience = f"http://127.0.0.1:{self.port}"
        return jwt.decode(parts["t"], key, algorithms=["ES256"], audience=audience)


@pytest.fixture
def gateway(monkeypatch) -> Iterator[Gateway]:
    """One that Loom may write to."""
    made = Gateway()
    monkeypatch.setenv("LOOM_PUSH_HOSTS", f"127.0.0.1:{made.port}")
    settings.cache_clear()
    yield made
    made.server.shutdown()
    made.server.server_close()
    monkeypatch.undo()
    settings.cache_clear()
