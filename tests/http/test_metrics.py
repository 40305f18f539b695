"""What a process counts of itself: for whom, and nothing that is anybody's."""

import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from loom_app.http import health, measured, metrics
from loom_app.http.gate import Gate
from loom_app.kit import tracing
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.http.conftest import ORIGIN

Client = Callable[..., httpx.AsyncClient]


async def boom(_request: Request) -> Response:
    raise ZeroDivisionError("secret-words")


@pytest.fixture
def client(db) -> Client:
    found = [*metrics.routes, *health.routes, Route("/files/broken", boom)]
    app = measured.Measured(
        Gate(Starlette(routes=found)), frozenset({"metrics", "health", "files"})
    )

    def make(address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, client=(address, 1), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    return make


def figure(page: str, name: str) -> float:
    """The value of a line; 0 where it is not there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_this_machine_reads_it_and_nobody_from_elsewhere(client):
    answer = await client().get("/metrics")
    assert answer.status_code == 200
    assert figure(answer.text, "loom_database_up") == 1
    assert (await client("203.0.113.7").get("/metrics")).status_code == 404
    # a proxy on this machine that says nothing of who asks still passes the public name
    public = await client(host="loom.example.org").get("/metrics")
    assert public.status_code in (404, 421)
    forwarded = {"x-forwarded-for": "127.0.0.1"}
    assert (await client(**forwarded).get("/metrics")).status_code == 404


async def test_a_token_opens_it_from_anywhere_and_nothing_else_does(client, monkeypatch):
    monkeypatch.setattr(settings(), "metrics_token", "a-token")
    for given, status in (("Bearer a-token", 200), ("Bearer other", 404), ("a-token", 404)):
        answer = await client("203.0.113.7", authorization=given).get("/metrics")
        assert answer.status_code == status
    assert (await client().get("/metrics")).status_code == 404


async def test_requests_are_counted_by_route_and_never_by_address(client):
    async with client() as one:
        before = (await one.get("/metrics")).text
        await one.get("/health/live")
        await one.get("/verify?token=secret-words")
        await one.get("/files/broken?name=secret-words")
        after = (await one.get("/metrics")).text

    def more(route: str, status: int) -> float:
        labels = f'method="GET",route="{route}",status="{status}"'
        name = f"loom_http_request_seconds_count{{{labels}}}"
        return figure(after, name) - figure(before, name)

    assert [more("/health", 200), more("page", 404), more("/files", 500)] == [1, 1, 1]
    assert "secret-words" not in after


async def test_a_request_has_a_number_that_its_log_lines_have(client):
    given = "abc-DEF_12345"
    answer = await client(**{"x-request-id": given}).get("/health/live")
    assert answer.headers["x-request-id"] == given
    forged = await client(**{"x-request-id": "two\twords"}).get("/health/live")
    assert re.fullmatch("[0-9a-f]{16}", forged.headers["x-request-id"])


async def test_what_waits_and_what_was_given_up_is_told(client):
    worker = Actor.system_job("worker")
    async with transaction(worker) as tx:
        await tx.enqueue("test.unheard_of", {})
        await tx.enqueue("test.given_up", {})
        await tx.db.execute(
            text("UPDATE outbox_jobs SET failed_at = now() WHERE name = 'test.given_up'")
        )
        await tx.db.execute(text("UPDATE outbox_jobs SET run_at = run_at - interval '1 hour'"))
    page = (await client().get("/metrics")).text
    assert figure(page, "loom_jobs_waiting") == 1
    assert figure(page, "loom_jobs_oldest_seconds") >= 3600
    assert figure(page, 'loom_failed{what="jobs"}') == 1
    before = figure(page, 'loom_job_seconds_count{job="unknown",outcome="failed"}')
    assert await outbox.drain(1) == 1
    page = (await client().get("/metrics")).text
    assert figure(page, 'loom_job_seconds_count{job="unknown",outcome="failed"}') == before + 1


async def test_a_database_that_is_away_is_a_figure(client, monkeypatch):
    await engine.dispose()
    monkeypatch.setattr(settings(), "database_url", "postgresql://nobody@127.0.0.1:1/nowhere")
    answer = await client().get("/metrics")
    assert answer.status_code == 200
    assert figure(answer.text, "loom_database_up") == 0
    await engine.dispose()


async def test_a_slow_statement_is_logged_with_its_text_and_without_values(db, monkeypatch):
    monkeypatch.setattr(settings(), "slow_statement_ms", 1)
    with capture_logs() as logged:
        async with transaction(Actor()) as tx:
            await tx.db.execute(text("SELECT pg_sleep(0.002), :it"), {"it": "secret-words"})
    slow = [one["statement"] for one in logged if one["event"] == "statement.slow"]
    assert any("pg_sleep" in one for one in slow)
    assert "secret-words" not in str(slow)


async def test_traces_go_to_a_collector_without_what_people_wrote(client, monkeypatch):
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(settings(), "otlp_url", f"http://127.0.0.1:{server.server_port}")
    tracing.configure()
    await client().get("/files/broken?name=secret-words")
    tracing.stop()
    server.shutdown()
    server.server_close()
    sent = b"".join(got)
    assert b"GET /files" in sent
    assert b"secret-words" not in sent
