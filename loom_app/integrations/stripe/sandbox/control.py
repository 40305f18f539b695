"""Trouble on demand: delay, double, shuffle or lose webhooks, and be away for the next calls."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox.api import authorise
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit.db.transaction import transaction

SWITCHES = frozenset({"delay_seconds", "duplicate", "reorder", "drop", "outage"})


async def switch(**values: Any) -> dict[str, Any]:
    """Flip switches; None turns one off. `outage={"mode": "500", "calls": 2}`."""
    unknown = values.keys() - SWITCHES
    if unknown:
        raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
    async with transaction(SANDBOX) as tx:
        return await Book(tx).flip(values)


async def replay(event_id: str) -> None:
    """Deliver a thin event once more."""
    async with transaction(SANDBOX) as tx:
        await tx.enqueue("stripe_sandbox.deliver", {"event_id": event_id})


async def control(request: Request) -> Response:
    """GET shows the switches, POST (JSON) flips them; a test key is needed as for the API."""
    try:
        authorise(request)
        values = await request.json() if request.method == "POST" else {}
        if "replay" in values:
            await replay(str(values.pop("replay")))
        return JSONResponse(await switch(**values))
    except ApiError as error:
        return JSONResponse(error.body, error.status)
    except (ValueError, TypeError) as error:
        return JSONResponse({"error": {"message": str(error)}}, 400)


routes = [Route("/control", control, methods=["GET", "POST"])]
