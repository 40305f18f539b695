"""Tables of verification; row-level security and the guards on profiles and seats stand in
migration 0060."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _list() -> Any:
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


def _coach(*, primary: bool = False, index: bool = False) -> Any:
    return Column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=primary,
        nullable=False,
        index=index,
    )


class CoachStanding(Base, table=True):
    """Whether a coach may be booked, and what waits for staff.

    `verified_at` once set stays; `review` is about what was submitted last. `skipped` are steps of
    the guided path. `hidden_at`: staff took the page out of the directory, which only staff undoes.
    """

    __tablename__ = "coach_standings"
    __table_args__ = (
        CheckConstraint("review IN ('none', 'waiting', 'changes')", name="review"),
        CheckConstraint("review <> 'waiting' OR submitted_at IS NOT NULL", name="waiting"),
        Index(
            "ix_coach_standings_waiting",
            "submitted_at",
            postgresql_where=text("review = 'waiting'"),
        ),
    )

    coach_id: int = Field(sa_column=_coach(primary=True))
    verified_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    review: str = Field(default="none", sa_column=words_column("none"))
    submitted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    reason: str = Field(default="", sa_column=words_column())
    skipped: list[str] = Field(default_factory=list, sa_column=_list())
    hidden_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    hidden_why: str = Field(default="", sa_column=words_column())


class CoachCredential(Base, table=True):
    """A proof with its document: who they are ("identity"), or what they learnt ("credential").
    `key` is that of the private store, "" where there is no document (any more)."""

    __tablename__ = "coach_credentials"
    __table_args__ = (
        CheckConstraint("kind IN ('identity', 'credential')", name="kind"),
        CheckConstraint("status IN ('draft', 'waiting', 'verified')", name="status"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_coach(index=True))
    kind: str = Field(sa_column=words_column(None))
    title: str = Field(sa_column=words_column(None))
    issuer: str = Field(default="", sa_column=words_column())
    year: int | None = Field(default=None, sa_column=Column(Integer))
    key: str = Field(default="", sa_column=words_column())
    name: str = Field(default="", sa_column=words_column())
    mime: str = Field(default="", sa_column=words_column())
    bytes: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    status: str = Field(default="draft", sa_column=words_column("draft"))
    created_at: datetime = Field(sa_column=instant())
    verified_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class CoachDecision(Base, table=True):
    """What was submitted and what staff decided; never changed. `snapshot` is what the page said
    when it was submitted, so that the next time says what has changed."""

    __tablename__ = "coach_decisions"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('submitted', 'approved', 'returned', 'hidden', 'shown')", name="kind"
        ),
        Index("ix_coach_decisions_coach_id", "coach_id", "id"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_coach())
    by_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )
    kind: str = Field(sa_column=words_column(None))
    words: str = Field(default="", sa_column=words_column())
    changed: list[str] = Field(default_factory=list, sa_column=_list())
    snapshot: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    at: datetime = Field(sa_column=instant())
