"""Tables of messaging; their row-level security stands in migration 0006."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


def _count(default: int = 0) -> Column[int]:
    return Column(BigInteger, nullable=False, server_default=text(str(default)))


class Conversation(Base, table=True):
    """Both counters move under the row's lock: numbers people see, and changes tabs catch up by."""

    __tablename__ = "conversations"

    id: int | None = Field(default=None, sa_column=id_column())
    engagement_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("engagements.id", ondelete="CASCADE"), unique=True),
    )
    message_count: int = Field(default=0, sa_column=_count())
    change_count: int = Field(default=0, sa_column=_count())
    last_message_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    last_preview: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
    last_sender_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Member(Base, table=True):
    """Unread is message_count − read_number: exact without counting."""

    __tablename__ = "conversation_members"

    conversation_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        )
    )
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    first_number: int = Field(default=1, sa_column=_count(1))
    read_number: int = Field(default=0, sa_column=_count())
    change: int = Field(default=0, sa_column=_count())
    joined_at: datetime = Field(sa_column=instant(default=text("now()")))


class Message(Base, table=True):
    """`number` is gapless; `change` is the conversation's change that last touched the row."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number", name="uq_messages_conversation_id"),
        UniqueConstraint("sender_id", "client_id", name="uq_messages_sender_id"),
        CheckConstraint("kind IN ('text', 'system')", name="kind"),
        CheckConstraint("length(body) BETWEEN 1 AND 4000", name="body"),
        Index("ix_messages_change", "conversation_id", "change", unique=True),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    conversation_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        )
    )
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    change: int = Field(sa_column=Column(BigInteger, nullable=False))
    sender_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    )
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    kind: str = Field(
        default="text", sa_column=Column(Text, nullable=False, server_default=text("'text'"))
    )
    body: str = Field(sa_column=Column(Text, nullable=False))
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    sent_at: datetime = Field(sa_column=instant())


class Seen(Base, table=True):
    """When a person was last here; written in batches, not with every move."""

    __tablename__ = "presences"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    seen_at: datetime = Field(sa_column=instant())
