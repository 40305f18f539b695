"""The columns that the tables of payments share."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Text


def user(*, null: bool = False, primary: bool = False) -> Any:
    """A column for a person's id."""
    if primary:
        return Column(BigInteger, ForeignKey("users.id"), primary_key=True)
    return Column(BigInteger, ForeignKey("users.id"), nullable=null, index=True)


def required(kind: Any = Text, **options: Any) -> Any:
    """A column that is never null."""
    return Column(kind, nullable=False, **options)


def optional(kind: Any = Text, **options: Any) -> Any:
    """A column that may be null."""
    return Column(kind, nullable=True, **options)


def link(target: str, *, null: bool = False, **options: Any) -> Any:
    """A column that points at another row."""
    return Column(BigInteger, ForeignKey(target), nullable=null, **options)
