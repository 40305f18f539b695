"""Who is of staff."""

from loom_app.domains.accounts.actions.signing_in import find_credential
from loom_app.domains.accounts.models import (
    User,
)
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t


async def appoint(tx: Tx, email: str, *, staff: bool) -> None:
    """Make somebody staff, or end that; for the command line. Raises NotFound."""
    found = await find_credential(tx, email)
    if found is None:
        raise NotFound(t("Nobody has this address."))
    async with tx.acting_as_system("accounts.appoint"):
        user = await tx.db.get_one(User, found[0], with_for_update=True)
        before, roles = user.roles, [role for role in user.roles if role != "staff"]
        user.roles = [*roles, "staff"] if staff else roles
        after = {"roles": user.roles}
        await audit(tx, "account.appoint", "user", found[0], before={"roles": before}, after=after)
    tx.signal(f"person:{found[0]}:profile")
