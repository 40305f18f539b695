"""The base of all tables."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, Text, text
from sqlmodel import SQLModel

# one naming rule, so that migrations and models speak of the same constraints
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(SQLModel):
    """Tables inherit from this with `table=True`."""

    __tablename__: ClassVar[Any]


def metadata() -> MetaData:
    return SQLModel.metadata


def id_column() -> Any:
    """A bigint identity as primary key, for `Field(default=None, sa_column=id_column())`."""
    return Column(BigInteger, Identity(always=False), primary_key=True)


def instant(*, nullable: bool = False, index: bool = False, default: Any = None) -> Any:
    """A timestamptz column; values are aware UTC."""
    return Column(DateTime(timezone=True), nullable=nullable, index=index, server_default=default)


def words_column(default: str | None = "") -> Any:
    """A text column that is never NULL; without a default where None is given."""
    preset = None if default is None else text(f"'{default}'")
    return Column(Text, nullable=False, server_default=preset)
