"""Which ledger movement stands for a balance transaction of Stripe's, and what it is worth."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from loom_app.domains.payments.models import ProcessorMovement
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction

RECONCILE = Actor.system_job("payments.reconcile")

Finder = Callable[[ProcessorMovement], Awaitable[str | None]]


async def ledger_ref(move: ProcessorMovement) -> str | None:
    """The `external_ref` that should stand for it; None where nobody knows. Outside any
    transaction: a charge's payment is asked of Stripe."""
    finders = CONNECTED if move.account else PLATFORM
    return await finders[move.type](move)


async def _charge(move: ProcessorMovement) -> str | None:
    try:
        intent = await stripe.intent_of_charge(move.source_id or "")
        number = (await stripe.payment(intent)).charge_ref if intent else None
    except PaymentRefused:  # no such charge any more
        return None
    return f"charge:{number}" if number and number.isdecimal() else None


async def _refund(move: ProcessorMovement) -> str | None:
    return await _row("SELECT 'refund:' || id FROM refunds WHERE processor_id = :id", move)


async def _refund_failed(move: ProcessorMovement) -> str | None:
    return await _row("SELECT 'refund_failed:' || id FROM refunds WHERE processor_id = :id", move)


async def _adjustment(move: ProcessorMovement) -> str | None:
    if move.category == "dispute":
        return f"dispute:{move.source_id}"
    return f"dispute_won:{move.source_id}" if move.category == "dispute_reversal" else None


async def _transfer(move: ProcessorMovement) -> str | None:
    return await _row("SELECT 'transfer:' || id FROM payouts WHERE transfer_id = :id", move)


async def _transfer_back(move: ProcessorMovement) -> str | None:
    values = {"id": await stripe.reversed_by(move.id)}
    query = text("SELECT 'transfer_reversed:' || id FROM payouts WHERE transfer_id = :id")
    async with transaction(RECONCILE) as tx:
        return await tx.db.scalar(query, values)


async def _own(move: ProcessorMovement) -> str | None:
    return f"{move.type}:{move.id}"


_UNTAKEN = (
    " FROM ledger_transactions t JOIN payouts p ON p.id = t.payout_id"
    " WHERE t.external_ref LIKE :like AND p.amount = abs(CAST(:amount AS bigint))"
    " AND p.currency = :currency AND (:account = '' OR p.coach_id ="
    "  (SELECT user_id FROM payout_accounts WHERE processor_id = :account))"
    " AND NOT EXISTS (SELECT 1 FROM processor_movements m WHERE m.account = :account"
    "  AND m.ledger_ref = t.external_ref AND m.id <> :move)"
    " ORDER BY t.id LIMIT 1"
)


def _alike(prefix: str) -> Finder:
    """Stripe's object names none of ours: the oldest movement of that amount that is still free."""

    async def find(move: ProcessorMovement) -> str | None:
        values = {
            "like": f"{prefix}:%",
            "amount": move.net,
            "currency": move.currency,
            "account": move.account,
            "move": move.id,
        }
        async with transaction(RECONCILE) as tx:
            return await tx.db.scalar(text(f"SELECT t.external_ref {_UNTAKEN}"), values)

    return find


async def _payout(move: ProcessorMovement) -> str | None:
    """A coach's payout: the ledger has it once the bank has it."""
    return await _row(
        "SELECT 'payout:' || id || ':' || attempts FROM payouts WHERE processor_id = :id", move
    )


async def _row(query: str, move: ProcessorMovement) -> str | None:
    async with transaction(RECONCILE) as tx:
        return await tx.db.scalar(text(query), {"id": move.source_id})


# Stripe's type → how its movement is found; a type that is not here is unknown
PLATFORM: dict[str, Finder] = {
    "charge": _charge,
    "payment": _charge,
    "refund": _refund,
    "payment_refund": _refund,
    "refund_failure": _refund_failed,
    "payment_failure_refund": _refund_failed,
    "adjustment": _adjustment,
    "transfer": _transfer,
    "transfer_refund": _transfer_back,
    "payout": _own,
    "payout_cancel": _own,
    "payout_failure": _own,
    "stripe_fee": _own,
}
CONNECTED: dict[str, Finder] = {
    "payment": _alike("transfer"),
    "payment_refund": _alike("transfer_reversed"),
    "payout": _payout,
    "payout_cancel": _payout,
    "payout_failure": _payout,
}

# a charge and what its processing cost are one movement at Stripe and two in the ledger
_WORTH = text(
    "SELECT sum(e.amount)::bigint AS net, min(e.currency) AS currency,"
    " coalesce(-sum(e.amount) FILTER (WHERE t.kind = 'processing_fee'), 0)::bigint AS cost"
    " FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id"
    " JOIN ledger_accounts a ON a.id = e.account_id"
    " WHERE t.external_ref IN (:ref, replace(:ref, 'charge:', 'processing:'))"
    " AND a.kind = :place HAVING count(*) > 0"
)
_PAYOUT = text(
    "SELECT p.status, p.amount, p.currency FROM payouts p WHERE p.processor_id = :source"
)


async def differs(tx: Tx, move: ProcessorMovement, ref: str | None) -> str:
    """ "" where ledger and Stripe agree, else the kind of difference."""
    place = "stripe_connected" if move.account else "stripe_platform"
    row: Any = None
    if ref is not None:
        row = (await tx.db.execute(_WORTH, {"ref": ref, "place": place})).first()
    if row is None:
        return "" if await _on_its_way(tx, move) else "missing_in_ledger"
    if move.account and move.type in ("payout_failure", "payout_cancel"):
        return "" if await _on_its_way(tx, move) else "missing_in_ledger"
    fee_agrees = not row.cost or row.cost == move.fee
    agree = row.net == move.net and row.currency == move.currency and fee_agrees
    return "" if agree else "amount_mismatch"


_CAME_BACK = text(
    "SELECT sum(net)::bigint FROM processor_movements WHERE account = :account"
    " AND source_id = :source"
)


async def _on_its_way(tx: Tx, move: ProcessorMovement) -> bool:
    """A payout that left the coach's balance and is not at the bank yet, or came back from it."""
    if not move.account or not move.type.startswith("payout"):
        return False
    values = {"account": move.account, "source": move.source_id}
    row = (await tx.db.execute(_PAYOUT, {"source": move.source_id})).first()
    if await tx.db.scalar(_CAME_BACK, values) == 0:
        # a new try has a payout of its own; what was pulled back afterwards is over
        return row is None or row.status in ("failed", "canceled")
    return (
        row is not None
        and row.status == "in_transit"
        and row.amount == -move.net
        and row.currency == move.currency
    )
