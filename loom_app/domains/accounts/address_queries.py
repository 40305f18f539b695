"""Reads by address: for who has a reason to ask, and tells nobody. Re-exported by `queries`."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts.models import Credential
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

SYSTEM = "accounts.address"


async def ids_of_addresses(tx: Tx, keys: Collection[str]) -> dict[str, int]:
    """Who has an account, by `email_key`."""
    async with tx.acting_as_system(SYSTEM):
        rows = await tx.db.execute(
            select(col(Credential.email_key), col(Credential.user_id)).where(
                col(Credential.email_key).in_(keys)
            )
        )
        return {key: user_id for key, user_id in rows if user_id is not None}


async def address_of(tx: Tx, user_id: int) -> str:
    """Raises NotFound."""
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.scalar(
            select(col(Credential.email)).where(col(Credential.user_id) == user_id)
        )
    if found is None:
        raise NotFound
    return found


async def addresses_of(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    """Of those who have an account; the caller has asked who may know them."""
    async with tx.acting_as_system(SYSTEM):
        rows = await tx.db.execute(
            select(col(Credential.user_id), col(Credential.email)).where(
                col(Credential.user_id).in_(ids)
            )
        )
        return {user_id: email for user_id, email in rows if user_id is not None}
