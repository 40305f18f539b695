"""What is begun with somebody and their leaving wait for each other."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts.models import Credential
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

SYSTEM = "accounts.stay"


async def hold_accounts(tx: Tx, *user_ids: int) -> None:
    """None of these people is erased before the transaction ends; many may hold the same at once.
    Before other locks, or who erases might wait for one of them. Raises NotFound for who has left.
    """
    wanted = set(user_ids)
    async with tx.acting_as_system(SYSTEM):
        found = await tx.db.scalars(
            select(col(Credential.user_id))
            .where(col(Credential.user_id).in_(wanted))
            .order_by(col(Credential.user_id))
            .with_for_update(read=True)
        )
        if set(found) != wanted:
            raise NotFound(t("This person has left Loom."))


async def lock_account(tx: Tx, user_id: int) -> None:
    """Wait for all who hold the account, and let nobody hold it until the transaction ends."""
    async with tx.acting_as_system(SYSTEM):
        await tx.db.get(Credential, user_id, with_for_update=True)
