"""Tables of payments. Policies and triggers stand in migration 0004."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant

LIVE = ("created", "pending")
PAID = ("succeeded", "refunded")


def _user() -> Any:
    return Column(BigInteger, ForeignKey("users.id"), nullable=False, index=True)


def _required(kind: Any = Text, **options: Any) -> Any:
    return Column(kind, nullable=False, **options)


class Charge(Base, table=True):
    """One attempt to be paid for one payable. The fee is fixed here and never recomputed."""

    __tablename__ = "charges"
    __table_args__ = (
        Index("ix_charges_payable", "payable_kind", "payable_id"),
        # two open attempts for one thing would be two payments
        Index(
            "uq_charges_live",
            "payable_kind",
            "payable_id",
            unique=True,
            postgresql_where=text("status IN ('created', 'pending')"),
        ),
        Index(
            "ix_charges_open",
            "updated_at",
            postgresql_where=text("status IN ('created', 'pending')"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    payable_kind: str = Field(sa_column=_required())
    payable_id: int = Field(sa_column=_required(BigInteger))
    payer_id: int = Field(sa_column=_user())
    coach_id: int = Field(sa_column=_user())
    amount: int = Field(sa_column=_required(BigInteger))
    currency: str = Field(sa_column=_required())
    fee_bps: int = Field(sa_column=_required(Integer))
    fee_fixed: int = Field(sa_column=_required(BigInteger))
    fee: int = Field(sa_column=_required(BigInteger))
    refunded: int = Field(default=0, sa_column=_required(BigInteger, server_default=text("0")))
    description: str = Field(sa_column=_required())
    return_path: str = Field(sa_column=_required())
    cancel_path: str = Field(sa_column=_required())
    status: str = Field(default="created", sa_column=_required())
    checkout_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    checkout_url: str | None = Field(default=None, sa_column=Column(Text))
    intent_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    decline_code: str | None = Field(default=None, sa_column=Column(Text))
    expires_at: datetime = Field(sa_column=instant())
    paid_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    updated_at: datetime = Field(sa_column=instant(default=text("now()")))


class Refund(Base, table=True):
    """Money on its way back. `charges.refunded` counts it from the moment it is asked for."""

    __tablename__ = "refunds"
    __table_args__ = (
        Index(
            "ix_refunds_open",
            "created_at",
            postgresql_where=text("status IN ('requested', 'pending')"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    charge_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("charges.id"), nullable=False, index=True)
    )
    amount: int = Field(sa_column=_required(BigInteger))
    currency: str = Field(sa_column=_required())
    reason: str = Field(sa_column=_required())
    status: str = Field(default="requested", sa_column=_required())
    processor_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    problem: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class LedgerAccount(Base, table=True):
    """A place where money is; `person_id` is whose, null for the platform's own."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint(
            "kind", "person_id", name="uq_ledger_accounts_kind", postgresql_nulls_not_distinct=True
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=_required())
    person_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("users.id"), index=True)
    )


class LedgerTransaction(Base, table=True):
    """A movement of money with its cause; its entries sum to zero in each currency."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (Index("ix_ledger_transactions_payable", "payable_kind", "payable_id"),)

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=_required())
    external_ref: str = Field(sa_column=_required(unique=True))
    payable_kind: str | None = Field(default=None, sa_column=Column(Text))
    payable_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    charge_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("charges.id"), index=True)
    )
    reverses_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("ledger_transactions.id"), unique=True),
    )
    occurred_at: datetime = Field(sa_column=instant())
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    sealed_by: int = Field(
        sa_column=_required(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    )


class LedgerEntry(Base, table=True):
    """One leg: debits are positive, credits negative."""

    __tablename__ = "ledger_entries"

    id: int | None = Field(default=None, sa_column=id_column())
    transaction_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("ledger_transactions.id"), nullable=False, index=True
        )
    )
    account_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("ledger_accounts.id"), nullable=False, index=True)
    )
    amount: int = Field(sa_column=_required(BigInteger))
    currency: str = Field(sa_column=_required())


class ExternalEvent(Base, table=True):
    """What the processor told us, stored once by its id, handled from the queue."""

    __tablename__ = "external_events"
    __table_args__ = (UniqueConstraint("source", "event_id", name="uq_external_events_source"),)

    id: int | None = Field(default=None, sa_column=id_column())
    source: str = Field(sa_column=_required())
    event_id: str = Field(sa_column=_required())
    type: str = Field(sa_column=_required())
    object_type: str = Field(sa_column=_required())
    object_id: str = Field(sa_column=_required())
    account: str | None = Field(default=None, sa_column=Column(Text))
    payload: dict[str, Any] = Field(sa_column=_required(JSONB))
    received_at: datetime = Field(sa_column=instant(default=text("now()")))
    handled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    outcome: str | None = Field(default=None, sa_column=Column(Text))
