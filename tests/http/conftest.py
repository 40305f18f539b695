"""The gate around Loom's own routes, spoken to over ASGI as a browser would."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from loom_app.http import (
    admin,
    auth,
    calendar_feed,
    credential_files,
    data_files,
    earnings_files,
    files,
    health,
    invitations,
    mail_doors,
    message_files,
    payment_files,
    phone_doors,
    public_pages,
    push_doors,
    staff_files,
    ways_in,
)
from loom_app.http.asgi import FAILURES
from loom_app.http.gate import Gate
from loom_app.kit.security import limits

ORIGIN = "http://localhost:8000"
_ADMIN = admin.mounted(FAILURES)  # its templates are compiled once


@pytest.fixture
async def browser(db) -> AsyncIterator[httpx.AsyncClient]:
    limits.reset()
    app = Starlette(
        routes=[
            *auth.routes,
            *ways_in.routes,
            *invitations.routes,
            *data_files.routes,
            *credential_files.routes,
            *files.routes,
            *message_files.routes,
            *payment_files.routes,
            *health.routes,
            *calendar_feed.routes,
            *earnings_files.routes,
            *staff_files.routes,
            *mail_doors.routes,
            *push_doors.routes,
            *phone_doors.routes(),
            *public_pages.routes,
            *_ADMIN,
        ],
        exception_handlers=FAILURES,
    )
    # as Reflex does: all of it in an app of its own, which knows none of its addresses
    whole = Starlette(routes=[Mount("", app=Gate(app))])
    transport = httpx.ASGITransport(app=whole, client=("203.0.113.7", 1))
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}
    ) as client:
        yield client
    limits.reset()
