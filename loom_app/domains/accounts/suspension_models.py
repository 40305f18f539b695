"""The table of suspensions; its row-level security stands in migration 0067."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class Suspension(Base, table=True):
    """Somebody may not sign in, until an instant or for good. `case_id` is the decision of
    moderation, which has the appeal; it runs while nothing ended it and its time is not over."""

    __tablename__ = "suspensions"
    __table_args__ = (
        CheckConstraint("ended_how IN ('', 'over', 'appeal', 'lifted')", name="ended_how"),
        CheckConstraint("(ended_at IS NULL) = (ended_how = '')", name="ended"),
        Index(
            "uq_suspensions_running",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    person_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    by_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=instant())
    until_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    ended_how: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
