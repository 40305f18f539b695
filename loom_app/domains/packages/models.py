"""Tables of packages. What keeps a balance true, and policies, stand in migration 0035."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from loom_app.domains.payments.actions import Payable
from loom_app.kit.db.base import Base, id_column, instant, words_column
from loom_app.kit.money import Money

PACKAGE = "package"
# what is not paid yet; a payment that comes in late still buys what it was for
UNPAID = ("waiting", "stale")


def _key(table: str, *, index: bool = False) -> Any:
    return Column(BigInteger, ForeignKey(f"{table}.id"), nullable=False, index=index)


def _number(default: int | None = None) -> Any:
    server_default = None if default is None else text(str(default))
    return Column(Integer, nullable=False, server_default=server_default)


def _minor() -> Any:
    return Column(BigInteger, nullable=False, server_default=text("0"))


class PackageOffer(Base, table=True):
    """So many sessions of any of these offerings, for one price, within so many months."""

    __tablename__ = "package_offers"

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users", index=True))
    name: str = Field(sa_column=words_column(None))
    sessions: int = Field(sa_column=_number())
    price_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=words_column(None))
    months: int = Field(sa_column=_number())
    offering_ids: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    archived_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Package(Base, table=True):
    """What a client bought, as it was offered then. `status` is waiting (to be paid), stale (the
    offer changed before it was), live, or disputed.

    `remaining` is written by the trigger on its entries alone.
    """

    __tablename__ = "packages"
    __table_args__ = (
        Index("ix_packages_client_id", "client_id", "coach_id"),
        Index("ix_packages_coach_id", "coach_id"),
        Index("ix_packages_charge_id", "charge_id"),
        Index("ix_packages_left", "expires_at", postgresql_where=text("remaining > 0")),
        Index(
            "uq_packages_waiting",
            "client_id",
            "offer_id",
            unique=True,
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    offer_id: int = Field(sa_column=_key("package_offers", index=True))
    coach_id: int = Field(sa_column=_key("users"))
    client_id: int = Field(sa_column=_key("users"))
    name: str = Field(sa_column=words_column(None))
    sessions: int = Field(sa_column=_number())
    price_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=words_column(None))
    months: int = Field(sa_column=_number())
    offering_ids: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    status: str = Field(default="waiting", sa_column=words_column("waiting"))
    remaining: int = Field(default=0, sa_column=_number(0))
    charge_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    # of what a bank took back, as much as has taken sessions, or the coach's part of them, along
    lost_minor: int = Field(default=0, sa_column=_minor())
    bought_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    # the client asks for the unused part, the coach answers
    asked_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    asked_why: str = Field(default="", sa_column=words_column())
    answer: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant(default=text("now()")))

    @property
    def payable(self) -> Payable:
        """What payments know it as."""
        return Payable(PACKAGE, self.id or 0)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class PackageEntry(Base, table=True):
    """One line of a package's ledger; only ever added.

    `sessions` is what it does to the balance: bought +N, used -1, returned +1, forfeited and
    refunded -n; earned (a used one took place, or was cancelled too late) 0; restored (one that was
    earned, and the coach had not come) +1. `minor` is the part of the price that was decided by it,
    below zero where that was undone.
    """

    __tablename__ = "package_entries"
    __table_args__ = (
        Index("ix_package_entries_package_id", "package_id", "id"),
        Index(
            "uq_package_entries_bought",
            "package_id",
            unique=True,
            postgresql_where=text("kind = 'bought'"),
        ),
        Index(
            "uq_package_entries_used",
            "payable_kind",
            "payable_id",
            unique=True,
            postgresql_where=text("kind IN ('used')"),
        ),
        Index(
            "uq_package_entries_decided",
            "payable_kind",
            "payable_id",
            unique=True,
            postgresql_where=text("kind IN ('returned', 'earned')"),
        ),
        Index(
            "uq_package_entries_restored",
            "payable_kind",
            "payable_id",
            unique=True,
            postgresql_where=text("kind = 'restored'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    package_id: int = Field(sa_column=_key("packages"))
    kind: str = Field(sa_column=words_column(None))
    sessions: int = Field(sa_column=_number())
    minor: int = Field(default=0, sa_column=_minor())
    payable_kind: str | None = Field(default=None, sa_column=Column(Text))
    payable_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    what: str = Field(default="", sa_column=words_column())
    path: str = Field(default="", sa_column=words_column())
    at: datetime = Field(sa_column=instant())
