"""Who is of staff, and what that allows: roles are made, given and taken.

Nobody gives what they may not do themselves, and an owner always remains. All of it happens under
a lock on the owners' role, so that two who take each other's role away wait for each other.
"""

from collections.abc import Collection

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from loom_app.domains.accounts.actions.sessions import shorten
from loom_app.domains.accounts.actions.signing_in import find_credential
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.models import User
from loom_app.domains.accounts.staff_models import StaffMember, StaffRole
from loom_app.domains.accounts.staff_queries import HELD
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.text import t

OWNER = "Owner"
MOST_ROLES = 50
_BEGINNING = {
    "Finance": ["money.see", "money.refund", "fees.set", "events.replay"],
    "Support": ["money.see", "sessions.override", "places.edit", "people.help"],
}
STAFF = "accounts.staff"
TOPIC = "staff:roles"


async def appoint(tx: Tx, email: str, *, role: str = OWNER, staff: bool) -> None:
    """Give somebody a role, or take all away; for the command line.

    Raises NotFound, and Conflict where no owner would be left.
    """
    found = await find_credential(tx, email)
    if found is None:
        raise NotFound(t("Nobody has this address."))
    async with tx.acting_as_system("accounts.appoint"):
        owners = await _owners(tx)
        if staff:
            row = await tx.db.scalar(
                select(StaffRole).where(func.lower(col(StaffRole.name)) == role.casefold())
            )
            if row is None:
                raise NotFound(t("No role has this name."))
            await _give(tx, row, found[0])
            return
        for row in list(await tx.db.scalars(_roles_of(found[0]))):
            await _take(tx, row, found[0], owners)


async def save_role(
    tx: Tx, me: Actor, name: str, allowed: Collection[str], role_id: int = 0
) -> int:
    """Make a role (0) or change one; returns its id. Its people may at once what it says now.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid by field, Conflict.
    """
    _check_may(tx, me)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid(t("Give it a name of up to 60 letters."), field="name")
    if unknown := set(allowed) - permissions.names():
        raise Invalid(t("There is no permission {name}.", name=min(unknown)), field="permissions")
    if not allowed:
        raise Invalid(t("Choose what it allows."), field="permissions")
    _check_within(me, allowed)
    async with tx.acting_as_system(STAFF):
        await _owners(tx)
        await _check_name(tx, name, role_id)
        if role_id:
            row = await _editable(tx, me, role_id)
        else:
            if (await tx.db.scalar(select(func.count(col(StaffRole.id)))) or 0) >= MOST_ROLES:
                raise Conflict(t("These are many already. Remove one first."), field="name")
            row = StaffRole(name="", permissions=[])
            tx.db.add(row)
        before = {"name": row.name, "permissions": row.permissions} if role_id else None
        row.name, row.permissions = name, sorted(allowed)
        await tx.db.flush()
        after = {"name": row.name, "permissions": row.permissions}
        verb = "role.change" if role_id else "role.make"
        await audit(tx, verb, "staff_role", row.id or 0, before=before, after=after)
        await _tell_members(tx, row)
        return row.id or 0


async def drop_role(tx: Tx, me: Actor, role_id: int) -> None:
    """Remove a role; its people lose it. Raises Forbidden, StepUpNeeded, NotFound."""
    _check_may(tx, me)
    async with tx.acting_as_system(STAFF):
        await _owners(tx)
        row = await _editable(tx, me, role_id)
        members = await _tell_members(tx, row)
        before = {"name": row.name, "permissions": row.permissions, "members": members}
        await audit(tx, "role.drop", "staff_role", role_id, before=before)
        await tx.db.delete(row)
        await tx.db.flush()


async def give_role(tx: Tx, me: Actor, role_id: int, email: str) -> None:
    """Somebody with an account and a confirmed address gets a role; having it already is fine.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid.
    """
    _check_may(tx, me)
    found = await find_credential(tx, email)
    async with tx.acting_as_system(STAFF):
        await _owners(tx)
        row = await _within(tx, me, role_id)
        user = await tx.db.get(User, found[0]) if found else None
        if user is None or user.verified_at is None:
            raise Invalid(t("Nobody with a confirmed account has this address."), field="email")
        await _give(tx, row, user.id or 0)


async def check_may_give(tx: Tx, me: Actor, role_id: int) -> None:
    """Raises Forbidden, StepUpNeeded, NotFound: what `give_role` would."""
    _check_may(tx, me)
    async with tx.acting_as_system(STAFF):
        await _within(tx, me, role_id)


