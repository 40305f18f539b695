"""A mail as Loom means it, and as the wire wants it (RFC 5322, 2045; calendars by RFC 6047)."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr

from loom_app.kit import clock
from loom_app.kit.settings import settings

DELIVERY = "delivery-"  # and its number: the reference of what a person is owed
# RFC 5322 allows 998 characters; folded at 78 an address would become an encoded word
LONG_LINES = default.clone(max_line_length=990)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """An iCalendar object with its METHOD, for example REQUEST or CANCEL."""

    content: bytes
    method: str
    filename: str = "session.ics"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in the mail, with the two parts of its media type."""

    content: bytes
    filename: str
    main: str
    sub: str


@dataclass(frozen=True, slots=True)
class Mail:
    """`reference` makes the Message-ID: the same mail sent again is recognised as the same.
    `unsubscribe`: an address that ends mails like this one by a POST (RFC 8058)."""

    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    reference: str
    calendar: CalendarFile | None = None
    attachment: Attachment | None = None
    unsubscribe: str = ""


def compose(mail: Mail) -> EmailMessage:
    """Text and HTML; the calendar inline, for clients that offer buttons, and attached."""
    message = EmailMessage(LONG_LINES)
    sender_name, sender = parseaddr(settings().mail_from)
    domain = sender.rpartition("@")[2] or "loom.test"
    message["From"] = Address(sender_name, addr_spec=sender)
    message["To"] = Address(mail.to_name, addr_spec=mail.to_address)
    if reply_to := settings().mail_reply_to:
        message["Reply-To"] = Address(sender_name, addr_spec=reply_to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.reference}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if mail.reference.startswith(DELIVERY):  # a provider tells it back with a bounce
        message["X-PM-Metadata-delivery"] = mail.reference.removeprefix(DELIVERY)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:
        message.add_alternative(
            mail.calendar.content,
            maintype="text",
            subtype="calendar",
            params={"method": mail.calendar.method, "charset": "utf-8"},
            cte="base64",
        )
        message.add_attachment(
            mail.calendar.content,
            maintype="application",
            subtype="ics",
            filename=mail.calendar.filename,
        )
    if mail.attachment is not None:
        file = mail.attachment
        message.add_attachment(
            file.content, maintype=file.main, subtype=file.sub, filename=file.filename
        )
    return message
