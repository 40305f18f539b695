"""The outbox table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class OutboxJob(Base, table=True):
    """One piece of work, written in the transaction of its cause."""

    __tablename__ = "outbox_jobs"
    __table_args__ = (
        Index(
            "ix_outbox_jobs_due",
            "run_at",
            postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(sa_column=Column(Text, nullable=False))
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    key: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    run_at: datetime = Field(sa_column=instant())
    attempts: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    locked_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    last_error: str | None = Field(default=None, sa_column=Column(Text))
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    failed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
