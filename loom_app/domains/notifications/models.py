"""Tables of notifications; their row-level security: migrations 0007, 0052, 0054, 0057, 0066."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _person(*, primary: bool = False) -> Column[int]:
    return Column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=primary,
        nullable=False,
    )


class ReminderTimes(Base, table=True):
    """When a person wants to be reminded of sessions: minutes ahead. Without a row: the default."""

    __tablename__ = "reminder_times"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    minutes: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class Delivery(Base, table=True):
    """`key` makes it happen once; `facts` hold ids and codes, never words. `gathered`: it waits
    for the person's next summary. `bounced` and `complained` are what became of a mail that was
    sent."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'gathered', 'sent', 'failed', 'dropped', 'bounced',"
            " 'complained')",
            name="status",
        ),
        Index("ix_deliveries_gathered", "user_id", postgresql_where=text("status = 'gathered'")),
        Index("ix_deliveries_failed", "id", postgresql_where=text("status = 'failed'")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    event: str = Field(sa_column=Column(Text, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    status: str = Field(
        default="queued", sa_column=Column(Text, nullable=False, server_default=text("'queued'"))
    )
    attempts: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    last_error: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=instant(default=text("now()"), index=True))
    due_at: datetime = Field(sa_column=instant(default=text("now()")))
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class NotificationSettings(Base, table=True):
    """How a person wants to hear of things. Without a row: at once, at any hour."""

    __tablename__ = "notification_settings"
    __table_args__ = (
        CheckConstraint("digest IN ('none', 'daily', 'weekly')", name="digest"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet"),
    )

    user_id: int = Field(sa_column=_person(primary=True))
    digest: str = Field(
        default="none", sa_column=Column(Text, nullable=False, server_default=text("'none'"))
    )
    quiet_from: time | None = Field(default=None, sa_column=Column(Time))
    quiet_until: time | None = Field(default=None, sa_column=Column(Time))
    paused_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class NotificationChoice(Base, table=True):
    """One square of a person's grid, where it is not as the topic has it by default."""

    __tablename__ = "notification_choices"

    user_id: int = Field(sa_column=_person(primary=True))
    topic: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = Field(sa_column=Column(Text, primary_key=True))
    wanted: bool = Field(sa_column=Column(Boolean, nullable=False))


class Notice(Base, table=True):
    """A line in a person's centre; kept for 90 days."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user_id", "user_id", "id"),
        Index("ix_notices_unread", "user_id", "id", postgresql_where=text("read_at IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_person())
    topic: str = Field(sa_column=Column(Text, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    path: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=instant(index=True))
    read_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class MailSuppression(Base, table=True):
    """An address that nothing is sent to, by its digest; `detail` is what the other side said."""

    __tablename__ = "mail_suppressions"
    __table_args__ = (CheckConstraint("reason IN ('bounced', 'complained')", name="reason"),)

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    detail: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=instant())


class PushDevice(Base, table=True):
    """A browser that takes pushes, under the sign-in that it was asked in. `digest` is that of its
    endpoint, which one browser has for one person at a time. A sign-in that is over and forgotten
    leaves its number here: who signs in there again is found by it. `server_key` is the public key
    of ours that it subscribed with, "" where that was not written down yet."""

    __tablename__ = "push_devices"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    session_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    name: str = Field(sa_column=Column(Text, nullable=False))
    endpoint: str = Field(sa_column=Column(Text, nullable=False))
    digest: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    p256dh: str = Field(sa_column=Column(Text, nullable=False))
    auth: str = Field(sa_column=Column(Text, nullable=False))
    server_key: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
    used_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class Phone(Base, table=True):
    """A person's number in E.164: being proven by a code, proven, or stopped by its word."""

    __tablename__ = "phones"

    user_id: int = Field(sa_column=_person(primary=True))
    number: str = Field(sa_column=Column(Text, nullable=False, index=True))
    code_digest: str | None = Field(default=None, sa_column=Column(Text))
    code_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    tries: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    verified_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    stopped_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant())


class StoppedNumber(Base, table=True):
    """A number that answered STOP, by a keyed digest: kept when the number itself is gone."""

    __tablename__ = "stopped_numbers"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=instant())


class SentText(Base, table=True):
    """A text message of a delivery, or a code: written before it leaves, so that it leaves once."""

    __tablename__ = "texts"
    __table_args__ = (
        CheckConstraint(
            "status IN ('sending', 'queued', 'sent', 'delivered', 'undelivered', 'failed')",
            name="status",
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    delivery_id: int | None = Field(default=None, sa_column=Column(BigInteger, unique=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    topic: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    sid: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    error: str | None = Field(default=None, sa_column=Column(Text))
    segments: int | None = Field(default=None, sa_column=Column(Integer))
    price_micros: int | None = Field(default=None, sa_column=Column(BigInteger))
    currency: str | None = Field(default=None, sa_column=Column(Text))
    sent_at: datetime = Field(sa_column=instant(index=True))


class TextAnswer(Base, table=True):
    """The carrier's name of what somebody wrote back, so that it is done once."""

    __tablename__ = "text_answers"

    sid: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=instant())


class MessageNotice(Base, table=True):
    """How far a person was told of unread messages; `read_number` as it was then."""

    __tablename__ = "message_notices"

    user_id: int = Field(sa_column=_person(primary=True))
    conversation_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("conversations.id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        )
    )
    read_number: int = Field(sa_column=Column(BigInteger, nullable=False))
    mailed_up_to: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    mailed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    pushed_up_to: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    pushed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
