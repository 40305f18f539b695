"""The relation of coach and client; its row-level security stands in migration 0003."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Text, UniqueConstraint, text
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class Engagement(Base, table=True):
    __tablename__ = "engagements"
    __table_args__ = (UniqueConstraint("coach_id", "client_id", name="uq_engagements_coach_id"),)

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    client_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    status: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
