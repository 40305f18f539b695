"""Reads of staff: who may what. Re-exported by `queries`."""

from dataclasses import dataclass

from sqlalchemy import Text, cast, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from loom_app.domains.accounts.models import Credential, User
from loom_app.domains.accounts.staff_models import StaffMember, StaffRole
from loom_app.domains.accounts.suspension_queries import suspended
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

# beside a row of users: what the roles of this person list, "*" for an owner
HELD = literal_column(
    "(SELECT array_agg(DISTINCT p) FROM staff_members m JOIN staff_roles r ON r.id = m.role_id,"
    " unnest(r.permissions) p WHERE m.user_id = users.id)",
    ARRAY(Text),
)


@dataclass(frozen=True)
class StaffMemberView:
    id: int
    name: str
    email: str


@dataclass(frozen=True)
class StaffRoleView:
    """A role; `permissions` are names of kit.permissions."""

    id: int
    name: str
    owner: bool
    permissions: tuple[str, ...]
    members: tuple[StaffMemberView, ...]


async def staff_who_may(tx: Tx, permission: str) -> list[int]:
    """Everybody of staff who may do this and can sign in for it, acting as a system."""
    if permission not in permissions.names():
        raise LookupError(permission)
    held = cast(col(StaffRole.permissions), ARRAY(Text))
    async with tx.acting_as_system("accounts.staff"):  # also of suspensions
        found = await tx.db.scalars(
            select(col(StaffMember.user_id))
            .join(StaffRole, col(StaffRole.id) == col(StaffMember.role_id))
            .where(
                held.overlap([permission, permissions.ALL]),
                ~suspended(col(StaffMember.user_id), tx.now),
            )
            .distinct()
        )
        return sorted(found)


async def staff_roles(tx: Tx, me: Actor) -> list[StaffRoleView]:
    """All roles with their people, the owners' first. Raises Forbidden."""
    me.require("people.roles")
    async with tx.acting_as_system("accounts.staff"):
        rows = list(
            await tx.db.scalars(
                select(StaffRole).order_by(col(StaffRole.owner).desc(), col(StaffRole.name)),
                execution_options={"populate_existing": True},
            )
        )
        people = await tx.db.execute(
            select(col(StaffMember.role_id), col(User.id), col(User.name), col(Credential.email))
            .join(User, col(User.id) == col(StaffMember.user_id))
            .join(Credential, col(Credential.user_id) == col(User.id))
            .order_by(col(User.name), col(User.id))
        )
        members: dict[int, list[StaffMemberView]] = {}
        for role_id, user_id, name, email in people:
            members.setdefault(role_id, []).append(StaffMemberView(user_id or 0, name, email))
    return [
        StaffRoleView(
            id=row.id or 0,
            name=row.name,
            owner=row.owner,
            permissions=tuple(sorted(permissions.meant(row.permissions))),
            members=tuple(members.get(row.id or 0, [])),
        )
        for row in rows
    ]


async def role_name(tx: Tx, role_id: int) -> str:
    """Raises NotFound."""
    async with tx.acting_as_system("accounts.staff"):
        found = await tx.db.scalar(select(col(StaffRole.name)).where(col(StaffRole.id) == role_id))
    if found is None:
        raise NotFound
    return found


async def is_of_staff(tx: Tx, user_id: int) -> bool:
    """Whether somebody has a role of staff, acting as `accounts.*`."""
    held = select(col(StaffMember.user_id)).where(col(StaffMember.user_id) == user_id).limit(1)
    return await tx.db.scalar(held) is not None
