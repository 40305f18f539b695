"""What must always be true of the books: one query each, whose rows are the offenders.

A job looks every quarter of an hour, and the tests after every step.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

MOST = 10

# what each charge holds now, by where, and what it was worth after everything that went back
_HELD = """
WITH held AS (
  SELECT t.charge_id,
    coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'deferred'), 0) AS deferred,
    coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'coach_pending'), 0) AS pending,
    coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'coach_held'), 0) AS frozen,
    coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'platform_fee_income'), 0) AS platform,
    coalesce(-sum(e.amount) FILTER (WHERE a.kind IN ('deferred', 'coach_pending', 'coach_payable',
      'coach_held', 'platform_fee_income')), 0) AS total,
    coalesce(sum(e.amount) FILTER (WHERE a.kind = 'dispute_receivable'), 0) AS receivable,
    coalesce(sum(e.amount) FILTER (WHERE a.kind = 'loss_expense'), 0) AS loss
  FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
  JOIN ledger_accounts a ON a.id = e.account_id WHERE t.charge_id IS NOT NULL GROUP BY 1),
back AS (
  SELECT charge_id,
    coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS done,
    coalesce(sum(amount) FILTER (WHERE status NOT IN ('failed', 'canceled')), 0) AS asked
  FROM refunds GROUP BY 1),
lost AS (
  SELECT charge_id, coalesce(sum(amount) FILTER (WHERE status = 'lost'), 0) AS lost,
    coalesce(sum(amount) FILTER (WHERE closed_at IS NULL AND EXISTS
      (SELECT 1 FROM ledger_transactions t
       WHERE t.external_ref = 'dispute:' || processor_id)), 0) AS open
  FROM disputes GROUP BY 1)
