"""/metrics: for Prometheus, by a token, or from this very machine while there is none."""

import hmac

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loom_app.kit import metrics
from loom_app.kit.settings import settings

LOOPBACK = frozenset({"127.0.0.1", "::1"})
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def _may(request: Request) -> bool:
    expected = settings().metrics_token
    if expected:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {expected}".encode())
    # what came through a proxy on this machine came from somewhere else
    proxied = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
    asked_here = request.url.hostname in {*LOOPBACK, "localhost"}  # a proxy passes the public name
    client = request.client.host if request.client else ""
    return asked_here and not proxied and client in LOOPBACK


async def read(request: Request) -> Response:
    """404 to everybody else: it is nobody's business that it is there."""
    if not _may(request):
        return PlainTextResponse("Not found", 404)
    return Response(await metrics.scrape(), media_type=TYPE)


routes = [Route("/metrics", read)]
