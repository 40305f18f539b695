"""The table of processes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, instant


class Process(Base, table=True):
    """One that serves now, the people whose tabs it holds, and what it tells of itself."""

    __tablename__ = "processes"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    beat_at: datetime = Field(sa_column=instant())
    people: Any = Field(
        sa_column=Column(ARRAY(BigInteger), nullable=False, server_default=text("'{}'"))
    )
    facts: Any = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
