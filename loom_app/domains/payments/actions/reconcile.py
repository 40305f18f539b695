"""Once a day: is every movement at Stripe in the ledger, and the other way round?

Pull what moved, match it, heal what the ledger has missed by asking Stripe for the object, look
again, and write down what still differs. A finding is resolved as soon as it is gone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, text

from loom_app.domains.payments.actions import matching
from loom_app.domains.payments.actions.matching import RECONCILE
from loom_app.domains.payments.actions.receive import read_again
from loom_app.domains.payments.events import BooksDiffer
from loom_app.domains.payments.ledger import invariants, outward
from loom_app.domains.payments.models import PayoutAccount, ProcessorMovement
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import DomainError

BACK = timedelta(hours=48)  # Stripe may show a movement late
PATIENCE = timedelta(hours=1)  # the ledger may know of one before Stripe lists it
BATCH = 500

log = structlog.get_logger("payments")
_column: Any = ProcessorMovement


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference: missing_in_ledger, missing_in_stripe, amount_mismatch, unknown_type,
    totals_differ, or invariant:<name>. `ref` names the one thing it is about."""

    kind: str
    ref: str
    detail: dict[str, Any]


_CURSOR = text("SELECT max(made_at) FROM processor_movements WHERE account = :account")
_MIRROR = text(
    "INSERT INTO processor_movements (id, account, type, category, amount, fee, net, currency,"
    " source_id, status, available_on, made_at) VALUES (:id, :account, :type, :category, :amount,"
    " :fee, :net, :currency, :source, :status, :available, :made)"
    " ON CONFLICT (id) DO UPDATE SET status = excluded.status"
)
_STATE = text("UPDATE processor_movements SET state = :state, ledger_ref = :ref WHERE id = :id")


async def reconcile() -> list[Finding]:
    """Everything that differs now; outside any transaction, any number of times."""
    accounts = ["", *await _accounts()]
    found: list[Finding] = []
    for _ in range(2):  # what the first look heals may explain what it found before, and move more
        for account in accounts:
            await _pull(account)
        found = [finding for account in accounts for finding in await _match(account)]
    async with transaction(RECONCILE) as tx:
        found += await _missing_in_stripe(tx)
        found += await _totals(tx)
    await _write(found, like="%", but="invariant:%")
    if found:
        log.error("payments.books_differ", findings=len(found))
    return found


async def check_invariants() -> list[Finding]:
    """The ledger against itself; every quarter of an hour."""
    async with transaction(RECONCILE) as tx:
        broken = await invariants.broken(tx)
    found = [Finding(f"invariant:{one.name}", one.ref, one.detail) for one in broken]
    await _write(found, like="invariant:%", but="")
    if found:
        log.error("payments.invariant_broken", rules=sorted({one.kind for one in found}))
    return found


async def _accounts() -> list[str]:
    column: Any = PayoutAccount
    async with transaction(RECONCILE) as tx:
        found = select(column.processor_id).where(column.processor_id.is_not(None))
        return list(await tx.db.scalars(found.order_by(column.user_id)))


async def _pull(account: str) -> None:
    async with transaction(RECONCILE) as tx:
        last: datetime | None = await tx.db.scalar(_CURSOR, {"account": account})
    since = last - BACK if last else None
    page: list[dict[str, Any]] = []
    async for move in stripe.balance_transactions(account or None, since=since):
        page.append(_values(account, move))
        if len(page) == BATCH:
            await _keep(page)
            page = []
    await _keep(page)


def _values(account: str, move: stripe.Movement) -> dict[str, Any]:
    return {
        "id": move.id,
        "account": account,
        "type": move.kind,
        "category": move.category,
        "amount": move.amount.minor,
        "fee": move.fee.minor,
        "net": move.net.minor,
        "currency": move.net.currency,
        "source": move.source_id,
        "status": move.status,
        "available": move.available_at,
        "made": move.created_at,
    }


async def _keep(page: list[dict[str, Any]]) -> None:
    if page:
        async with transaction(RECONCILE) as tx:
            await tx.db.execute(_MIRROR, page)


