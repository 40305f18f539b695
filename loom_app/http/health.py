"""Is it up, can it work; and what browsers report about the content policy."""

import structlog
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loom_app.kit import leaving
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits

log = structlog.get_logger("browser")


async def live(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def ready(_request: Request) -> Response:
    """503 while the database does not answer, and once this process is told to leave: a proxy that
    asks sends nobody here any more, and what is under way is finished."""
    if leaving.now():
        return JSONResponse({"status": "leaving"}, 503)
    try:
        async with transaction(Actor.system_job("health")) as tx:
            await tx.db.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - whatever it is, we are not ready
        return JSONResponse({"status": "database"}, 503)
    return JSONResponse({"status": "ok"})


async def csp_report(request: Request) -> Response:
    """Written by anybody: limited, cut and logged as text."""
    body = await request.body()
    if limits.allow("csp", "all"):
        log.warning("csp.violation", report=body[:1000].decode("utf-8", "replace"))
    return Response(status_code=204)


routes = [
    Route("/health/live", live),
    Route("/health/ready", ready),
    Route("/csp-report", csp_report, methods=["POST"]),
]
