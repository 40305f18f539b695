"""What has to wait until a payer's bank has decided about a charge."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from loom_app.domains.payments.models import Charge, Dispute, Refund, WaitingRefund
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx

WAITS = "bank_decides"  # the problem of a refund that is made up later
_ADD = text(
    "INSERT INTO waiting_refunds AS w (charge_id, keep, amount, as_credit, reason, created_at)"
    " VALUES (:charge, 0, :amount, :credit, :reason, :now)"
    " ON CONFLICT (charge_id, as_credit) DO UPDATE SET"
    " amount = excluded.amount + CASE WHEN w.done_at IS NULL THEN w.amount ELSE 0 END, keep = 0,"
    " reason = excluded.reason, done_at = NULL"
    " WHERE w.done_at IS NOT NULL OR w.amount IS NOT NULL"
)


async def wait_to_keep(tx: Tx, charge: Charge, keep: int, reason: str) -> None:
    """All but so much of what was paid for its payable goes back then."""
    values = {
        "charge_id": charge.id,
        "keep": keep,
        "as_credit": False,
        "reason": reason,
        "created_at": tx.now,
    }
    news = {"keep": keep, "amount": None, "reason": reason, "done_at": None}
    made = insert(WaitingRefund).values(**values)
    await tx.db.execute(
        made.on_conflict_do_update(index_elements=["charge_id", "as_credit"], set_=news)
    )
    after = {"charge": charge.id, "keep": keep, "reason": reason}
    await audit(tx, "refund.wait", "charge", charge.id or 0, after=after)


async def wait_for_all(tx: Tx, charge: Charge, reason: str) -> None:
    """All that is left of it then goes back, whatever was paid beside it for its payable; once,
    however often it is said."""
    values = {"charge_id": charge.id, "amount": charge.amount, "reason": reason}
    values |= {"keep": 0, "as_credit": False, "created_at": tx.now}
    news = {"keep": 0, "amount": charge.amount, "reason": reason, "done_at": None}
    made = insert(WaitingRefund).values(**values)
    await tx.db.execute(
        made.on_conflict_do_update(index_elements=["charge_id", "as_credit"], set_=news)
    )
    after = {"charge": charge.id, "keep": 0, "reason": reason}
    await audit(tx, "refund.wait", "charge", charge.id or 0, after=after)


async def waits(tx: Tx, charge: Charge, row: Refund) -> bool:
    """Of a refund that Stripe refused: whether a dispute was the reason that is not decided yet, or
    that nobody has told us of; then it waits for the bank."""
    if row.problem != "charge_disputed":
        return False
    column: Any = Dispute
    known = await tx.db.scalar(select(column.id).where(column.charge_id == charge.id).limit(1))
    if known is not None and not charge.disputed:
        return False
    values = {
        "charge": charge.id,
        "amount": row.amount,
        "credit": row.as_credit,
        "reason": row.reason,
        "now": tx.now,
    }
    await tx.db.execute(_ADD, values)
    row.problem = WAITS
    return True