async def _match(account: str) -> list[Finding]:
    """Look at everything that is not matched yet, oldest first."""
    statement = select(ProcessorMovement).where(
        _column.account == account, _column.state != "matched"
    )
    async with transaction(RECONCILE) as tx:
        moves = list(await tx.db.scalars(statement.order_by(_column.made_at, _column.id)))
    return [found for move in moves if (found := await _look(move))]


async def _look(move: ProcessorMovement) -> Finding | None:
    known = matching.CONNECTED if move.account else matching.PLATFORM
    if move.type not in known:
        return await _state(move, None, "unknown_type")
    ref = await matching.ledger_ref(move)
    if await _compare(move, ref):
        await _heal(move)
        ref = await matching.ledger_ref(move)
    return await _state(move, ref, await _compare(move, ref))


async def _compare(move: ProcessorMovement, ref: str | None) -> str:
    async with transaction(RECONCILE) as tx:
        return await matching.differs(tx, move, ref)


_SOURCES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "adjustment": "dispute",
    "transfer": "transfer",
    "transfer_refund": "transfer",
}
_OWN = ("payout", "payout_cancel", "payout_failure", "stripe_fee")  # Stripe alone knows of these


async def _heal(move: ProcessorMovement) -> None:
    """Read the object behind it again, as its webhook would have made us do."""
    if not move.account and move.type in _OWN:
        async with transaction(RECONCILE) as tx:
            await outward.platform_moved(tx, move)
        return
    about = "payout" if move.type.startswith("payout") else _SOURCES.get(move.type, "")
    if move.account and about != "payout":
        return  # a coach's balance moves by transfers, which are looked at as the platform's
    try:
        key = move.source_id
        if move.type == "transfer_refund":
            key = await stripe.reversed_by(move.id)
        await read_again(about, key or "", move.account or None)
    except DomainError as error:
        log.info("payments.not_healed", movement=move.id, error=type(error).__name__)
    except Exception:  # what cannot be read stays a finding; the others are looked at all the same
        log.exception("payments.not_healed", movement=move.id)


async def _state(move: ProcessorMovement, ref: str | None, differs: str) -> Finding | None:
    values = {"id": move.id, "ref": ref, "state": "differs" if differs else "matched"}
    async with transaction(RECONCILE) as tx:
        await tx.db.execute(_STATE, values | ({"ref": None} if differs else {}))
    if not differs:
        return None
    detail = {
        "account": move.account,
        "type": move.type,
        "source": move.source_id,
        "net": move.net,
        "fee": move.fee,
        "currency": move.currency,
        "ledger": ref,
    }
    return Finding(differs, move.id, detail)


# what the ledger says moved at Stripe, and no movement there stands for
_UNSEEN = (
    " FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id"
    " JOIN ledger_accounts a ON a.id = e.account_id WHERE a.kind = 'stripe_platform'"
    " AND NOT EXISTS (SELECT 1 FROM processor_movements m WHERE m.account = ''"
    "  AND m.ledger_ref = replace(t.external_ref, 'processing:', 'charge:'))"
)
_MISSING = text(
    "SELECT t.external_ref AS ref, e.currency, sum(e.amount)::bigint AS minor"
    f"{_UNSEEN} AND t.occurred_at < :before GROUP BY t.id, e.currency ORDER BY t.id LIMIT 200"
)


async def _missing_in_stripe(tx: Tx) -> list[Finding]:
    rows = await tx.db.execute(_MISSING, {"before": tx.now - PATIENCE})
    return [
        Finding("missing_in_stripe", row.ref, {"net": row.minor, "currency": row.currency})
        for row in rows
    ]


