"""What the processor tells and holds. Policies stand in migrations 0004 and 0017."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, optional, required
from loom_app.kit.db.base import Base, id_column, instant


class ExternalEvent(Base, table=True):
    """What the processor told us, stored once by its id, handled from the queue."""

    __tablename__ = "external_events"
    __table_args__ = (UniqueConstraint("source", "event_id", name="uq_external_events_source"),)

    id: int | None = Field(default=None, sa_column=id_column())
    source: str = Field(sa_column=required())
    event_id: str = Field(sa_column=required())
    type: str = Field(sa_column=required())
    object_type: str = Field(sa_column=required())
    object_id: str = Field(sa_column=required())
    account: str | None = Field(default=None, sa_column=Column(Text))
    payload: dict[str, Any] = Field(sa_column=required(JSONB))
    received_at: datetime = Field(sa_column=instant(default=text("now()")))
    handled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    outcome: str | None = Field(default=None, sa_column=Column(Text))


class ProcessorMovement(Base, table=True):
    """A balance transaction of Stripe's, mirrored for reconciliation. `account` is empty for the
    platform's own; `ledger_ref` names the movement of the ledger that stands for it."""

    __tablename__ = "processor_movements"
    __table_args__ = (
        Index("ix_processor_movements_source_id", "source_id"),
        Index("ix_processor_movements_made_at", "account", "made_at"),
        Index("ix_processor_movements_ledger_ref", "ledger_ref"),
    )

    id: str = Field(sa_column=Column(Text, primary_key=True))
    account: str = Field(default="", sa_column=required(server_default=text("''")))
    type: str = Field(sa_column=required())
    category: str = Field(sa_column=required())
    amount: int = Field(sa_column=required(BigInteger))
    fee: int = Field(sa_column=required(BigInteger))
    net: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    source_id: str | None = Field(default=None, sa_column=optional())
    status: str = Field(sa_column=required())
    available_on: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    made_at: datetime = Field(sa_column=instant())
    state: str = Field(default="new", sa_column=required(server_default=text("'new'")))
    ledger_ref: str | None = Field(default=None, sa_column=optional())


class ReconciliationFinding(Base, table=True):
    """A difference between the ledger and Stripe, until it is resolved."""

    __tablename__ = "reconciliation_findings"
    __table_args__ = (
        Index(
            "uq_reconciliation_findings_open",
            "kind",
            "ref",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=required())
    ref: str = Field(sa_column=required())
    detail: dict[str, Any] = Field(sa_column=required(JSONB))
    found_at: datetime = Field(sa_column=instant(default=text("now()")))
    resolved_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class Dispute(Base, table=True):
    """A payer's bank wants the money back."""

    __tablename__ = "disputes"

    id: int | None = Field(default=None, sa_column=id_column())
    charge_id: int = Field(sa_column=link("charges.id", index=True))
    processor_id: str = Field(sa_column=required(unique=True))
    amount: int = Field(sa_column=required(BigInteger))
    fee: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    currency: str = Field(sa_column=required())
    reason: str = Field(sa_column=required())
    status: str = Field(sa_column=required())
    evidence: str = Field(default="", sa_column=required(server_default=text("''")))
    due_by: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    submitted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    opened_at: datetime = Field(sa_column=instant(default=text("now()")))
    closed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
