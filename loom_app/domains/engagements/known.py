"""What stands against inviting an address."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.engagements import rules
from loom_app.domains.engagements.errors import AlreadyClient, AlreadyInvited, NotWanted
from loom_app.domains.engagements.models import Engagement, Invitation, UninvitedAddress
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SYSTEM = "engagements.invite"


@dataclass(frozen=True, slots=True)
class Known:
    """What stands against inviting some of many, by their keys."""

    clients: frozenset[str]
    invited: frozenset[str]
    unwilling: frozenset[str]
    own: str
    left: int

    def problem(self, key: str) -> Conflict | None:
        if key == self.own:
            return Conflict(t("This is your own address."), field="email")
        if key in self.clients:
            return AlreadyClient()
        if key in self.invited:
            return AlreadyInvited()
        return NotWanted() if key in self.unwilling else None


async def what_is_known(
    tx: Tx, inviter_id: int, keys: Collection[str], role_id: int | None = None
) -> Known:
    """In four queries, however many. Says of no address whether it has an account, but of one's own
    clients."""
    people = await account_queries.ids_of_addresses(tx, keys)
    own = await account_queries.address_of(tx, inviter_id)
    async with tx.acting_as_system(SYSTEM):
        mine = set(
            await tx.db.scalars(
                select(col(Engagement.client_id)).where(
                    col(Engagement.coach_id) == inviter_id,
                    col(Engagement.client_id).in_(people.values()),
                    col(Engagement.status) == "active",
                )
            )
        )
        waiting = await tx.db.scalars(
            select(col(Invitation.email_key)).where(
                col(Invitation.inviter_id) == inviter_id,
                col(Invitation.email_key).in_(keys),
                func.coalesce(col(Invitation.role_id), 0) == (role_id or 0),
                col(Invitation.status) == "waiting",
                col(Invitation.expires_at) > tx.now,
            )
        )
        digests = {tokens.digest(key): key for key in keys}
        unwilling = await tx.db.scalars(
            select(col(UninvitedAddress.digest)).where(col(UninvitedAddress.digest).in_(digests))
        )
        today = await tx.db.scalar(
            select(func.count()).where(
                col(Invitation.inviter_id) == inviter_id,
                col(Invitation.asked_at) > tx.now - rules.RESEND_AFTER,
            )
        )
        return Known(
            clients=frozenset(key for key, user_id in people.items() if user_id in mine),
            invited=frozenset(waiting),
            unwilling=frozenset(digests[one] for one in unwilling),
            own=account_queries.email_key(own),
            left=max(0, settings().invitations_per_day - (today or 0)),
        )
