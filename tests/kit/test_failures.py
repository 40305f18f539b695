"""What nobody expected reaches the log and Sentry under one number, without what people wrote."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sentry_sdk
from sqlalchemy import text
from sqlalchemy.exc import DataError
from structlog.testing import capture_logs

from loom_app.kit import failures
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A stand-in for the outside service: what it is sent."""
    heard: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding") == "gzip"
            heard.append((gzip.decompress(body) if packed else body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("SENTRY_DSN", f"http://key@127.0.0.1:{server.server_port}/1")
    settings.cache_clear()
    failures.configure()
    yield heard
    monkeypatch.undo()
    settings.cache_clear()
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_failure_is_one_number_in_the_log_and_at_sentry(db, sentry):
    password = "hunter2 " * 2  # not as it would stand in a line of the trace
    with pytest.raises(DataError) as failed:
        async with transaction(Actor.system_job("accounts.seed")) as tx:
            await tx.db.execute(text("SELECT CAST(:given AS text)::integer"), {"given": password})
    with capture_logs() as logged:
        reference = failures.report("ui.failed", failed.value, who="person:7", page="/sessions")
    sentry_sdk.flush(timeout=10)
    assert logged[0]["reference"] == reference
    (sent,) = [json.loads(line) for line in "".join(sentry).splitlines() if '"exception"' in line]
    assert sent["tags"]["reference"] == reference
    assert (sent["tags"]["who"], sent["tags"]["page"]) == ("person:7", "/sessions")
    assert sent["exception"]["values"][-1]["type"] == "DataError"
    assert password not in "".join(sentry)


async def test_without_an_address_nothing_is_sent(db):
    assert not settings().sentry_dsn
    failures.configure()
    assert not sentry_sdk.get_client().is_active()