"""
_OF_CHARGES = (
    " FROM charges c LEFT JOIN held h ON h.charge_id = c.id LEFT JOIN back b ON b.charge_id = c.id"
    " LEFT JOIN lost l ON l.charge_id = c.id WHERE "
)


def _charges(wrong: str) -> str:
    return (
        f"{_HELD} SELECT 'charge:' || c.id AS ref, c.amount, h.total, b.done, l.lost"
        f"{_OF_CHARGES}{wrong}"
    )


INVARIANTS: dict[str, str] = {
    "transactions_balance": (
        "SELECT 'transaction:' || transaction_id AS ref, currency, sum(amount) AS minor"
        " FROM ledger_entries GROUP BY transaction_id, currency HAVING sum(amount) <> 0"
    ),
    "entries_have_the_time_of_their_transaction": (
        "SELECT 'transaction:' || t.id AS ref, e.occurred_at AS said, t.occurred_at AS was"
        " FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id"
        " WHERE e.occurred_at <> t.occurred_at"
    ),
    "fees_are_kept_by_coach": (
        "SELECT 'transaction:' || t.id AS ref, a.person_id AS said, c.coach_id AS sold_by"
        " FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
        " JOIN ledger_transactions t ON t.id = e.transaction_id"
        " LEFT JOIN charges c ON c.id = t.charge_id WHERE a.kind = 'platform_fee_income'"
        " AND a.person_id IS DISTINCT FROM c.coach_id"
    ),
    "one_currency_per_charge": (
        "SELECT DISTINCT 'charge:' || c.id AS ref, e.currency FROM ledger_entries e"
        " JOIN ledger_transactions t ON t.id = e.transaction_id"
        " JOIN charges c ON c.id = t.charge_id WHERE e.currency <> c.currency"
    ),
    "unpaid_holds_nothing": _charges("c.paid_at IS NULL AND coalesce(h.total, 0) <> 0"),
    "paid_is_held": _charges(
        "c.paid_at IS NOT NULL AND coalesce(h.total, 0) <> c.amount - coalesce(b.done, 0)"
        " - coalesce(l.lost, 0) + coalesce(h.loss, 0)"
    ),
    "no_part_below_zero": _charges(
        "h.deferred < 0 OR h.pending < 0 OR h.frozen < 0 OR h.platform < 0 OR h.loss < 0"
    ),
    "refunds_are_counted": _charges("c.refunded <> coalesce(b.asked, 0)"),
    "disputes_are_counted": _charges(
        "c.lost <> coalesce(l.lost, 0) OR c.disputed < coalesce(l.open, 0)"
    ),
    "never_more_than_paid": _charges("coalesce(b.asked, 0) > c.amount"),
    "refunded_means_all_of_it": _charges(
        "(c.status = 'refunded') <> (c.paid_at IS NOT NULL AND coalesce(b.done, 0) = c.amount)"
    ),
    "disputed_money_is_owed": _charges("coalesce(h.receivable, 0) <> coalesce(l.open, 0)"),
    "held_only_while_disputed": _charges("h.frozen <> 0 AND coalesce(l.open, 0) = 0"),
    "one_movement_each": (
        "SELECT ref FROM ("
        " SELECT 'charge:' || id AS ref FROM charges WHERE paid_at IS NOT NULL"
        " UNION ALL SELECT 'refund:' || id FROM refunds WHERE status = 'succeeded'"
        " UNION ALL SELECT 'transfer:' || id FROM payouts"
        "  WHERE status IN ('transferred', 'in_transit', 'paid', 'failed')"
        " UNION ALL SELECT 'payout:' || id || ':' || attempts FROM payouts WHERE status = 'paid'"
        " UNION ALL SELECT 'dispute_' || status || ':' || processor_id FROM disputes"
        "  WHERE status IN ('won', 'lost')) wanted"
        " WHERE NOT EXISTS (SELECT 1 FROM ledger_transactions t WHERE t.external_ref = wanted.ref)"
    ),
    "a_payout_is_what_it_settles": (
        "SELECT 'payout:' || p.id AS ref, p.amount, coalesce(-sum(e.amount), 0) AS settles"
        " FROM payouts p LEFT JOIN payout_items i ON i.payout_id = p.id"
        " LEFT JOIN ledger_entries e ON e.id = i.entry_id AND e.currency = p.currency"
        " GROUP BY p.id HAVING coalesce(-sum(e.amount), 0)"
        "  <> CASE WHEN p.status = 'canceled' THEN 0 ELSE p.amount END"
    ),
    "coaches_balances_agree": (
        "SELECT 'person:' || a.person_id AS ref, e.currency, sum(e.amount) AS minor,"
        " coalesce(sum(e.amount) FILTER (WHERE a.kind = 'stripe_connected'), 0) AS there"
        " FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
        " WHERE a.kind IN ('stripe_connected', 'coach_balance') GROUP BY a.person_id, e.currency"
        " HAVING sum(e.amount) <> 0"
        "  OR coalesce(sum(e.amount) FILTER (WHERE a.kind = 'stripe_connected'), 0) < 0"
    ),
    "credit_is_in_the_ledger": (
        "WITH lots AS (SELECT person_id, currency, sum(minor) AS minor FROM ("
        "  SELECT person_id, currency, remaining AS minor FROM credit_lots"
        "  UNION ALL SELECT l.person_id, l.currency, u.amount FROM credit_uses u"
        "  JOIN credit_lots l ON l.id = u.lot_id JOIN charges c ON c.id = u.charge_id"
        "  WHERE c.status IN ('created', 'pending')) parts GROUP BY 1, 2),"
        " ledger AS (SELECT a.person_id, e.currency, -sum(e.amount) AS minor"
        "  FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
        "  WHERE a.kind = 'client_credit' GROUP BY 1, 2)"
        " SELECT 'person:' || person_id AS ref, currency, lots.minor AS lots,"
        "  ledger.minor AS ledger FROM lots FULL JOIN ledger USING (person_id, currency)"
        " WHERE coalesce(lots.minor, 0) <> coalesce(ledger.minor, 0) OR ledger.minor < 0"
    ),
    "one_payment_for_each_part": (
        "SELECT 'payable:' || payable_kind || ':' || payable_id AS ref, count(*) AS payments"
        " FROM charges c WHERE paid_at IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.charge_id = c.id)"
        " GROUP BY payable_kind, payable_id, CASE part WHEN 'full' THEN 'deposit' ELSE part END"
        " HAVING count(*) > 1"
    ),
    "the_parts_are_the_whole": (
        "SELECT 'due:' || d.id AS ref, d.amount, d.whole, c.amount AS paid_before FROM dues d"
        " JOIN charges c ON c.payable_kind = d.payable_kind AND c.payable_id = d.payable_id"
        " AND c.part = 'deposit' AND c.paid_at IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.charge_id = c.id)"
        " WHERE d.part = 'rest' AND (c.amount + d.amount <> d.whole OR c.currency <> d.currency)"
    ),
    "what_is_due_is_as_its_charge": (
        "SELECT 'due:' || d.id AS ref, d.status, c.status AS charge FROM dues d"
        " LEFT JOIN charges c ON c.id = d.charge_id"
        " WHERE d.status = 'paid' AND (c.paid_at IS NULL OR c.amount <> d.amount)"
        " OR d.status IN ('held', 'taking', 'letting_go') AND c.status IS DISTINCT FROM 'held'"
        " OR d.status NOT IN ('held', 'taking', 'letting_go') AND c.status = 'held'"
    ),
    "credit_is_used_once": (
        "SELECT 'charge:' || c.id AS ref, c.credit, sum(u.amount) AS used FROM charges c"
        " LEFT JOIN credit_uses u ON u.charge_id = c.id"
        " WHERE c.status NOT IN ('cancelled', 'expired', 'failed') GROUP BY c.id"
        " HAVING c.credit <> coalesce(sum(u.amount), 0)"
    ),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """One offender: which rule, which thing, and the figures."""

    name: str
    ref: str
    detail: dict[str, Any]


async def broken(tx: Tx) -> list[Broken]:
    """Every rule's offenders, at most ten each; acting as a system of payments."""
    found: list[Broken] = []
    for name, query in INVARIANTS.items():
        for row in (await tx.db.execute(text(f"{query} LIMIT {MOST}"))).mappings():
            detail = {key: str(value) for key, value in row.items() if key != "ref"}
            found.append(Broken(name, row["ref"], detail))
    return found
