"""Reading the development mailbox."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Column, LargeBinary, Text, text
from sqlmodel import Field

from loom_app.kit.actor import Actor
from loom_app.kit.db.base import Base, id_column, instant
from loom_app.kit.db.transaction import transaction

_JOB = Actor.system_job("mailbox")


class MailboxMessage(Base, table=True):
    """A mail that would have been sent."""

    __tablename__ = "mailbox_messages"

    id: int | None = Field(default=None, sa_column=id_column())
    reference: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    recipient: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    received_at: datetime = Field(sa_column=instant())


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as the mailbox shows it."""

    id: int
    recipient: str
    subject: str
    received_at: datetime
    message: EmailMessage


async def newest(recipient: str = "", limit: int = 100) -> list[Received]:
    """Newest first; all recipients, or one."""
    async with transaction(_JOB) as tx:
        rows = await tx.db.execute(
            text(
                "SELECT id, recipient, subject, received_at, raw FROM mailbox_messages"
                " WHERE :r = '' OR recipient = :r ORDER BY id DESC LIMIT :n"
            ),
            {"r": recipient, "n": limit},
        )
        return [Received(*row[:4], message=_parse(row[4])) for row in rows]


async def one(message_id: int) -> Received | None:
    async with transaction(_JOB) as tx:
        row = (
            await tx.db.execute(
                text(
                    "SELECT id, recipient, subject, received_at, raw FROM mailbox_messages"
                    " WHERE id = :i"
                ),
                {"i": message_id},
            )
        ).first()
    return Received(*row[:4], message=_parse(row[4])) if row else None


def _parse(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)  # noqa: S101 - what the default policy makes
    return parsed
