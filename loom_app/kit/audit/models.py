"""Tables beside the entries: their seals, signed checkpoints, and what looked suspicious."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class AuditSeal(Base, table=True):
    """The place of an entry in the chain: `hash` covers the entry and the hash before it."""

    __tablename__ = "audit_seals"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entry_id: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    hash: str = Field(sa_column=Column(Text, nullable=False))
    sealed_at: datetime = Field(sa_column=instant())


class AuditCheckpoint(Base, table=True):
    """A hash of the chain, signed with the key of the settings; "base": what was up to it is
    forgotten by the retention, "seal": still there."""

    __tablename__ = "audit_checkpoints"

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=Column(Text, nullable=False))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=instant())
    mac: str = Field(sa_column=Column(Text, nullable=False))


class AuditFlag(Base, table=True):
    """Something in the trail that a person should look at; `key` makes it once."""

    __tablename__ = "audit_flags"
    __table_args__ = (Index("ix_audit_flags_at", "at"),)

    id: int | None = Field(default=None, sa_column=id_column())
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    person_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    )
    address: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    at: datetime = Field(sa_column=instant())
    seen_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    seen_by: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )
