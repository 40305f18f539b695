"""Tables of moderation; their row-level security stands in migrations 0010 and 0014."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _person(*, key: bool = False) -> Column[int]:
    if key:
        return Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    return Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True)


class Block(Base, table=True):
    """One way in the row, both ways in effect."""

    __tablename__ = "blocks"
    __table_args__ = (CheckConstraint("blocker_id <> blocked_id", name="two"),)

    blocker_id: int = Field(sa_column=_person(key=True))
    blocked_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    created_at: datetime = Field(sa_column=instant())


class Report(Base, table=True):
    """What somebody told us; `excerpt` is the message as it stood, should it be deleted."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('harassment', 'spam', 'scam', 'unsafe', 'other')", name="reason"
        ),
        CheckConstraint("outcome IN ('', 'dismiss', 'warn', 'hide', 'suspend')", name="outcome"),
        Index("ix_reports_open", "created_at", postgresql_where=text("status = 'open'")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    reporter_id: int | None = Field(default=None, sa_column=_person())
    person_id: int | None = Field(default=None, sa_column=_person())
    conversation_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey("conversations.id", ondelete="SET NULL"), index=True
        ),
    )
    message_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("messages.id", ondelete="SET NULL"), index=True),
    )
    reason: str = Field(sa_column=words_column(None))
    words: str = Field(default="", sa_column=words_column(""))
    excerpt: str = Field(default="", sa_column=words_column(""))
    status: str = Field(default="open", sa_column=words_column("open"))
    created_at: datetime = Field(sa_column=instant())
    # what staff made of it
    assigned_to: int | None = Field(default=None, sa_column=_person())
    decided_by: int | None = Field(default=None, sa_column=_person())
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    outcome: str = Field(default="", sa_column=words_column(""))


class FilterHit(Base, table=True):
    """What the filter noticed in a message that was delivered."""

    __tablename__ = "filter_hits"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'dismiss', 'warn', 'hide', 'suspend')", name="outcome"),
        Index("ix_filter_hits_open", "created_at", postgresql_where=text("status = 'open'")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    message_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("messages.id", ondelete="CASCADE"), index=True),
    )
    sender_id: int | None = Field(default=None, sa_column=_person())
    rule: str = Field(sa_column=words_column(None))
    explained: str = Field(default="", sa_column=words_column(""))
    status: str = Field(default="open", sa_column=words_column("open"))
    created_at: datetime = Field(sa_column=instant())
    # what staff made of it
    assigned_to: int | None = Field(default=None, sa_column=_person())
    decided_by: int | None = Field(default=None, sa_column=_person())
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    outcome: str = Field(default="", sa_column=words_column(""))
