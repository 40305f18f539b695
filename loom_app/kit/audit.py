"""The audit trail: who did what to which thing, append-only."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant
from loom_app.kit.db.transaction import Tx


class AuditEntry(Base, table=True):
    """Never changed, never deleted: the role has no grant and a trigger refuses."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "subject_id"),)

    id: int | None = Field(default=None, sa_column=id_column())
    at: datetime = Field(sa_column=instant(default=text("now()")))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    verb: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    subject_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))


_INSERT = text(
    "INSERT INTO audit_entries (at, actor, verb, subject, subject_id, before, after)"
    " VALUES (:at, :actor, :verb, :subject, :subject_id,"
    " CAST(:before AS jsonb), CAST(:after AS jsonb))"
)


async def audit(
    tx: Tx,
    verb: str,
    subject: str,
    subject_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an entry in the transaction of the change; verb is "noun.verb"."""
    await tx.db.execute(
        _INSERT,
        {
            "at": tx.now,
            "actor": tx.actor.label,
            "verb": verb,
            "subject": subject,
            "subject_id": subject_id,
            "before": json.dumps(before) if before is not None else None,
            "after": json.dumps(after) if after is not None else None,
        },
    )
