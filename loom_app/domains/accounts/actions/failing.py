"""What did not work and is of interest: into the trail, with no word of what was typed."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.models import Credential
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.security import tokens


async def note_failed_sign_in(tx: Tx, email: str) -> None:
    """A wrong password; of an address that nobody has, its sealed digest is kept."""
    key = rules.email_key(email)
    async with tx.acting_as_system("accounts.sign_in"):
        found = await tx.db.scalar(
            select(col(Credential.user_id)).where(col(Credential.email_key) == key)
        )
    after = None if found else {"address": tokens.seal(key, "failed sign-in")}
    await audit(tx, "account.sign_in_failed", "user", found or 0, after=after)
