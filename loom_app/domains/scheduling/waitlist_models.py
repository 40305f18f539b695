"""Tables of the waitlist; constraints and row-level security stand in migration 0034."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, text
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant

ONE_TIME = timedelta(minutes=1)  # the span of who waits for one start


class WaitlistEntry(Base, table=True):
    """Somebody waits for a time of an offering that begins in [since, until); any, where these are
    empty. The line is one for each coach, in the order of `place`."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        Index(
            "ix_waitlist_entries_line",
            "coach_id",
            "place",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "uq_waitlist_entries_wish",
            "client_id",
            "offering_id",
            "since",
            "until",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    client_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    coach_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    offering_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("offerings.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    # waiting; or booked, left, over
    status: str = Field(
        default="waiting", sa_column=Column(Text, nullable=False, server_default=text("'waiting'"))
    )
    joined_at: datetime = Field(sa_column=instant())
    # who lets an offer go, or run out, takes a new one at the end of the line
    place: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger, nullable=False, server_default=text("nextval('waitlist_places')")
        ),
    )

    @property
    def one_time(self) -> bool:
        """One start is waited for, not a day."""
        return (
            self.since is not None
            and self.until is not None
            and self.until - self.since <= ONE_TIME
        )

    def wants(self, start: datetime) -> bool:
        """Whether a time is one of those waited for."""
        return self.since is None or self.until is None or self.since <= start < self.until


class WaitlistOffer(Base, table=True):
    """A seat that is held for who was first in line, and what they answered.

    "": open. "taken": they go on to book it. "missed": they let it run out, or left it in the
    middle. "gone": its time was called off meanwhile.
    """

    __tablename__ = "waitlist_offers"

    id: int | None = Field(default=None, sa_column=id_column())
    entry_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("waitlist_entries.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        )
    )
    seat_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("seats.id", ondelete="CASCADE"), nullable=False, unique=True
        )
    )
    starts_at: datetime = Field(sa_column=instant())
    made_at: datetime = Field(sa_column=instant())
    until: datetime = Field(sa_column=instant())
    answer: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
