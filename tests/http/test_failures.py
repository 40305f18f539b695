"""A request that fails: a page with a number for people, a line for programs, and no trace."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from loom_app.http.asgi import FAILURES
from loom_app.http.gate import Gate
from tests.http.conftest import ORIGIN


async def boom(_request: Request) -> Response:
    raise ZeroDivisionError("what only we should read")


@pytest.fixture
async def failing(db):
    app = Starlette(routes=[Route("/files/broken", boom)], exception_handlers=FAILURES)
    transport = httpx.ASGITransport(app=Gate(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def test_a_person_gets_a_page_with_a_number_that_the_log_has(failing):
    with capture_logs() as logged:
        answer = await failing.get("/files/broken?x=1", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 500
    reference = re.search(r"Reference: ([0-9A-F]{8})", answer.text)
    assert reference
    assert "only we" not in answer.text
    assert "href='/files/broken'" in answer.text, "one can try again"
    (line,) = [one for one in logged if one["event"] == "http.failed"]
    assert (line["reference"], line["page"], line["who"]) == (
        reference[1],
        "/files/broken",
        "visitor",
    )
    assert "script-src" in answer.headers["content-security-policy"]


async def test_a_program_gets_a_line(failing):
    answer = await failing.get("/files/broken")
    assert answer.headers["content-type"].startswith("text/plain")
    assert re.search(r"Reference: [0-9A-F]{8}$", answer.text)
