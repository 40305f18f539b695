"""Relations of coach and client (row-level security in migration 0003) and invitations."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
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


def _person(*, index: bool = True) -> Any:
    return Column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=index
    )


class Invitation(Base, table=True):
    """One address was asked to be a client, or of the staff (then `role_id`). `mails`: how many it
    was to get; `mailed`: which of them left; `bounced`: what its mail server said against it."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_waiting",
            "inviter_id",
            "email_key",
            text("coalesce(role_id, 0)"),
            unique=True,
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_invitations_inviter_id", "inviter_id", "id"),
        Index("ix_invitations_email_key", "email_key"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    inviter_id: int = Field(sa_column=_person(index=False))
    role_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("staff_roles.id", ondelete="CASCADE"), index=True),
    )
    email: str = Field(sa_column=Column(Text, nullable=False))
    email_key: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(default="", sa_column=Column(Text, nullable=False))
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    mails: int = Field(default=1, sa_column=Column(Integer, nullable=False))
    mailed: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    bounced: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
    created_at: datetime = Field(sa_column=instant())
    asked_at: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant())
    answered_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    accepted_by: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    )


class UninvitedAddress(Base, table=True):
    """Whoever reads this address wants no invitations; only its digest is kept."""

    __tablename__ = "uninvited_addresses"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    since: datetime = Field(sa_column=instant())


class InvitationSheet(Base, table=True):
    """The file of people that a coach looks through before sending; one each."""

    __tablename__ = "invitation_sheets"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    lines: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    made_at: datetime = Field(sa_column=instant())
