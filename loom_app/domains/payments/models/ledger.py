"""The ledger's rows. Triggers and policies stand in migrations 0004 and 0017."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, required
from loom_app.kit.db.base import Base, id_column, instant


class LedgerAccount(Base, table=True):
    """A place where money is; `person_id` is whose, null for the platform's own."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint(
            "kind", "person_id", name="uq_ledger_accounts_kind", postgresql_nulls_not_distinct=True
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=required())
    person_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("users.id"), index=True)
    )


class LedgerTransaction(Base, table=True):
    """A movement of money with its cause; its entries sum to zero in each currency."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (Index("ix_ledger_transactions_payable", "payable_kind", "payable_id"),)

    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=required())
    external_ref: str = Field(sa_column=required(unique=True))
    payable_kind: str | None = Field(default=None, sa_column=Column(Text))
    payable_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    charge_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("charges.id"), index=True)
    )
    payout_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("payouts.id"), index=True)
    )
    reverses_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("ledger_transactions.id"), unique=True),
    )
    occurred_at: datetime = Field(sa_column=instant())
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    sealed_by: int = Field(
        sa_column=required(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    )


class LedgerEntry(Base, table=True):
    """One leg: debits are positive, credits negative. The database gives it its transaction's
    time."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index(
            "ix_ledger_entries_account_time",
            "account_id",
            "occurred_at",
            postgresql_include=["transaction_id", "currency", "amount"],
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    transaction_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("ledger_transactions.id"), nullable=False, index=True
        )
    )
    account_id: int = Field(sa_column=link("ledger_accounts.id"))
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    occurred_at: datetime = Field(sa_column=instant())


class CreditLot(Base, table=True):
    """Credit that came in at once and runs out together. What remains of all lots and what open
    charges keep of them (`CreditUse`) is what the ledger holds."""

    __tablename__ = "credit_lots"
    __table_args__ = (
        Index(
            "ix_credit_lots_live",
            "person_id",
            "currency",
            "expires_at",
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "uq_credit_lots_source",
            "source",
            "source_id",
            unique=True,
            postgresql_where=text("source_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    person_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id"), nullable=False, index=True)
    )
    amount: int = Field(sa_column=required(BigInteger))
    remaining: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    source: str = Field(sa_column=required())
    source_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    expires_at: datetime = Field(sa_column=instant())
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    warned_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class CreditUse(Base, table=True):
    """What a charge took of a lot: kept while the charge is open, spent once it is paid, given
    back to the lot (and gone from here) where it comes to nothing."""

    __tablename__ = "credit_uses"

    charge_id: int = Field(sa_column=link("charges.id", primary_key=True))
    lot_id: int = Field(sa_column=link("credit_lots.id", primary_key=True, index=True))
    amount: int = Field(sa_column=required(BigInteger))
