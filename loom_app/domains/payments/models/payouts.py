"""Paying coaches. Policies stand in migration 0017."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, optional, required, user
from loom_app.kit.db.base import Base, id_column, instant


class PayoutAccount(Base, table=True):
    """A coach's account at Stripe and how they want to be paid. `anchor` is the weekday (0 is
    Monday) or the day of the month."""

    __tablename__ = "payout_accounts"

    user_id: int = Field(sa_column=user(primary=True))
    processor_id: str | None = Field(default=None, sa_column=optional(unique=True))
    status: str = Field(default="new", sa_column=required(server_default=text("'new'")))
    requirements: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=required(JSONB, server_default=text("'[]'"))
    )
    country: str = Field(default="US", sa_column=required(server_default=text("'US'")))
    currency: str = Field(default="USD", sa_column=required(server_default=text("'USD'")))
    interval: str = Field(default="weekly", sa_column=required(server_default=text("'weekly'")))
    anchor: int = Field(default=0, sa_column=required(SmallInteger, server_default=text("0")))
    minimum: int = Field(default=2500, sa_column=required(BigInteger, server_default="2500"))
    synced_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Payout(Base, table=True):
    """Money on its way to a coach: moved to their Stripe account, then to their bank.

    `waits_since`: Stripe has not the money for its next step yet."""

    __tablename__ = "payouts"
    __table_args__ = (
        Index(
            "uq_payouts_open",
            "coach_id",
            "currency",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
        Index(
            "ix_payouts_moving",
            "updated_at",
            postgresql_where=text("status IN ('requested', 'transferred', 'in_transit')"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=user())
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    status: str = Field(default="requested", sa_column=required(server_default=text("'requested'")))
    asked_by: str = Field(sa_column=required())
    transfer_id: str | None = Field(default=None, sa_column=optional(unique=True))
    processor_id: str | None = Field(default=None, sa_column=optional(unique=True))
    attempts: int = Field(default=0, sa_column=required(Integer, server_default=text("0")))
    failure_code: str | None = Field(default=None, sa_column=optional())
    arrives_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    updated_at: datetime = Field(sa_column=instant(default=text("now()")))
    paid_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    waits_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_told_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class PayoutItem(Base, table=True):
    """A ledger entry that a payout settles; an entry is settled once."""

    __tablename__ = "payout_items"

    entry_id: int = Field(sa_column=link("ledger_entries.id", primary_key=True))
    payout_id: int = Field(sa_column=link("payouts.id", index=True))
