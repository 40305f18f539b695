"""Hand a mail over: to an SMTP server, or into the mailbox."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import text

from loom_app.integrations.mail.message import Mail, compose
from loom_app.kit import outside, retention
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

TIMEOUT_SECONDS = 20
NOBODY = ("5.1.1", "5.1.2", "5.1.3", "5.1.10")  # no such mailbox, no such host, no address
_PUT = text(
    "INSERT INTO mailbox_messages (reference, recipient, subject, raw, received_at)"
    " VALUES (:reference, :recipient, :subject, :raw, :now) ON CONFLICT DO NOTHING"
)

retention.rule(
    "mailbox_messages",
    days=30,
    since="received_at",
    system="mailbox",
    why="mail that development kept",
)


class MailRefused(Exception):
    """The server took the connection and will never take this mail. `nobody_there`: it says that
    there is no such address (RFC 3463), and not that it dislikes us."""

    def __init__(self, words: str, *, nobody_there: bool = False) -> None:
        super().__init__(words)
        self.nobody_there = nobody_there


async def send(mail: Mail) -> None:
    """Raises MailRefused for good, and whatever the network raises for now."""
    message = compose(mail)
    if settings().smtp_url:
        with outside.calling("mail", fine=(MailRefused,)):
            await _by_smtp(message)
    else:
        await _into_mailbox(mail, message)


async def greet() -> str:
    """Sign in at the mail server and send nothing; what it calls itself. Raises what the network or
    the server raises."""
    where = urlsplit(settings().smtp_url)
    server = aiosmtplib.SMTP(
        hostname=where.hostname,
        port=where.port or (465 if where.scheme == "smtps" else 587),
        username=unquote(where.username) if where.username else None,
        password=unquote(where.password) if where.password else None,
        use_tls=where.scheme == "smtps",
        timeout=TIMEOUT_SECONDS,
    )
    async with server:
        await server.noop()
        return f"{where.hostname}:{server.port}"


async def _by_smtp(message: EmailMessage) -> None:
    where = urlsplit(settings().smtp_url)
    try:
        await aiosmtplib.send(
            message,
            hostname=where.hostname,
            port=where.port or (465 if where.scheme == "smtps" else 587),
            username=unquote(where.username) if where.username else None,
            password=unquote(where.password) if where.password else None,
            use_tls=where.scheme == "smtps",
            timeout=TIMEOUT_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        one = error.recipients[0]  # there is never more than one
        if one.code < 500:
            raise
        # servers answer in any encoding, and what is no UTF-8 could not be written down
        said = one.message.encode("utf-8", "replace").decode()
        nobody_there = said.startswith(NOBODY)
        raise MailRefused(f"{one.code} {said}"[:200], nobody_there=nobody_there) from error


async def _into_mailbox(mail: Mail, message: EmailMessage) -> None:
    async with transaction(Actor.system_job("mailbox")) as tx:
        values = {
            "reference": mail.reference,
            "recipient": mail.to_address,
            "subject": mail.subject,
            "raw": message.as_bytes(),
            "now": tx.now,
        }
        await tx.db.execute(_PUT, values)
