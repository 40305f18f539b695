"""What each offering has earned: the ledger's sums, by what was sold."""

from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.payments.queries import MOVES, Period, Share
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money

_OFFERINGS = text(
    f"""
    {MOVES}
    SELECT s.offering_id, max(s.title) AS title, m.currency, count(DISTINCT p.id) AS sales,
      sum(m.net)::bigint AS net, sum(m.fee)::bigint AS fee
    FROM moves m JOIN ledger_transactions t ON t.id = m.transaction_id
    JOIN charges c ON c.id = t.charge_id
    JOIN seats p ON c.payable_kind = 'seat' AND p.id = c.payable_id
    JOIN coaching_sessions s ON s.id = p.session_id
    GROUP BY s.offering_id, m.currency ORDER BY m.currency, net DESC, s.offering_id LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class ByOffering:
    offering_id: int
    title: str
    sales: int
    share: Share


async def earned_by_offering(
    tx: Tx, me: Actor, period: Period, *, most: int = 100
) -> list[ByOffering]:
    """One's own offerings, most first within a currency."""
    values = {
        "coach": me.require_person(),
        "since": period.since,
        "until": period.until,
        "most": most,
    }
    async with tx.acting_as_system("payments.earnings"):
        rows = (await tx.db.execute(_OFFERINGS, values)).all()
    return [
        ByOffering(
            row.offering_id,
            row.title,
            row.sales,
            Share(Money(row.net, row.currency), Money(row.fee, row.currency)),
        )
        for row in rows
    ]
