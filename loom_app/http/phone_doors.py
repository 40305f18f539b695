"""Doors of text messages: what Twilio tells us, signed, and in development what would have left."""

from html import escape
from xml.sax.saxutils import escape as xml

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loom_app.domains.notifications import phones, texts
from loom_app.http import drawn
from loom_app.integrations.sms import client
from loom_app.kit.db.transaction import transaction
from loom_app.kit.i18n.times import when
from loom_app.kit.settings import settings
from loom_app.kit.text import t

log = structlog.get_logger("texts")


async def _told(request: Request) -> dict[str, str] | None:
    """The form, once it is proven to be Twilio's."""
    query = f"?{request.url.query}" if request.url.query else ""
    form = await request.form()
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    signature = request.headers.get("x-twilio-signature", "")
    if not client.proven(f"{request.url.path}{query}", values, signature):
        log.warning("texts.refused", reason="signature")
        return None
    return values if not any("\0" in one for one in values.values()) else None


async def answered(request: Request) -> Response:
    """Somebody wrote back: STOP, START or HELP. Where Twilio has answered them by itself, it says
    so in OptOutType."""
    values = await _told(request)
    if values is None:
        return PlainTextResponse("not proven", 403)
    sid, number, body = (values.get(name, "") for name in ("MessageSid", "From", "Body"))
    async with transaction(texts.TEXTER) as tx:
        words = await phones.answered(tx, sid, number, body)
    said = f"<Message>{xml(words)}</Message>" if words and "OptOutType" not in values else ""
    markup = f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
    return Response(markup, media_type="text/xml")


async def reported(request: Request) -> Response:
    """What became of a text that we sent."""
    values = await _told(request)
    if values is None:
        return PlainTextResponse("not proven", 403)
    number = request.query_params.get("text", "")
    if not (number.isdecimal() and len(number) < 19):
        return PlainTextResponse("not understood", 400)
    about = [values.get(name, "") for name in ("MessageSid", "MessageStatus", "ErrorCode")]
    async with transaction(texts.TEXTER) as tx:
        await texts.reported(tx, int(number), *about)
    return PlainTextResponse("kept")


async def phone(_request: Request) -> Response:
    """`/dev/phone`."""
    rows = "".join(
        f"<li><a><strong>{escape(one.body)}</strong>"
        f"<small>{escape(one.to)} · {escape(when(one.at, 'UTC'))} UTC</small></a></li>"
        for one in client.shown
    )
    empty = f"<p>{escape(t('No text messages yet. They arrive here when Loom sends some.'))}</p>"
    title = t("Phone")
    return drawn.page(title, f"<h1>{escape(title)}</h1>" + (f"<ul>{rows}</ul>" if rows else empty))


def routes() -> list[Route]:
    """The page is not there in production."""
    found = [
        Route("/webhooks/twilio/answer", answered, methods=["POST"]),
        Route("/webhooks/twilio/status", reported, methods=["POST"]),
    ]
    return found if settings().production else [*found, Route("/dev/phone", phone)]
