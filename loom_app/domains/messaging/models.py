"""Tables of messaging; their row-level security stands in migration 0006."""

from datetime import datetime
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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _count(default: int = 0) -> Column[int]:
    return Column(BigInteger, nullable=False, server_default=text(str(default)))


def _whole(default: int = 0) -> Column[int]:
    return Column(Integer, nullable=False, server_default=text(str(default)))


def _flag(*, on: bool = False) -> Column[bool]:
    return Column(Boolean, nullable=False, server_default=text("true" if on else "false"))


def _list() -> Column[Any]:
    return Column(JSONB, nullable=False, server_default=text("'[]'"))


def _key(table: str, *, rule: str = "CASCADE", primary: bool = False) -> Column[int]:
    return Column(
        BigInteger,
        ForeignKey(f"{table}.id", ondelete=rule),
        primary_key=primary,
        nullable=rule == "SET NULL",
        index=not primary,
    )


class Conversation(Base, table=True):
    """Both counters move under the row's lock: numbers people see, and changes tabs catch up by."""

    __tablename__ = "conversations"
    __table_args__ = (CheckConstraint("kind IN ('pair', 'group', 'support')", name="kind"),)

    id: int | None = Field(default=None, sa_column=id_column())
    engagement_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("engagements.id", ondelete="CASCADE"), unique=True),
    )
    message_count: int = Field(default=0, sa_column=_count())
    change_count: int = Field(default=0, sa_column=_count())
    last_message_at: datetime | None = Field(
        default=None, sa_column=instant(nullable=True, index=True)
    )
    kind: str = Field(default="pair", sa_column=words_column("pair"))
    title: str = Field(default="", sa_column=words_column())
    owner_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Member(Base, table=True):
    """`unread` is kept under the conversation's lock, so that it is exact without counting."""

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
    unread: int = Field(default=0, sa_column=_count())
    delivered_number: int = Field(default=0, sa_column=_count())
    receipts: bool = Field(default=True, sa_column=_flag(on=True))
    joined_at: datetime = Field(sa_column=instant(default=text("now()")))


class Message(Base, table=True):
    """`number` is gapless; `change` is the conversation's change that last touched the row."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number", name="uq_messages_conversation_id"),
        UniqueConstraint("sender_id", "client_id", name="uq_messages_sender_id"),
        CheckConstraint("kind IN ('text', 'system', 'proposal')", name="kind"),
        CheckConstraint(
            "length(body) <= 4000 AND (body <> '' OR files <> '[]' OR deleted_at IS NOT NULL)",
            name="body",
        ),
        Index("ix_messages_change", "conversation_id", "change", unique=True),
        Index(
            "ix_messages_words",
            text("loom_words(conversation_id, body)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(
            "ix_messages_proposals",
            "conversation_id",
            postgresql_where=text("kind = 'proposal'"),
        ),
        Index("ix_messages_senders", "conversation_id", "sender_id"),
        Index("ix_messages_edited_at", "edited_at", postgresql_where=text("edited_at IS NOT NULL")),
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
    edited_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    deleted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    reply_to: int | None = Field(default=None, sa_column=_key("messages", rule="SET NULL"))
    reply_count: int = Field(default=0, sa_column=_whole())
    reactions: list[Any] = Field(sa_column=_list())
    files: list[Any] = Field(sa_column=_list())
    hidden_for: list[int] = Field(
        sa_column=Column(ARRAY(BigInteger), nullable=False, server_default=text("'{}'"))
    )


class Edit(Base, table=True):
    """What a message said before: for moderation only."""

    __tablename__ = "message_edits"

    id: int | None = Field(default=None, sa_column=id_column())
    message_id: int = Field(sa_column=_key("messages"))
    body: str = Field(sa_column=Column(Text, nullable=False))
    edited_at: datetime = Field(sa_column=instant())


class Hidden(Base, table=True):
    """What stood in a message that moderators hid, by these decisions: for them only, while
    somebody may appeal or waits for an answer. `hidden_at` is when the last of them did."""

    __tablename__ = "hidden_messages"

    message_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
        )
    )
    decisions: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    files: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    reactions: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    hidden_at: datetime = Field(sa_column=instant(index=True))


class File(Base, table=True):
    """Something brought along; `message_id` is empty until its message is sent."""

    __tablename__ = "message_files"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'audio', 'voice', 'pdf', 'file')", name="kind"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    conversation_id: int = Field(sa_column=_key("conversations"))
    uploader_id: int | None = Field(default=None, sa_column=_key("users", rule="SET NULL"))
    message_id: int | None = Field(default=None, sa_column=_key("messages", rule="SET NULL"))
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    mime: str = Field(sa_column=Column(Text, nullable=False))
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    width: int = Field(default=0, sa_column=_whole())
    height: int = Field(default=0, sa_column=_whole())
    duration_ms: int = Field(default=0, sa_column=_whole())
    peaks: list[int] = Field(sa_column=_list())
    thumb_key: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())


class Settings(Base, table=True):
    """How one person keeps a conversation: nobody else sees it. A missing row means defaults."""

    __tablename__ = "conversation_settings"

    conversation_id: int = Field(sa_column=_key("conversations", primary=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    archived: bool = Field(default=False, sa_column=_flag())
    muted_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    pinned_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    marked_unread: bool = Field(default=False, sa_column=_flag())
    draft: str = Field(default="", sa_column=words_column())
    draft_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class Seen(Base, table=True):
    """When a person was last here; written in batches, not with every move."""

    __tablename__ = "presences"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    seen_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    hidden: bool = Field(default=False, sa_column=_flag())


class Word(Base, table=True):
    """A word that occurs in some message: neighbours for what was mistyped, never shown."""

    __tablename__ = "message_words"

    id: int | None = Field(default=None, sa_column=id_column())
    word: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class Learned(Base, table=True):
    """How far the vocabulary has read; one row."""

    __tablename__ = "learned_words"

    up_to: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=instant())


class Scheduled(Base, table=True):
    """A message that waits for its time, and not in the other's night where `awake`; gone once it
    is sent."""

    __tablename__ = "scheduled_messages"
    __table_args__ = (
        UniqueConstraint("sender_id", "client_id", name="uq_scheduled_messages_sender_id"),
        CheckConstraint("length(body) BETWEEN 1 AND 4000", name="body"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    conversation_id: int = Field(sa_column=_key("conversations"))
    sender_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    client_id: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    due_at: datetime = Field(sa_column=instant())
    awake: bool = Field(default=False, sa_column=_flag())
    problem: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
