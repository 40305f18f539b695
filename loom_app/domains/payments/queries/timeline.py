"""What happened to the money of one thing that was paid for, from the ledger, as each side may see.

The client sees what concerns them: paid, given back, disputed. The coach sees the fee, when the
money is theirs, and the payouts that it went into as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.payments.actions.payable import Payable
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.settings import settings


@dataclass(frozen=True, slots=True)
class MoneyMoment:
    """One step. `kind`: paid, fee, pending, available, refunded, refund_back, disputed,
    dispute_won, dispute_lost, not_held, payout, arrived, returned; and of what moves none
    of the platform's money: held, let_go, in_person, not_paid. `part` is of the price. `amount` is
    the viewer's side of it; `until` is when something pending becomes available, or the end of a
    hold; `reason` a refund's or a dispute's."""

    kind: str
    amount: Money
    at: datetime
    reason: str = ""
    until: datetime | None = None
    part: str = "full"


_MOVES = text(
    """
    SELECT t.id, t.kind, t.external_ref, t.occurred_at, c.payer_id, c.coach_id, c.available_on,
      c.part, e.currency,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'deferred'), 0)::bigint AS deferred,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind IN
        ('coach_pending', 'coach_payable', 'coach_held')), 0)::bigint AS coach,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'coach_payable'), 0)::bigint AS payable,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'coach_held'), 0)::bigint AS held,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'platform_fee_income'), 0)::bigint AS fee,
      coalesce(-sum(e.amount) FILTER (WHERE a.kind IN
        ('stripe_platform', 'client_credit')), 0)::bigint AS back,
      coalesce(sum(e.amount) FILTER (WHERE a.kind = 'dispute_receivable'), 0)::bigint AS asked
    FROM ledger_transactions t JOIN charges c ON c.id = t.charge_id
    JOIN ledger_entries e ON e.transaction_id = t.id
    JOIN ledger_accounts a ON a.id = e.account_id
    WHERE c.payable_kind = :kind AND c.payable_id = :number AND :me IN (c.payer_id, c.coach_id)
      AND t.kind <> 'processing_fee'
    GROUP BY t.id, c.id, e.currency ORDER BY t.occurred_at, t.id
    """
)
_REASONS = text(
    "SELECT 'refund:' || r.id AS ref, r.reason FROM refunds r JOIN charges c ON c.id = r.charge_id"
    " WHERE c.payable_kind = :kind AND c.payable_id = :number"
)
_DUES = text(
    "SELECT part, status, amount, currency, held_at, updated_at, done_at, release_at, coach_id"
    " FROM dues WHERE payable_kind = :kind AND payable_id = :number"
    " AND :me IN (payer_id, coach_id)"
)
_PAYOUTS = text(
    """
    SELECT m.kind, m.occurred_at, e.currency, -sum(e.amount)::bigint AS minor
    FROM payout_items i JOIN ledger_entries e ON e.id = i.entry_id
    JOIN ledger_transactions t ON t.id = e.transaction_id JOIN charges c ON c.id = t.charge_id
    JOIN ledger_transactions m ON m.payout_id = i.payout_id
    WHERE c.payable_kind = :kind AND c.payable_id = :number AND c.coach_id = :me
    GROUP BY m.id, e.currency ORDER BY m.occurred_at, m.id
    """
)


async def money_of(tx: Tx, me: Actor, payable: Payable) -> list[MoneyMoment]:
    """The steps so far, oldest first; nothing for who neither paid nor is paid."""
    values = {"kind": payable.kind, "number": payable.id, "me": me.require_person()}
    async with tx.acting_as_system("payments.timeline"):
        moves = (await tx.db.execute(_MOVES, values)).all()
        reasons = {row.ref: row.reason for row in await tx.db.execute(_REASONS, values)}
        payouts = (await tx.db.execute(_PAYOUTS, values)).all()
        dues = (await tx.db.execute(_DUES, values)).all()
    found: list[MoneyMoment] = []
    for row in moves:
        coaching = row.coach_id == me.person_id
        found += _coachs(row, reasons) if coaching else _clients(row, reasons)
    found += [moment for row in dues for moment in _due(row)]
    found += [_payout(row) for row in payouts]
    return sorted(found, key=lambda one: one.at)


def _clients(row: Any, reasons: dict[str, str]) -> list[MoneyMoment]:
    kinds = {
        "charge": ("paid", row.deferred),
        "refund": ("refunded", row.back),
        "reversal": ("refund_back", -row.back),
        "dispute": ("disputed", row.asked),
        "dispute_won": ("dispute_won", -row.asked),
        "dispute_lost": ("dispute_lost", -row.asked),
    }
    if row.kind not in kinds:
        return []
    kind, minor = kinds[row.kind]
    reason = reasons.get(row.external_ref, "")
    money = Money(minor, row.currency)
    return [MoneyMoment(kind, money, row.occurred_at, reason, part=row.part)]


def _coachs(row: Any, reasons: dict[str, str]) -> list[MoneyMoment]:
    """A delivery is two steps: what the platform kept, and what waits to be available."""

    def step(kind: str, minor: int, **more: Any) -> MoneyMoment:
        money = Money(minor, row.currency)
        return MoneyMoment(kind, money, row.occurred_at, part=row.part, **more)

    if row.kind == "delivery":
        free = row.occurred_at + timedelta(hours=settings().release_hours)
        until = max(free, row.available_on or free)
        return [step("fee", row.fee), step("pending", row.coach, until=until)]
    kinds = {
        "charge": ("paid", row.deferred),
        "release": ("available", row.payable),
        "delivery_back": ("not_held", -row.coach),
        "refund": ("refunded", row.back),
        "reversal": ("refund_back", -row.back),
        "dispute": ("disputed", row.asked),
        "dispute_won": ("dispute_won", -row.asked),
        "dispute_lost": ("dispute_lost", -row.asked),
    }
    kind, minor = kinds[row.kind]
    return [step(kind, minor, reason=reasons.get(row.external_ref, ""))]


def _due(row: Any) -> list[MoneyMoment]:
    """What the ledger does not know: holds, money in hand, and cards that said no."""
    money = Money(row.amount, row.currency)
    found: list[MoneyMoment] = []
    if row.held_at is not None:
        until = row.release_at if row.status == "held" else None
        found.append(MoneyMoment("held", money, row.held_at, until=until, part=row.part))
    if row.status in ("in_person", "released"):
        kind = "in_person" if row.status == "in_person" else "let_go"
        found.append(MoneyMoment(kind, money, row.done_at, part=row.part))
    if row.status == "failed":
        found.append(MoneyMoment("not_paid", money, row.updated_at, part=row.part))
    return found


def _payout(row: Any) -> MoneyMoment:
    """A transfer that was pulled back settles nothing any more, so its payout is not among these:
    the reversal is a bank's."""
    kind = {"transfer": "payout", "payout": "arrived", "reversal": "returned"}[row.kind]
    return MoneyMoment(kind, Money(row.minor, row.currency), row.occurred_at)
