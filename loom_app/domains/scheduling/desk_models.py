"""Tables of what staff do about sessions; their row-level security stands in migration 0069."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field

from loom_app.domains.scheduling import models  # noqa: F401 - its tables are referred to
from loom_app.kit.db.base import Base, id_column, instant, words_column


def _link(target: str, rule: str = "CASCADE", *, primary: bool = False, index: bool = True) -> Any:
    return Column(
        BigInteger,
        ForeignKey(target, ondelete=rule),
        nullable=rule == "SET NULL",
        primary_key=primary,
        index=index,
    )


class SessionNote(Base, table=True):
    """What staff know of a session; nobody else reads it."""

    __tablename__ = "session_notes"

    id: int | None = Field(default=None, sa_column=id_column())
    session_id: int = Field(sa_column=_link("coaching_sessions.id"))
    by_id: int | None = Field(default=None, sa_column=_link("users.id", "SET NULL"))
    words: str = Field(sa_column=words_column(None))
    at: datetime = Field(sa_column=instant())


class CallOff(Base, table=True):
    """All coming sessions of somebody are called off: `reason` is for the trail, `words` are told
    to everybody who was to come."""

    __tablename__ = "call_offs"
    __table_args__ = (
        Index(
            "uq_call_offs_open", "person_id", unique=True, postgresql_where=text("done_at IS NULL")
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    person_id: int = Field(sa_column=_link("users.id"))
    by_id: int | None = Field(default=None, sa_column=_link("users.id", "SET NULL"))
    reason: str = Field(sa_column=words_column(None))
    words: str = Field(default="", sa_column=words_column())
    at: datetime = Field(sa_column=instant())
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class CallOffPart(Base, table=True):
    """One of them. `result`: waiting, cancelled, before (somebody had done so), or refused, with
    the `problem`; `back_minor` went back to whoever had paid."""

    __tablename__ = "call_off_parts"
    __table_args__ = (
        CheckConstraint("result IN ('waiting', 'cancelled', 'before', 'refused')", name="result"),
    )

    call_off_id: int = Field(sa_column=_link("call_offs.id", primary=True, index=False))
    session_id: int = Field(sa_column=_link("coaching_sessions.id", primary=True))
    coaching: bool = Field(sa_column=Column(Boolean, nullable=False))
    result: str = Field(default="waiting", sa_column=words_column("waiting"))
    problem: str = Field(default="", sa_column=words_column())
    back_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    currency: str = Field(default="", sa_column=words_column())
    done_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
