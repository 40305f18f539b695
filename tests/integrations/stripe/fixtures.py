"""Fixtures for every test that pays."""

import functools
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from loom_app.http import webhooks
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import delivery
from loom_app.integrations.stripe.sandbox.app import sandbox_app
from loom_app.kit.settings import settings
from tests.integrations.stripe.contract.check import Contract, Recorder


@functools.cache  # a fixture that is imported is another one in each module: none reads it anew
def _contract() -> Contract:
    made = Contract()
    assert made.description.operations
    return made


@pytest.fixture(scope="session")
def contract() -> Contract:
    return _contract()


class Sandbox:
    """The sandbox, as the SDK and as a browser see it."""

    def __init__(self, recorder: Recorder, browser: httpx.AsyncClient) -> None:
        self.recorder = recorder
        self.browser = browser

    async def open(self, url: str) -> httpx.Response:
        return await self.browser.get(url)

    async def pay(
        self, url: str, number: str = "4242 4242 4242 4242", **fields: str
    ) -> httpx.Response:
        """Fill in the Checkout page and press its button."""
        form = {
            "email": "ben@loom.test",
            "name": "Ben Okafor",
            "number": number,
            "expiry": "12 / 34",
            "cvc": "123",
        }
        return await self.browser.post(url, data=form | fields)


@pytest.fixture
async def sandbox(db: str, contract: Contract) -> AsyncIterator[Sandbox]:
    app = Starlette(routes=[*webhooks.routes, Mount("/sandbox/stripe", sandbox_app())])
    transport = httpx.ASGITransport(app)
    recorder = Recorder(transport)
    client.connect_through(recorder)
    delivery.deliver_through(transport)
    async with httpx.AsyncClient(transport=transport, base_url=settings().base_url) as browser:
        yield Sandbox(recorder, browser)
    client.connect_through(None)
    delivery.deliver_through(None)
    for exchange in recorder.exchanges:
        problems = contract.problems(exchange)
        assert not problems, f"{exchange.method} {exchange.url} {exchange.status}: {problems[:5]}"
