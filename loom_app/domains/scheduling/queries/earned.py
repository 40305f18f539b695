"""What each offering has earned: the ledger's sums, by what was sold."""

from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.payments.queries import Period, Share
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money

_OFFERINGS = text(
    """
    SELECT s.offering_id, max(s.title) AS title, e.currency, count(DISTINCT c.id) AS sales,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind <> 'platform_fee_income'), 0)::bigint AS net,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'platform_fee_income'), 0)::bigint AS fee
    FROM charges c JOIN ledger_transactions t ON t.charge_id = c.id
    JOIN ledger_entries e ON e.transaction_id = t.id
    JOIN ledger_accounts a ON a.id = e.account_id
    JOIN seats p ON c.payable_kind = 'seat' AND p.id = c.payable_id
    JOIN coaching_sessions s ON s.id = p.session_id
    WHERE c.coach_id = :coach AND t.occurred_at >= :since AND t.occurred_at < :until
      AND (a.person_id = :coach AND a.kind IN ('coach_pending', 'coach_payable', 'coach_held')
           OR a.kind = 'platform_fee_income')
    GROUP BY s.offering_id, e.currency ORDER BY e.currency, net DESC, s.offering_id LIMIT :most
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
