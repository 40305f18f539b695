"""Tables of privacy; their row-level security, and the catalogue of what every table holds of a
person, stand in migration 0050."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Text, text
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class DataExport(Base, table=True):
    """A file with all that Loom has of a person; `done` of `total` parts are in it."""

    __tablename__ = "data_exports"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    status: str = Field(sa_column=Column(Text, nullable=False))
    done: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    total: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    key: str = Field(sa_column=Column(Text, nullable=False))
    bytes: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    asked_at: datetime = Field(sa_column=instant())
    ready_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class AccountDeletion(Base, table=True):
    """Somebody leaves on a day, and may think better of it until then."""

    __tablename__ = "account_deletions"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    asked_at: datetime = Field(sa_column=instant())
    due_at: datetime = Field(sa_column=instant())
    told_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
