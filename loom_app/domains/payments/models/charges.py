"""What clients pay and get back. Policies stand in migrations 0004 and 0017."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, optional, required, user
from loom_app.kit.db.base import Base, id_column, instant
from loom_app.kit.money import Money

LIVE = ("created", "pending")
PAID = ("succeeded", "refunded")


class Charge(Base, table=True):
    """One attempt to be paid for one part of a payable, in one way: by a page, by a saved card
    (`card_id`), or by credit alone. The fee is fixed here and never recomputed.

    `part` is full, deposit, rest or no_show; `whole` is the price that it is a part of, and
    `used_card` the card that paid. A no_show is `held` on the card until it is taken or `released`.
    Of what was paid `refunded` is given back or asked for, `disputed` with the payer's bank that
    has not decided, and `lost` to it for good. `surplus`: nothing was owed when it was paid.
    """

    __tablename__ = "charges"
    __table_args__ = (
        Index("ix_charges_payable", "payable_kind", "payable_id"),
        # two open attempts for one thing would be two payments
        Index(
            "uq_charges_live",
            "payable_kind",
            "payable_id",
            "part",
            unique=True,
            postgresql_where=text("status IN ('created', 'pending')"),
        ),
        Index(
            "ix_charges_open",
            "updated_at",
            postgresql_where=text("status IN ('created', 'pending')"),
        ),
        Index(
            "ix_charges_history",
            "payer_id",
            "id",
            postgresql_where=text(
                "status IN ('pending', 'succeeded', 'refunded', 'failed', 'held', 'released')"
            ),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    payable_kind: str = Field(sa_column=required())
    payable_id: int = Field(sa_column=required(BigInteger))
    payer_id: int = Field(sa_column=user())
    coach_id: int = Field(sa_column=user())
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    fee_bps: int = Field(sa_column=required(Integer))
    fee_fixed: int = Field(sa_column=required(BigInteger))
    fee: int = Field(sa_column=required(BigInteger))
    credit: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    part: str = Field(default="full", sa_column=required(server_default=text("'full'")))
    whole: int | None = Field(default=None, sa_column=optional(BigInteger))
    used_card: str | None = Field(default=None, sa_column=optional())
    customer_id: str | None = Field(default=None, sa_column=optional())
    card_id: str | None = Field(default=None, sa_column=optional())
    save_card: bool = Field(
        default=False, sa_column=required(Boolean, server_default=text("false"))
    )
    # which ways the page offers, and since when a bank is asked that takes days to answer
    methods: str = Field(default="card", sa_column=required(server_default=text("'card'")))
    under_way_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    paid_with: str = Field(default="", sa_column=required(server_default=text("''")))
    available_on: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    receipt_url: str | None = Field(default=None, sa_column=optional())
    refunded: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    disputed: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    lost: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    surplus: bool = Field(default=False, sa_column=required(Boolean, server_default=text("false")))
    description: str = Field(sa_column=required())
    return_path: str = Field(sa_column=required())
    cancel_path: str = Field(sa_column=required())
    status: str = Field(default="created", sa_column=required())
    checkout_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    checkout_url: str | None = Field(default=None, sa_column=Column(Text))
    intent_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    decline_code: str | None = Field(default=None, sa_column=Column(Text))
    expires_at: datetime = Field(sa_column=instant())
    paid_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    updated_at: datetime = Field(sa_column=instant(default=text("now()")))

    @property
    def left(self) -> Money:
        """What is neither given back nor lost."""
        return Money(max(0, self.amount - self.refunded - self.lost), self.currency)


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
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    reason: str = Field(sa_column=required())
    as_credit: bool = Field(
        default=False, sa_column=required(Boolean, server_default=text("false"))
    )
    status: str = Field(default="requested", sa_column=required())
    processor_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    problem: str | None = Field(default=None, sa_column=Column(Text))
    # the refund as credit that took the place of one that a bank did not take
    credited_by: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("refunds.id"), unique=True)
    )
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class WaitingRefund(Base, table=True):
    """Goes back as soon as the bank that disputes this charge has decided: `amount` of it, or all
    that was paid for its payable but `keep`."""

    __tablename__ = "waiting_refunds"

    charge_id: int = Field(sa_column=Column(BigInteger, ForeignKey("charges.id"), primary_key=True))
    keep: int = Field(default=0, sa_column=required(BigInteger))
    amount: int | None = Field(default=None, sa_column=optional(BigInteger))
    as_credit: bool = Field(
        default=False,
        sa_column=Column(Boolean, primary_key=True, server_default=text("false")),
    )
    reason: str = Field(sa_column=required())
    created_at: datetime = Field(sa_column=instant())
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class RefundRequest(Base, table=True):
    """A client asks for money back; the coach or staff decides."""

    __tablename__ = "refund_requests"
    __table_args__ = (
        Index(
            "uq_refund_requests_open",
            "charge_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    charge_id: int = Field(sa_column=link("charges.id", index=True))
    asked_by: int = Field(sa_column=user())
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    reason: str = Field(sa_column=required())
    as_credit: bool = Field(
        default=False, sa_column=required(Boolean, server_default=text("false"))
    )
    status: str = Field(default="open", sa_column=required())
    decided_by: int | None = Field(default=None, sa_column=user(null=True))
    note: str = Field(default="", sa_column=required(server_default=text("''")))
    refund_id: int | None = Field(default=None, sa_column=link("refunds.id", null=True, index=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class FeeRule(Base, table=True):
    """What the platform's fee is: for an offering, for all of a coach's, or for everybody."""

    __tablename__ = "fee_rules"
    __table_args__ = (
        UniqueConstraint(
            "coach_id",
            "offering_id",
            name="uq_fee_rules_coach_id",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("users.id"), nullable=True)
    )
    offering_id: int | None = Field(default=None, sa_column=optional(BigInteger))
    bps: int = Field(sa_column=required(Integer))
    fixed: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
