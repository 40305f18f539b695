"""When the time to complain is over, what a coach has earned may be paid out."""

from datetime import timedelta

from sqlalchemy import text

from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.rows import locked
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

RELEASE = Actor.system_job("payments.release")
BATCH = 500

# not before the money is there either, and never while a dispute is open
_DUE = text(
    "SELECT t.charge_id FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
    " JOIN ledger_transactions t ON t.id = e.transaction_id JOIN charges c ON c.id = t.charge_id"
    " WHERE a.kind = 'coach_pending' AND t.charge_id > :after"
    " AND (c.available_on IS NULL OR c.available_on <= :now)"
    " AND NOT EXISTS (SELECT 1 FROM disputes d"
    "  WHERE d.charge_id = c.id AND d.closed_at IS NULL)"
    " GROUP BY t.charge_id"
    " HAVING sum(e.amount) FILTER (WHERE t.kind <> 'delivery' OR t.occurred_at <= :until) < 0"
    " ORDER BY t.charge_id LIMIT :batch"
)


async def release() -> int:
    """Free everything that has waited long enough; returns of how many charges. Idempotent."""
    freed, after = 0, 0
    while True:
        async with transaction(RELEASE) as tx:
            until = tx.now - timedelta(hours=settings().release_hours)
            values = {"now": tx.now, "until": until, "after": after, "batch": BATCH}
            due = list(await tx.db.scalars(_DUE, values))
        for charge_id in due:
            async with transaction(RELEASE) as tx:
                freed += await movements.released(tx, await locked(tx, charge_id), until)
        if len(due) < BATCH:
            return freed
        after = due[-1]
