"""Signing in by a provider: the way there, the way back, and what is decided after it.

The way there is a link and no form: the CSP lets forms go to our own address only, and browsers
hold a redirect of a form to that. What keeps another site from beginning it in somebody's browser
is that the answer counts only in the browser that began, once, and for what it was begun for.
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import (
    AddressUnchecked,
    NotVerified,
    WayClosed,
    WayDenied,
    WayLost,
    WayTaken,
)
from loom_app.http import cookies, forms, identity
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.security import limits
from loom_app.kit.security.paths import safe_path

# the page has the words; nothing that came from outside is put into an address
PROBLEMS: dict[type[DomainError], str] = {
    WayLost: "way-lost",
    WayDenied: "way-denied",
    WayClosed: "way-closed",
    WayTaken: "way-taken",
    AddressUnchecked: "way-unchecked",
    NotVerified: "way-lost",
    NotFound: "way-closed",
}


async def begin(request: Request) -> Response:
    """To the provider. Only from a page of ours: another site cannot send anybody there."""
    next_path = safe_path(request.query_params.get("next", "")[:500], "")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return _refused("way-lost", next_path)
    if not await limits.admit("way", forms.address(request)):
        return _refused("slow", next_path)
    me = await identity.actor_of(request)
    try:
        url = await accounts.set_out(me, request.path_params["provider"], return_to=next_path)
    except DomainError as problem:
        return _refused(PROBLEMS.get(type(problem), "way-closed"), next_path)
    return RedirectResponse(url, 303)


async def back(request: Request) -> Response:
    """From the provider, with what it answered in the address."""
    if not await limits.admit("way", forms.address(request)):
        return _refused("slow", "")
    query = request.query_params
    answer = accounts.CameBack(
        state=query.get("state", "")[:200],
        code=query.get("code", "")[:4000],
        issuer=query.get("iss", "")[:400],
        error=query.get("error", "")[:100],
    )
    me = await identity.actor_of(request)
    old, _ = cookies.read(request.headers.get("cookie", ""))
    try:
        arrival = await accounts.come_back(
            me, request.path_params["provider"], answer, forms.device(request), old_token=old
        )
    except DomainError as problem:
        return _refused(PROBLEMS.get(type(problem), "way-closed"), "", at_home=me.person_id)
    return _arrived(arrival)


def _arrived(arrival: accounts.Arrival) -> Response:
    if arrival.signed_in is not None:
        return forms.signed_in(arrival.signed_in, arrival.return_to)
    if arrival.kind == "linked":
        return RedirectResponse("/settings/security?linked=1", 303)
    page = "/connect" if arrival.kind == "known" else "/welcome"
    return RedirectResponse(f"{page}?{urlencode({'visit': arrival.visit})}", 303)


async def join(request: Request) -> Response:
    """Make the account of somebody who came by a provider."""
    form = await request.form()
    visit = forms.field(form, "visit")
    me = await identity.actor_of(request)
    if not await limits.admit("sign_up", forms.address(request)):
        return forms.back("/welcome", visit=visit, problem="slow")
    old, _ = cookies.read(request.headers.get("cookie", ""))
    newcomer = accounts.Newcomer(
        visit, forms.field(form, "name"), forms.field(form, "role"), forms.field(form, "zone")
    )
    try:
        async with transaction(me) as tx:
            made = await accounts.join(tx, me, newcomer, forms.device(request), old)
    except DomainError as problem:
        if problem.field:
            return forms.back("/welcome", visit=visit, problem=problem.field)
        return _refused(PROBLEMS.get(type(problem), "way-closed"), "")
    return forms.signed_in(made, made.return_to)


async def connect(request: Request) -> Response:
    """The button of the mailed link. Opening the link alone uses nothing: scanners open links."""
    form = await request.form()
    me = await identity.actor_of(request)
    old, _ = cookies.read(request.headers.get("cookie", ""))
    if not await limits.admit("verify", forms.address(request)):
        return _refused("slow", "")
    try:
        async with transaction(me) as tx:
            made = await accounts.connect_by_mail(
                tx, me, forms.field(form, "mail"), forms.device(request), old
            )
    except DomainError as problem:
        return _refused(PROBLEMS.get(type(problem), "way-closed"), "")
    return forms.signed_in(made, made.return_to)


def _refused(problem: str, next_path: str, *, at_home: int | None = None) -> Response:
    """In words on the page where it was tried: the settings for who is signed in already."""
    page = "/sign-in" if at_home is None else "/settings/security"
    return forms.back(page, problem=problem, next=next_path)


routes = [
    Route("/auth/with/{provider}", begin, methods=["GET"]),
    Route("/auth/with/{provider}/back", back, methods=["GET"]),
    Route("/auth/welcome", join, methods=["POST"]),
    Route("/auth/connect", connect, methods=["POST"]),
]
