"""What is still to be paid, or held, for something that is booked. Policies stand in 0028."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from loom_app.domains.payments.models.columns import link, optional, required, user
from loom_app.kit.db.base import Base, id_column, instant

WAITING = ("planned", "failed")  # nothing is under way
OPEN = (*WAITING, "asked")
# of a price: what a deposit left, or all of it for a later session of a series
OF_THE_PRICE = ("rest", "later")
PARTS = (*OF_THE_PRICE, "no_show")


class Due(Base, table=True):
    """The rest of a price, all of it (`later`), or a no-show fee that is held on the card.

    `amount` of `whole` is due at `due_at`, tried until `until_at`; a hold is let go at
    `release_at`. Status: planned, asked (a charge is under way), failed (and tried again), paid,
    in_person, cancelled; a hold is held, then taking and paid, or letting_go and released.
    """

    __tablename__ = "dues"
    __table_args__ = (
        UniqueConstraint("payable_kind", "payable_id", "part", name="uq_dues_payable_kind"),
        Index(
            "ix_dues_open",
            "due_at",
            postgresql_where=text(
                "status IN ('planned', 'failed', 'held', 'taking', 'letting_go')"
            ),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    payable_kind: str = Field(sa_column=required())
    payable_id: int = Field(sa_column=required(BigInteger))
    part: str = Field(sa_column=required())
    how: str = Field(sa_column=required())
    payer_id: int = Field(sa_column=user())
    coach_id: int = Field(sa_column=user())
    offering_id: int | None = Field(default=None, sa_column=optional(BigInteger))
    amount: int = Field(sa_column=required(BigInteger))
    currency: str = Field(sa_column=required())
    whole: int = Field(sa_column=required(BigInteger))
    description: str = Field(sa_column=required())
    path: str = Field(sa_column=required())
    due_at: datetime = Field(sa_column=instant())
    until_at: datetime = Field(sa_column=instant())
    release_at: datetime = Field(sa_column=instant())
    status: str = Field(default="planned", sa_column=required(server_default=text("'planned'")))
    problem: str | None = Field(default=None, sa_column=optional())
    charge_id: int | None = Field(default=None, sa_column=link("charges.id", null=True, index=True))
    attempts: int = Field(default=0, sa_column=required(Integer, server_default=text("0")))
    announced_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    tried_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    held_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    updated_at: datetime = Field(sa_column=instant(default=text("now()")))
