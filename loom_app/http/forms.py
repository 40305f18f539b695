"""What routes of forms share: a field, the sender, the way back, the cookie of a sign-in."""

from urllib.parse import parse_qs, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loom_app.domains.accounts.actions import Device, SignedIn
from loom_app.http import cookies, identity
from loom_app.kit.security.paths import safe_path

REMEMBERED = 30 * 86_400


def field(form: FormData, name: str, limit: int = 400) -> str:
    """A field of text, cut to a length; "" where it is missing or a file."""
    value = form.get(name, "")
    return value[:limit].replace("\x00", "") if isinstance(value, str) else ""


def onward(request: Request, form: FormData) -> str:
    """Where somebody was going; "" where that is nowhere of this site. Who sends a form before its
    page has filled it in is still on the address that says so."""
    query = request.headers.get("referer", "")[:2000].partition("?")[2]
    asked = parse_qs(query).get("next", [""])
    return safe_path(field(form, "next") or asked[0], "")


def back(path: str, **query: str) -> RedirectResponse:
    """To a page, with a short code in its address; the page has the words."""
    kept = {name: value for name, value in query.items() if value}
    return RedirectResponse(f"{path}?{urlencode(kept)}" if kept else path, 303)


def address(request: Request) -> str:
    return identity.address_of(request.headers, request.client)


def device(request: Request) -> Device:
    return Device(request.headers.get("user-agent", ""), address(request))


def signed_in(made: SignedIn, return_to: str) -> Response:
    """On to where somebody was going, with the cookie of their sign-in; before that to the second
    step where there is one; who is suspended to why that is."""
    if made.suspended:
        response = back("/appeal", token=made.suspended)
        cookies.clear_session(response)
        return response
    if made.step:
        response = back("/sign-in/code")
        cookies.set_step(response, made.step)
        return response
    # staff may nothing before their second factor, so that is where they begin
    path = "/settings/security" if made.lacks_factor else safe_path(return_to, "/sessions")
    response = RedirectResponse(path, 303)
    cookies.set_session(response, made.token, max_age=REMEMBERED if made.remember else None)
    return response
