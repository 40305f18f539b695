"""Writing the trail."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant
from loom_app.kit.db.transaction import Tx


def _words() -> Column[str]:
    return Column(Text, nullable=False, server_default=text("''"))


class AuditEntry(Base, table=True):
    """Never changed, and deleted by the retention only: the role has no grant, a trigger refuses.

    `address` and `agent` are those of the request or of the sign-in, "" for jobs.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject", "subject_id"),
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_actor", "actor", "id"),
        Index("ix_audit_entries_verb", "verb", "id"),
        Index("ix_audit_entries_address", "address", "at", postgresql_where=text("address <> ''")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    at: datetime = Field(sa_column=instant(default=text("now()")))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    verb: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    subject_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    address: str = Field(default="", sa_column=_words())
    agent: str = Field(default="", sa_column=_words())
    session_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    reason: str = Field(default="", sa_column=_words())


_INSERT = text(
    "INSERT INTO audit_entries (at, actor, verb, subject, subject_id, before, after, address,"
    " agent, session_id, reason) VALUES (:at, :actor, :verb, :subject, :subject_id,"
    " CAST(:before AS jsonb), CAST(:after AS jsonb), :address, :agent, :session_id, :reason)"
)


async def audit(  # noqa: PLR0913 - an entry has these parts
    tx: Tx,
    verb: str,
    subject: str,
    subject_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write an entry in the transaction of the change; verb is "noun.verb".

    Ids, amounts and states only: names, addresses of mail and what people wrote are never put in,
    since nothing here can be taken out again.
    """
    me = tx.actor
    await tx.db.execute(
        _INSERT,
        {
            "at": tx.now,
            "actor": me.label,
            "verb": verb,
            "subject": subject,
            "subject_id": subject_id,
            "before": json.dumps(before) if before is not None else None,
            "after": json.dumps(after) if after is not None else None,
            "address": me.network[:64],
            "agent": me.agent[:300],
            "session_id": me.session_id,
            "reason": reason[:500],
        },
    )