async def give_invited_role(tx: Tx, inviter_id: int, role_id: int, user_id: int) -> None:
    """What somebody of staff promised in an invitation, if they may still promise it.

    Raises NotFound for a role that is no more, Forbidden.
    """
    async with tx.acting_as_system(STAFF):
        await _owners(tx)
        row = await tx.db.get(StaffRole, role_id, populate_existing=True)
        if row is None:
            raise NotFound(t("This role is not here."))
        held = await tx.db.scalar(select(HELD).select_from(User).where(col(User.id) == inviter_id))
        powers = permissions.meant(held or [])
        if "people.roles" not in powers or not permissions.meant(row.permissions) <= powers:
            raise Forbidden(t("Who invited you may not give this role any more. Ask anew."))
        await _give(tx, row, user_id)


async def take_role(tx: Tx, me: Actor, role_id: int, user_id: int) -> None:
    """Somebody has a role no more; oneself, too.

    Raises Forbidden, StepUpNeeded, NotFound, Conflict.
    """
    _check_may(tx, me)
    async with tx.acting_as_system(STAFF):
        owners = await _owners(tx)
        row = await _within(tx, me, role_id)
        await _take(tx, row, user_id, owners)


def _check_may(tx: Tx, me: Actor) -> None:
    """Raises Forbidden, StepUpNeeded."""
    me.require("people.roles")
    require_step_up(tx, me)


async def _owners(tx: Tx) -> StaffRole:
    """The owners' role, locked; the first of all times makes it, and two to begin with."""
    made = upsert(StaffRole).values(name=OWNER, permissions=[permissions.ALL], owner=True)
    if await tx.db.scalar(made.on_conflict_do_nothing().returning(col(StaffRole.id))):
        rows = [{"name": name, "permissions": held} for name, held in _BEGINNING.items()]
        await tx.db.execute(insert(StaffRole), rows)
    found = select(StaffRole).where(col(StaffRole.owner)).with_for_update()
    return (await tx.db.scalars(found, execution_options={"populate_existing": True})).one()


def _check_within(me: Actor, allowed: Collection[str]) -> None:
    if not permissions.meant(allowed) <= me.powers:
        raise Forbidden(t("You can only give and take what you may do yourself."))


async def _within(tx: Tx, me: Actor, role_id: int) -> StaffRole:
    row = await tx.db.get(StaffRole, role_id, populate_existing=True)
    if row is None:
        raise NotFound(t("This role is not here."))
    _check_within(me, row.permissions)
    return row


async def _editable(tx: Tx, me: Actor, role_id: int) -> StaffRole:
    row = await _within(tx, me, role_id)
    if row.owner:
        raise Forbidden(t("Owners may do everything, and that does not change."))
    return row


async def _check_name(tx: Tx, name: str, role_id: int) -> None:
    same = func.lower(col(StaffRole.name)) == func.lower(name)
    if await tx.db.scalar(select(col(StaffRole.id)).where(same, col(StaffRole.id) != role_id)):
        raise Invalid(t("There is a role of this name."), field="name")


async def _give(tx: Tx, row: StaffRole, user_id: int) -> None:
    given = upsert(StaffMember).values(role_id=row.id, user_id=user_id, since=tx.now)
    new = given.on_conflict_do_nothing().returning(col(StaffMember.user_id))
    if await tx.db.scalar(new):
        after = {"role": row.name, "permissions": row.permissions}
        await audit(tx, "role.give", "user", user_id, after=after)
        await shorten(tx, user_id)
        _tell(tx, user_id)


async def _take(tx: Tx, row: StaffRole, user_id: int, owners: StaffRole) -> None:
    taken = await tx.db.scalar(
        delete(StaffMember)
        .where(col(StaffMember.role_id) == row.id, col(StaffMember.user_id) == user_id)
        .returning(col(StaffMember.user_id))
    )
    if taken is None:
        raise NotFound(t("This person does not have the role."))
    left = select(func.count()).where(col(StaffMember.role_id) == owners.id)
    if row.owner and not await tx.db.scalar(left):
        raise Conflict(t("There must be an owner. Appoint another one first."))
    before = {"role": row.name, "permissions": row.permissions}
    await audit(tx, "role.take", "user", user_id, before=before)
    _tell(tx, user_id)


def _roles_of(user_id: int) -> Select[StaffRole]:
    return (
        select(StaffRole)
        .join(StaffMember, col(StaffMember.role_id) == col(StaffRole.id))
        .where(col(StaffMember.user_id) == user_id)
        .order_by(col(StaffRole.id))
    )


async def _tell_members(tx: Tx, row: StaffRole) -> list[int]:
    found = await tx.db.scalars(
        select(col(StaffMember.user_id)).where(col(StaffMember.role_id) == row.id)
    )
    members = sorted(found)
    for user_id in members:
        _tell(tx, user_id)
    tx.signal(TOPIC)
    return members


def _tell(tx: Tx, user_id: int) -> None:
    """Open tabs ask anew at once who this is."""
    tx.signal(f"person:{user_id}:profile")
    tx.signal(TOPIC)
