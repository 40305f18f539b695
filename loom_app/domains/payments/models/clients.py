"""What a payer keeps: cards, billing details, papers. Policies stand in migration 0017."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, optional, required, user
from loom_app.kit.db.base import Base, id_column, instant


class Payer(Base, table=True):
    """A person as the processor's customer."""

    __tablename__ = "payers"

    user_id: int = Field(sa_column=user(primary=True))
    customer_id: str | None = Field(default=None, sa_column=optional(unique=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class PaymentMethod(Base, table=True):
    """A way to pay that is saved at the processor; never a number."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        Index(
            "uq_payment_methods_default",
            "user_id",
            unique=True,
            postgresql_where=text("is_default AND removed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=user())
    processor_id: str = Field(sa_column=required(unique=True))
    kind: str = Field(sa_column=required())
    brand: str = Field(sa_column=required())
    last4: str = Field(sa_column=required())
    exp_month: int | None = Field(default=None, sa_column=optional(SmallInteger))
    exp_year: int | None = Field(default=None, sa_column=optional(SmallInteger))
    is_default: bool = Field(
        default=False, sa_column=required(Boolean, server_default=text("false"))
    )
    warned_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    removed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class BillingDetails(Base, table=True):
    """What stands on a person's papers; for a seller also the tax they charge."""

    __tablename__ = "billing_details"

    user_id: int = Field(sa_column=user(primary=True))
    name: str = Field(default="", sa_column=required(server_default=text("''")))
    address: str = Field(default="", sa_column=required(server_default=text("''")))
    tax_id: str = Field(default="", sa_column=required(server_default=text("''")))
    tax_name: str = Field(default="", sa_column=required(server_default=text("''")))
    tax_bps: int = Field(default=0, sa_column=required(Integer, server_default=text("0")))
    updated_at: datetime = Field(sa_column=instant(default=text("now()")))


class DocumentCounter(Base, table=True):
    """The last number a seller has given out; its row lock makes numbers gapless."""

    __tablename__ = "document_counters"

    seller_id: int = Field(sa_column=user(primary=True))
    last: int = Field(default=0, sa_column=required(BigInteger, server_default=text("0")))


class Document(Base, table=True):
    """A receipt or a credit note as it was issued: `content` is frozen."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("seller_id", "number", name="uq_documents_seller_id"),
        Index(
            "uq_documents_cause",
            "charge_id",
            "kind",
            text("(coalesce(refund_id, 0))"),
            unique=True,
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    seller_id: int = Field(sa_column=user())
    number: int = Field(sa_column=required(BigInteger))
    kind: str = Field(sa_column=required())
    payer_id: int = Field(sa_column=user())
    charge_id: int = Field(sa_column=link("charges.id", index=True))
    refund_id: int | None = Field(default=None, sa_column=link("refunds.id", null=True, index=True))
    total: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    content: dict[str, Any] = Field(sa_column=required(JSONB))
    issued_at: datetime = Field(sa_column=instant(default=text("now()")))
