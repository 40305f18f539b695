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
    SELECT coalesce(s.offering_id, 0) AS offering_id, c.payable_kind = 'package' AS package,
      coalesce(max(s.title), max(c.description)) AS title, m.currency,
      count(DISTINCT c.payable_id) AS sales, sum(m.net)::bigint AS net, sum(m.fee)::bigint AS fee
    FROM moves m JOIN ledger_transactions t ON t.id = m.transaction_id
    JOIN charges c ON c.id = t.charge_id
    LEFT JOIN seats p ON c.payable_kind = 'seat' AND p.id = c.payable_id
    LEFT JOIN coaching_sessions s ON s.id = p.session_id
    GROUP BY s.offering_id, 2, CASE WHEN s.id IS NULL THEN c.description END, m.currency
    ORDER BY m.currency, net DESC, 1, title
    """
)


@dataclass(frozen=True, slots=True)
class ByOffering:
    """An offering; a package (`package`), which is sold for several of them; or all that was left
    out, with no title. Of the first two `sales` counts sessions and packages."""

    offering_id: int
    package: bool
    title: str
    sales: int
    share: Share


async def earned_by_offering(
    tx: Tx, me: Actor, period: Period, *, most: int = 100
) -> list[ByOffering]:
    """One's own offerings and packages, most first within a currency; together they are what was
    earned. Beyond `most` they are one entry a currency."""
    values = {"coach": me.require_person(), "since": period.since, "until": period.until}
    async with tx.acting_as_system("payments.earnings"):
        rows = (await tx.db.execute(_OFFERINGS, values)).all()
    found = [
        ByOffering(
            row.offering_id,
            row.package,
            row.title,
            row.sales,
            Share(Money(row.net, row.currency), Money(row.fee, row.currency)),
        )
        for row in rows
    ]
    return [*found[:most], *_together(found[most:])]


def _together(rest: list[ByOffering]) -> list[ByOffering]:
    """What does not fit, as one of each currency."""
    sums: dict[str, ByOffering] = {}
    for one in rest:
        currency = one.share.net.currency
        so_far = sums.get(currency)
        share = one.share
        if so_far:
            share = Share(so_far.share.net + share.net, so_far.share.fee + share.fee)
        sales = one.sales + (so_far.sales if so_far else 0)
        sums[currency] = ByOffering(0, False, "", sales, share)
    return list(sums.values())
