"""Doors that mail leads to: ending mails of a topic, and what became of a mail that left."""

from html import escape

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loom_app.domains.notifications import bounces, unsubscribing
from loom_app.http import drawn
from loom_app.http.forms import field
from loom_app.integrations.mail import reports
from loom_app.kit import outside
from loom_app.kit.db.transaction import transaction
from loom_app.kit.text import t

LARGEST = 200_000

log = structlog.get_logger("mail")


async def look(request: Request) -> Response:
    """Changes nothing: programs that look for dangerous links open it as well."""
    async with transaction(unsubscribing.DOOR) as tx:
        found = await unsubscribing.read(tx, request.path_params["token"])
    return _page(found, done=False)


async def switch(request: Request) -> Response:
    """By the page's button, or by a mail program (RFC 8058), which knows no page."""
    form = await request.form()
    async with transaction(unsubscribing.DOOR) as tx:
        wanted = field(form, "mail") == "on"
        found = await unsubscribing.switch(tx, request.path_params["token"], wanted=wanted)
    return _page(found, done=True)


def _page(found: unsubscribing.Square, *, done: bool) -> Response:
    about = found.about.alone
    if found.wanted:
        title = t("You get mail about this again") if done else t("No more mail about this?")
        words, value, action = t("Mail about: {topic}.", topic=about), "off", t("No more of it")
    else:
        title = t("No more mail about this")
        words, value = t("It is off: {topic}.", topic=about), "on"
        if found.listed:
            words = f"{words} {t('It stays in your list in Loom.')}"
        action = t("Switch it on again")
    return drawn.page(
        title,
        f"<div class=alone><h1>{escape(title)}</h1><p role=status>{escape(words)}</p>"
        f"<form method=post><input type=hidden name=mail value={value}>"
        f"<button class=go>{escape(action)}</button></form>"
        f"<p><a href='/settings/notifications'><u>{escape(t('Choose what you hear of'))}</u></a>"
        "</p></div>",
    )


async def reported(request: Request) -> Response:
    """What a mail server of one's own tells, signed; see `integrations/mail/reports.py`."""
    return await _take(request, reports.ours)


async def postmark(request: Request) -> Response:
    return await _take(request, reports.postmark)


async def _take(request: Request, read: reports.Reader) -> Response:
    if not reports.is_on():
        return PlainTextResponse("not found", 404)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST:
            return PlainTextResponse("too large", 413)
    try:
        told = read(bytes(raw), request.headers)
    except reports.NotProven as error:
        log.warning("mail.refused", reason=str(error))
        return PlainTextResponse("not proven", 401)
    except ValueError:
        return PlainTextResponse("not understood", 400)
    outside.worked("mail.webhooks")
    if told is not None:
        async with transaction(bounces.DOOR) as tx:
            await bounces.record(tx, told)
    return PlainTextResponse("kept" if told else "nothing to keep")


routes = [
    Route("/unsubscribe/{token}", look, methods=["GET"]),
    Route("/unsubscribe/{token}", switch, methods=["POST"]),
    Route("/webhooks/mail", reported, methods=["POST"]),
    Route("/webhooks/postmark", postmark, methods=["POST"]),
]
