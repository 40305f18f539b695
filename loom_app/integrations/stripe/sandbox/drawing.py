"""How the sandbox's pages are drawn: on the server, escaped, without script."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.kit.money import Money
from loom_app.kit.text import language, t

HERE = Path(__file__).parent
_pages = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True)
)
_pages.globals.update(t=t, language=language, mount=MOUNT)

# no frame may hold a page that asks for a card, and nothing runs on it
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template's page; every value is escaped."""
    return HTMLResponse(_pages.get_template(name).render(**values), status, HEADERS)


def away(url: str) -> RedirectResponse:
    return RedirectResponse(url, 303, HEADERS)


def message(title: str, words: str = "", *, status: int = 200, back: str | None = None) -> Any:
    """A page that says one thing."""
    return page("message.html", status, title=title, words=words, back=back)


def amount(minor: int, currency: str) -> str:
    """As people write it."""
    return Money(minor, currency.upper()).format()


async def posted(request: Request) -> dict[str, str]:
    """The fields of a small form; what no text has is left out."""
    form = await request.form(max_fields=20, max_part_size=4096)
    return {k: str(v).replace("\x00", "") for k, v in form.items()}
