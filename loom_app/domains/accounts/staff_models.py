"""Tables of staff: roles, and who has them; row-level security in the migration of that name."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant


class StaffRole(Base, table=True):
    """A set of permissions under a name. The owners' holds all and is never changed."""

    __tablename__ = "staff_roles"
    __table_args__ = (
        Index("uq_staff_roles_owner", "owner", unique=True, postgresql_where=text("owner")),
        Index("uq_staff_roles_name", text("lower(name)"), unique=True),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(sa_column=Column(Text, nullable=False))
    permissions: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    owner: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )


class StaffMember(Base, table=True):
    """Somebody has a role."""

    __tablename__ = "staff_members"

    role_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("staff_roles.id", ondelete="CASCADE"), primary_key=True
        )
    )
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    since: datetime = Field(sa_column=instant())
