"""Tables of the platform; their row-level security stands in the migration of that name."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, instant


class PlatformVersion(Base, table=True):
    """What was chosen for an area at one time; the highest number holds. Rows are never changed.

    `chosen` has only what differs from the environment, `changes` what was before and after.
    """

    __tablename__ = "platform_versions"

    area: str = Field(sa_column=Column(Text, primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    chosen: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changes: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    back_to: int | None = Field(default=None, sa_column=Column(Integer))
    saved_by: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id"), nullable=False, index=True)
    )
    at: datetime = Field(sa_column=instant())


class FlagExposure(Base, table=True):
    """How often a feature was asked for on a day (UTC), and what the answer was."""

    __tablename__ = "flag_exposures"

    flag: str = Field(sa_column=Column(Text, primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    enabled: bool = Field(sa_column=Column(Boolean, primary_key=True))
    uses: int = Field(sa_column=Column(BigInteger, nullable=False))
