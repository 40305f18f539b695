"""Tables of notifications; their row-level security stands in migration 0007."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class ReminderTimes(Base, table=True):
    """When a person wants to be reminded of sessions: minutes ahead. Without a row: the default."""

    __tablename__ = "reminder_times"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    minutes: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class Delivery(Base, table=True):
    """`key` makes it happen once; `facts` hold ids and codes, never words."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sent', 'failed', 'dropped')", name="status"),
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
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
