"""/dev/mail: every mail that Loom would have sent; /dev/code: the code of the demo person of staff.
In development only."""

from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from loom_app.http import drawn
from loom_app.integrations.mail import mailbox
from loom_app.kit.i18n.times import when
from loom_app.kit.security.demo import demo_code
from loom_app.kit.settings import settings
from loom_app.kit.text import t


async def inbox(request: Request) -> Response:
    found = await mailbox.newest(request.query_params.get("to", "")[:200])
    rows = "".join(
        f"<li><a href='/dev/mail/{mail.id}'><strong>{escape(mail.subject)}</strong>"
        f"<small>{escape(mail.recipient)} · {escape(when(mail.received_at, 'UTC'))} UTC</small>"
        "</a></li>"
        for mail in found
    )
    empty = f"<p>{escape(t('No mail yet. It arrives here when Loom sends some.'))}</p>"
    every = f"<p><a href='/dev/mail/gallery'><u>{escape(t('Every mail that there is'))}</u></a></p>"
    heading = f"<h1>{escape(t('Mailbox'))}</h1>"
    return drawn.page(t("Mailbox"), heading + every + (f"<ul>{rows}</ul>" if rows else empty))


async def _found(request: Request) -> mailbox.Received:
    mail = await mailbox.one(request.path_params["mail_id"])
    if mail is None:
        raise HTTPException(404)
    return mail


async def read(request: Request) -> Response:
    mail = await _found(request)
    files = "".join(
        f"<li><a href='/dev/mail/{mail.id}/file'>{escape(part.get_filename() or 'file')}</a></li>"
        for part in mail.message.iter_attachments()
    )
    return drawn.page(
        mail.subject,
        f"<p><a href='/dev/mail'>← {escape(t('Mailbox'))}</a></p><h1>{escape(mail.subject)}</h1>"
        f"<p><small>{escape(mail.recipient)}</small></p>"
        f"<iframe title='{escape(t('The mail'))}' src='/dev/mail/{mail.id}/html'></iframe>"
        f"<ul>{files}</ul>",
    )


async def html(request: Request) -> Response:
    body = (await _found(request)).message.get_body(("html", "plain"))
    return HTMLResponse(body.get_content() if body is not None else "")


async def file(request: Request) -> Response:
    for part in (await _found(request)).message.iter_attachments():
        return Response(
            part.get_content(),
            media_type=part.get_content_type(),
            headers={"content-disposition": f'attachment; filename="{part.get_filename()}"'},
        )
    raise HTTPException(404)


async def code(_request: Request) -> Response:
    """What the app of the demo person of staff would show."""
    words = t("The code of sam@loom.test, good for half a minute and once:")
    return drawn.page(
        t("Demo code"),
        f"<h1>{escape(t('Demo code'))}</h1><p>{escape(words)}</p>"
        f"<p><strong>{demo_code()}</strong></p>",
    )


def routes() -> list[Route]:
    """None in production: mail goes out there."""
    if settings().production:
        return []
    return [
        Route("/dev/code", code),
        Route("/dev/mail", inbox),
        Route("/dev/mail/{mail_id:int}", read),
        Route("/dev/mail/{mail_id:int}/html", html),
        Route("/dev/mail/{mail_id:int}/file", file),
    ]
