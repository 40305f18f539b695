"""Who may sell: coaches whose account at Stripe can be paid."""

from collections.abc import Collection

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

_ONE = text("SELECT 1 FROM payout_accounts WHERE user_id = :coach AND status = 'active'")
_MANY = text(
    "SELECT user_id FROM payout_accounts WHERE status = 'active'"
    " AND user_id = ANY(CAST(:coaches AS bigint[]))"
)


async def may_sell(tx: Tx, coach_id: int) -> bool:
    """Whether paid offerings of this coach can be booked now; whoever asks may know that."""
    async with tx.acting_as_system("payments.may_sell"):
        return await tx.db.scalar(_ONE, {"coach": coach_id}) is not None


async def sellers(tx: Tx, coach_ids: Collection[int]) -> frozenset[int]:
    """Those of the coaches who may sell."""
    async with tx.acting_as_system("payments.may_sell"):
        found = await tx.db.scalars(_MANY, {"coaches": list(coach_ids)})
        return frozenset(found)
