"""The two cookies: who signed in, and what a visitor began before."""

from starlette.requests import cookie_parser
from starlette.responses import Response

from loom_app.kit.security import tokens
from loom_app.kit.settings import settings

VISITOR_DAYS = 30
STEP_SECONDS = 600


def session_name() -> str:
    return "__Host-session" if settings().https else "loom_session"


def visitor_name() -> str:
    return "__Host-visitor" if settings().https else "loom_visitor"


def read(cookie_header: str) -> tuple[str, str]:
    """The session token and the visitor token of a Cookie header; "" where missing."""
    cookies = cookie_parser(cookie_header) if cookie_header else {}
    return cookies.get(session_name(), ""), cookies.get(visitor_name(), "")


def visitor_digest(token: str) -> str | None:
    """What is stored of a visitor: the cookie itself stays in the browser."""
    return tokens.digest(token) if 20 <= len(token) <= 100 else None


def set_session(response: Response, token: str, *, max_age: int | None) -> None:
    response.set_cookie(
        session_name(),
        token,
        max_age=max_age,
        path="/",
        httponly=True,
        secure=settings().https,
        samesite="lax",
    )


def step_name() -> str:
    return "__Host-step" if settings().https else "loom_step"


def read_step(cookie_header: str) -> str:
    """The token of a sign-in that waits for its second factor."""
    return cookie_parser(cookie_header).get(step_name(), "") if cookie_header else ""


def set_step(response: Response, token: str) -> None:
    """For as long as the step lives; "" takes it away."""
    response.set_cookie(
        step_name(),
        token,
        max_age=STEP_SECONDS if token else 0,
        path="/",
        httponly=True,
        secure=settings().https,
        samesite="lax",
    )


def session_header(token: str, max_age: int | None) -> tuple[bytes, bytes]:
    """A Set-Cookie header for a renewed sign-in, in ASGI's form."""
    response = Response()
    set_session(response, token, max_age=max_age)
    return b"set-cookie", response.headers["set-cookie"].encode()


def clear_session(response: Response) -> None:
    response.delete_cookie(
        session_name(), path="/", httponly=True, secure=settings().https, samesite="lax"
    )


def visitor_header(token: str) -> tuple[bytes, bytes]:
    """A Set-Cookie header for a new visitor, in ASGI's form."""
    response = Response()
    response.set_cookie(
        visitor_name(),
        token,
        max_age=VISITOR_DAYS * 86_400,
        path="/",
        httponly=True,
        secure=settings().https,
        samesite="lax",
    )
    return b"set-cookie", response.headers["set-cookie"].encode()
