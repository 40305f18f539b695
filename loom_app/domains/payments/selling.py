"""Who may sell, and in what: coaches whose account at Stripe can be paid, where Loom is paid."""

from collections.abc import Collection

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx
from loom_app.kit.settings import settings

_ONE = text("SELECT 1 FROM payout_accounts WHERE user_id = :coach AND status = 'active'")
_MANY = text(
    "SELECT user_id FROM payout_accounts WHERE status = 'active'"
    " AND user_id = ANY(CAST(:coaches AS bigint[]))"
)


def settled(currency: str) -> bool:
    """Whether Loom is paid in this currency."""
    return currency in settings().settled


async def sells_in(tx: Tx, coach_id: int) -> frozenset[str]:
    """The currencies in which paid offerings of this coach can be booked now, none before the
    coach can be paid; whoever asks may know that."""
    async with tx.acting_as_system("payments.may_sell"):
        able = await tx.db.scalar(_ONE, {"coach": coach_id}) is not None
    return frozenset(settings().settled) if able else frozenset()


async def sellers(tx: Tx, coach_ids: Collection[int]) -> frozenset[int]:
    """Those of the coaches who can be paid."""
    async with tx.acting_as_system("payments.may_sell"):
        found = await tx.db.scalars(_MANY, {"coaches": list(coach_ids)})
        return frozenset(found)