_PLATFORM_TOTALS = text(
    "WITH ours AS (SELECT e.currency, sum(e.amount)::bigint AS minor FROM ledger_entries e"
    "  JOIN ledger_accounts a ON a.id = e.account_id WHERE a.kind = 'stripe_platform' GROUP BY 1),"
    " young AS (SELECT e.currency, sum(e.amount)::bigint AS minor"
    f"  {_UNSEEN} AND t.occurred_at >= :before GROUP BY 1),"
    " theirs AS (SELECT currency, sum(net)::bigint AS minor FROM processor_movements"
    "  WHERE account = '' GROUP BY 1)"
    " SELECT currency, coalesce(ours.minor, 0) - coalesce(young.minor, 0) AS ours,"
    "  coalesce(theirs.minor, 0) AS theirs FROM ours FULL JOIN theirs USING (currency)"
    " LEFT JOIN young USING (currency)"
    " WHERE coalesce(ours.minor, 0) - coalesce(young.minor, 0) <> coalesce(theirs.minor, 0)"
)
# what is on its way to a coach's bank has left Stripe's balance and not the ledger's
_CONNECTED_TOTALS = text(
    "WITH ours AS (SELECT p.processor_id AS account, e.currency, sum(e.amount)::bigint AS minor"
    "  FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
    "  JOIN payout_accounts p ON p.user_id = a.person_id"
    "  WHERE a.kind = 'stripe_connected' GROUP BY 1, 2),"
    " moving AS (SELECT a.processor_id AS account, p.currency, sum(p.amount)::bigint AS minor"
    "  FROM payouts p JOIN payout_accounts a ON a.user_id = p.coach_id"
    "  WHERE p.status = 'in_transit' GROUP BY 1, 2),"
    " theirs AS (SELECT account, currency, sum(net)::bigint AS minor FROM processor_movements"
    "  WHERE account <> '' GROUP BY 1, 2)"
    " SELECT account, currency, coalesce(ours.minor, 0) AS ours,"
    "  coalesce(theirs.minor, 0) + coalesce(moving.minor, 0) AS theirs"
    " FROM ours FULL JOIN theirs USING (account, currency) LEFT JOIN moving"
    "  USING (account, currency)"
    " WHERE coalesce(ours.minor, 0) <> coalesce(theirs.minor, 0) + coalesce(moving.minor, 0)"
)


async def _totals(tx: Tx) -> list[Finding]:
    """Currency by currency, of the platform and of each coach; never added across currencies."""
    before = {"before": tx.now - PATIENCE}
    found = [
        Finding("totals_differ", f"platform:{row.currency}", _figures(row))
        for row in await tx.db.execute(_PLATFORM_TOTALS, before)
    ]
    return found + [
        Finding("totals_differ", f"{row.account}:{row.currency}", _figures(row))
        for row in await tx.db.execute(_CONNECTED_TOTALS)
    ]


def _figures(row: Any) -> dict[str, Any]:
    return {"ledger": row.ours, "stripe": row.theirs, "currency": row.currency}


_OPEN = text(
    "INSERT INTO reconciliation_findings (kind, ref, detail, found_at)"
    " VALUES (:kind, :ref, CAST(:detail AS jsonb), :now)"
    " ON CONFLICT (kind, ref) WHERE resolved_at IS NULL DO UPDATE SET detail = excluded.detail"
    " RETURNING id, xmax = 0 AS new"
)
_RESOLVE = text(
    "UPDATE reconciliation_findings SET resolved_at = :now WHERE resolved_at IS NULL"
    " AND kind LIKE :like AND kind NOT LIKE :but"
    " AND NOT (kind || ' ' || ref = ANY(:still))"
)


async def _write(found: Iterable[Finding], *, like: str, but: str) -> None:
    async with transaction(RECONCILE) as tx:
        still = [f"{one.kind} {one.ref}" for one in found]
        values = {"now": tx.now, "like": like, "but": but, "still": still}
        await tx.db.execute(_RESOLVE, values)
        new: list[int] = []
        for one in found:
            detail = json.dumps(one.detail)
            values = {"kind": one.kind, "ref": one.ref, "detail": detail, "now": tx.now}
            row = (await tx.db.execute(_OPEN, values)).one()
            new += [row.id] if row.new else []
        if new:
            await tx.emit(BooksDiffer(tuple(new)))
        tx.signal("staff:money")
