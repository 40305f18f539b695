"""Tables of the moderation queue; their row-level security stands in migration 0067."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field

from loom_app.domains.moderation import models  # noqa: F401 - its tables are referred to
from loom_app.kit.db.base import Base, id_column, instant, words_column


def _link(target: str, rule: str = "SET NULL", *, needed: bool = False) -> Any:
    key = ForeignKey(target, ondelete=rule)
    return Column(BigInteger, key, nullable=not needed, index=True)


class Decision(Base, table=True):
    """What was decided on a case, or noted: `words` are told to the person where one is meant.
    `withdrawn_at`: an appeal took it back, so that it counts against nobody."""

    __tablename__ = "moderation_decisions"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'dismiss', 'warn', 'hide', 'suspend')", name="kind"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    report_id: int | None = Field(default=None, sa_column=_link("reports.id"))
    hit_id: int | None = Field(default=None, sa_column=_link("filter_hits.id"))
    person_id: int | None = Field(default=None, sa_column=_link("users.id"))
    by_id: int | None = Field(default=None, sa_column=_link("users.id"))
    kind: str = Field(sa_column=words_column(None))
    words: str = Field(sa_column=words_column(None))
    until_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    withdrawn_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    at: datetime = Field(sa_column=instant())


class Appeal(Base, table=True):
    """Somebody says that a decision is wrong; one at a time for each decision."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'lifted', 'upheld')", name="status"),
        Index(
            "uq_appeals_open", "decision_id", unique=True, postgresql_where=text("status = 'open'")
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    decision_id: int = Field(sa_column=_link("moderation_decisions.id", "CASCADE", needed=True))
    person_id: int | None = Field(default=None, sa_column=_link("users.id"))
    words: str = Field(sa_column=words_column(None))
    status: str = Field(default="open", sa_column=words_column("open"))
    answer: str = Field(default="", sa_column=words_column(""))
    decided_by: int | None = Field(default=None, sa_column=_link("users.id"))
    at: datetime = Field(sa_column=instant())
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
