"""Who comes in: staff with a second factor, by the sign-in that the app has.

Every request passes here before the library sees it. Visitors are led to the sign-in, staff without
a second factor to where it is set up; for everybody else nothing is there. Pages get a policy of
their own: scripts run by a nonce that is new with each answer.
"""

import base64
import hashlib
import secrets
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.operations import queries
from loom_app.http import drawn, identity
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from loom_app.kit.text import t

OPEN = "/admin/static/"
# the library's two handlers in attributes, word for word: a nonce cannot stand there
HANDLERS = ("applyColumnVisibility()", "window.location = this.value")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


_ATTRIBUTES = " ".join(f"'sha256-{_digest(one)}'" for one in HANDLERS)


def csp(nonce: str) -> str:
    """The policy of one answer: its scripts and no others, everything from us."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}';"
        f" script-src-attr 'unsafe-hashes' {_ATTRIBUTES}; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'; object-src 'none'; report-uri /csp-report"
    )


class Door:
    """ASGI middleware. What it lets in finds `me`, `nonce` and `proven` in the request's state."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self.app, self.routes = app, routes
        # the library writes addresses by asking the outermost router, and Reflex's knows none
        self.router = Router([Mount("/admin", app=self, name="admin")])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if settings().https:  # TLS ends at the proxy, and the library writes whole addresses
            scope["scheme"] = "https"
        scope["router"] = self.router
        request = Request(scope, receive)
        if request.url.path.startswith(OPEN):
            await self.app(scope, receive, send)
            return
        me = await identity.actor_of(request)
        if (refused := _refused(request, me)) is not None:
            await refused(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        state = scope.setdefault("state", {})
        state |= {"me": me, "nonce": nonce, "proven": _proven(me)}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = csp(nonce)
                headers["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, guarded)


def _proven(me: Actor) -> bool:
    try:
        require_step_up(clock.now(), me)
    except StepUpNeeded:
        return False
    return True


def _refused(request: Request, me: Actor) -> Response | None:
    if me.person_id is None:
        return RedirectResponse(f"/sign-in?next={quote('/admin/')}", 303)
    if me.lacks_factor:
        return RedirectResponse("/settings/security", 303)
    if not queries.visible(me):
        return drawn.problem(request.headers, 404, t("There is nothing here."))
    if request.method != "GET" and not limits.allow("save", me.label):
        return drawn.problem(request.headers, 429, limits.words("save"))
    return None
