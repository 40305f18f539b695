"""/dev/mail/gallery: every mail that there is with sample data, in light and dark and as text. In
development only."""

from html import escape
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from loom_app.domains.notifications.samples import samples
from loom_app.http import drawn
from loom_app.integrations.mail.message import Mail
from loom_app.kit.settings import settings
from loom_app.kit.text import t

DARK = "@media (prefers-color-scheme: dark)"
HOME = "/dev/mail/gallery"


async def index(_request: Request) -> Response:
    parts = []
    for topic, group in groupby(await samples(), key=lambda one: one.topic):
        lines = "".join(_line(one.event, one.mail) for one in group)
        parts.append(f"<h2>{escape(topic)}</h2><ul>{lines}</ul>")
    title = t("Every mail")
    return drawn.page(title, f"<h1>{escape(title)}</h1>{''.join(parts)}")


def _line(event: str, mail: Mail | None) -> str:
    if mail is None:
        words = t("Nothing in this database to show it with; the demo has it all.")
        return f"<li><a><strong>{escape(event)}</strong><small>{escape(words)}</small></a></li>"
    return (
        f"<li><a href='{HOME}/{event}'><strong>{escape(mail.subject)}</strong>"
        f"<small>{escape(event)}</small></a></li>"
    )


async def _found(request: Request) -> Mail:
    found = await samples(request.path_params["event"])
    if not found or found[0].mail is None:
        raise HTTPException(404)
    return found[0].mail


async def one(request: Request) -> Response:
    mail, event = await _found(request), request.path_params["event"]
    frames = "".join(
        f"<h2>{escape(words)}</h2>"
        f"<iframe title='{escape(words)}' src='{HOME}/{event}/{look}'></iframe>"
        for look, words in (("light", t("Light")), ("dark", t("Dark")))
    )
    return drawn.page(
        mail.subject,
        f"<p><a href='{HOME}'>← {escape(t('Every mail'))}</a></p><h1>{escape(mail.subject)}</h1>"
        f"{frames}<h2>{escape(t('As text'))}</h2>"
        f"<pre style='white-space:pre-wrap;overflow-wrap:anywhere'>{escape(mail.text)}</pre>",
    )


async def light(request: Request) -> Response:
    return HTMLResponse((await _found(request)).html.replace(DARK, "@media not all"))


async def dark(request: Request) -> Response:
    return HTMLResponse((await _found(request)).html.replace(DARK, "@media all"))


def routes() -> list[Route]:
    """None in production: it shows rows of people."""
    if settings().production:
        return []
    return [
        Route(HOME, index),
        Route(f"{HOME}/{{event}}", one),
        Route(f"{HOME}/{{event}}/light", light),
        Route(f"{HOME}/{{event}}/dark", dark),
    ]
