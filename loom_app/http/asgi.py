"""All routes that are no pages, and the gate around the whole."""

import contextlib
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.http import (
    admin,
    auth,
    calendar_feed,
    credential_files,
    data_files,
    drawn,
    earnings_files,
    files,
    gate,
    health,
    identity,
    invitations,
    mail_doors,
    mail_gallery,
    mailbox,
    measured,
    message_files,
    metrics,
    payment_files,
    phone_doors,
    public_pages,
    push_doors,
    staff_files,
    ways_in,
    webhooks,
)
from loom_app.integrations.stripe.sandbox.app import sandbox_app
from loom_app.kit import failures
from loom_app.kit.errors import DomainError, Forbidden, NotFound
from loom_app.kit.files import links
from loom_app.kit.settings import settings

log = structlog.get_logger("http")


def _routes() -> list[BaseRoute]:
    found: list[BaseRoute] = [
        *auth.routes,
        *ways_in.routes,
        *invitations.routes,
        *data_files.routes,
        *credential_files.routes,
        *files.routes,
        *message_files.routes,
        *payment_files.routes,
        *health.routes,
        *metrics.routes,
        *webhooks.routes,
        *calendar_feed.routes,
        *earnings_files.routes,
        *staff_files.routes,
        *public_pages.routes,
        *mail_doors.routes,
        *push_doors.routes,
        *mailbox.routes(),
        *phone_doors.routes(),
        *mail_gallery.routes(),
        *admin.mounted(FAILURES),
    ]
    if settings().stripe_sandbox and not settings().production:
        found.append(Mount("/sandbox/stripe", app=sandbox_app()))
    return found


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for these only
    if isinstance(error, StepUpNeeded):
        query = f"?{request.url.query}" if request.url.query else ""
        next_path = urlencode({"next": f"{request.url.path}{query}"})
        return RedirectResponse(f"/confirm-it-is-you?{next_path}", 303)
    if isinstance(error, links.Ended):
        status = 410
    else:
        status = 404 if isinstance(error, (NotFound, Forbidden)) else 422
    return drawn.problem(request.headers, status, error.message)


async def _failed(request: Request, error: Exception) -> Response:
    """What nobody expected: a number for the person, all the rest for the log."""
    who = ""
    with contextlib.suppress(Exception):  # the database may be what failed
        who = (await identity.actor_of(request)).label
    facts = {"method": request.method, "page": request.url.path, "who": who}
    reference = failures.report("http.failed", error, **facts)
    again = request.url.path if request.method == "GET" else ""
    return drawn.problem(request.headers, 500, failures.words(reference), again=again)


FAILURES = {DomainError: _refused, Exception: _failed}


def transformers() -> Sequence[Starlette | Callable[[ASGIApp], ASGIApp]]:
    """For `rx.App(api_transformer=...)`: each wraps the former, so the gate comes last."""
    found = _routes()
    paths = [one.path for one in found if isinstance(one, (Route, Mount))]
    parts = frozenset(path.split("/", 2)[1] for path in paths) | {"assets", "_event"}
    return [
        Starlette(routes=found, exception_handlers=FAILURES),
        gate.transformer,
        measured.transformer(parts),
    ]
