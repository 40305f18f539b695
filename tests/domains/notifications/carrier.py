"""Twilio on this machine: takes text messages as its API does, and signs what it tells us."""

import itertools
import json
import threading
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from twilio.request_validator import RequestValidator

from loom_app.integrations.sms import client
from loom_app.kit.settings import settings

ACCOUNT, TOKEN, SENDER = "AC00000000000000000000000000000001", "a-token-of-tests", "+15005550006"
Answer = tuple[int, dict[str, Any]]


class Carrier:
    """`answers` are the next ones, as status and body; else each message is taken. `prices` by sid
    are what it has cost."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.answers: deque[Answer] = deque()
        self.prices: dict[str, str | None] = {}
        numbers, outer = itertools.count(1), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                values = {name: found[0] for name, found in parse_qs(body).items()}
                assert self.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
                values["proof"] = b64decode(self.headers["authorization"].split()[1]).decode()
                if outer.answers:
                    self.say(*outer.answers.popleft())
                    return
                outer.taken.append(values)
                sid = f"SM{next(numbers):032x}"
                self.say(201, {"sid": sid, "status": "queued", "num_segments": "1"})

            def do_GET(self) -> None:
                sid = self.path.rpartition("/")[2].removesuffix(".json")
                self.say(200, {"sid": sid, "price": outer.prices.get(sid), "price_unit": "USD"})

            def say(self, status: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def signed(path: str, values: dict[str, str]) -> dict[str, str]:
    """The header that Twilio proves itself by."""
    url = f"{settings().base_url}{path}"
    return {"x-twilio-signature": RequestValidator(TOKEN).compute_signature(url, values)}


@pytest.fixture
def carrier(monkeypatch) -> Iterator[Carrier]:
    """The one that Loom is set up for."""
    made = Carrier()
    for name, value in {
        "LOOM_TWILIO_ACCOUNT_SID": ACCOUNT,
        "LOOM_TWILIO_AUTH_TOKEN": TOKEN,
        "LOOM_TWILIO_SENDER": SENDER,
        "LOOM_TWILIO_URL": f"http://127.0.0.1:{made.port}",
    }.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    client.shown.clear()
    yield made
    made.server.shutdown()
    made.server.server_close()
    monkeypatch.undo()
    settings.cache_clear()
