"""Write a balanced movement once. The database refuses an unbalanced, edited or deleted one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from loom_app.domains.payments.models import Charge
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money

AccountKind = Literal[
    "stripe_platform",  # money at Stripe, the platform's
    "stripe_fee_expense",  # what processing cost
    "deferred",  # paid for and not delivered yet, by coach
    "coach_pending",  # earned a moment ago and not to be paid out yet, by coach
    "coach_payable",  # earned and to be paid out, by coach
    "coach_held",  # earned and disputed, by coach
    "coach_balance",  # in the coach's account at Stripe: owed to them by Stripe, by coach
    "stripe_connected",  # the same money as Stripe has it, by coach
    "platform_fee_income",  # what the platform kept of sales, by coach
    "dispute_receivable",  # taken by a payer's bank until the dispute is closed
    "dispute_fee_expense",
    "loss_expense",  # lost to a dispute beyond what the charge still held
    "bank",  # the platform's own, at its bank
    "client_credit",  # to be spent by the client
    "credit_expired",
]


@dataclass(frozen=True, slots=True)
class Leg:
    """A debit (positive) or credit (negative) of one account."""

    account: AccountKind
    money: Money
    person_id: int | None = None


_OPEN = text(
    "INSERT INTO ledger_accounts (kind, person_id) VALUES (:kind, :person) ON CONFLICT DO NOTHING"
)
_FIND = text(
    "SELECT id FROM ledger_accounts WHERE kind = :kind AND person_id IS NOT DISTINCT FROM :person"
)
_BEGIN = text(
    "INSERT INTO ledger_transactions"
    " (kind, external_ref, payable_kind, payable_id, charge_id, payout_id, reverses_id,"
    "  occurred_at)"
    " VALUES (:kind, :ref, :payable_kind, :payable_id, :charge_id, :payout_id, :reverses, :now)"
    " ON CONFLICT (external_ref) DO NOTHING RETURNING id"
)
_ENTER = text(
    "INSERT INTO ledger_entries (transaction_id, account_id, amount, currency)"
    " VALUES (:transaction, :account, :amount, :currency)"
)


async def post(  # noqa: PLR0913 - a movement and all that it may be linked to
    tx: Tx,
    kind: str,
    ref: str,
    legs: Iterable[Leg],
    *,
    charge: Charge | None = None,
    payout_id: int | None = None,
    reverses: int | None = None,
) -> bool:
    """False where this movement stands already: `ref` names its cause and is unique."""
    values = {
        "kind": kind,
        "ref": ref,
        "payable_kind": charge.payable_kind if charge else None,
        "payable_id": charge.payable_id if charge else None,
        "charge_id": charge.id if charge else None,
        "payout_id": payout_id,
        "reverses": reverses,
        "now": tx.now,
    }
    transaction_id = await tx.db.scalar(_BEGIN, values)
    if transaction_id is None:
        return False
    for leg in legs:
        if leg.money.minor:
            entry = {
                "transaction": transaction_id,
                "account": await _account(tx, leg.account, leg.person_id),
                "amount": leg.money.minor,
                "currency": leg.money.currency,
            }
            await tx.db.execute(_ENTER, entry)
    return True


async def _account(tx: Tx, kind: str, person_id: int | None) -> int:
    values = {"kind": kind, "person": person_id}
    found = await tx.db.scalar(_FIND, values)
    if found is None:
        await tx.db.execute(_OPEN, values)
        found = await tx.db.scalar(_FIND, values)
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class Held:
    """Where the money of one charge is now; the parts sum to what was not given back.

    What was paid out to the coach still counts as theirs here.
    """

    deferred: int = 0
    pending: int = 0
    payable: int = 0
    frozen: int = 0
    platform: int = 0

    @property
    def coach(self) -> int:
        return self.pending + self.payable + self.frozen

    @property
    def total(self) -> int:
        return self.deferred + self.coach + self.platform


async def held(tx: Tx, charge_id: int) -> Held:
    rows = await tx.db.execute(
        text(
            "SELECT a.kind, -sum(e.amount)::bigint FROM ledger_entries e"
            " JOIN ledger_transactions t ON t.id = e.transaction_id"
            " JOIN ledger_accounts a ON a.id = e.account_id"
            " WHERE t.charge_id = :charge GROUP BY a.kind"
        ),
        {"charge": charge_id},
    )
    sums: dict[str, int] = {row[0]: row[1] for row in rows}
    return Held(
        deferred=sums.get("deferred", 0),
        pending=sums.get("coach_pending", 0),
        payable=sums.get("coach_payable", 0),
        frozen=sums.get("coach_held", 0),
        platform=sums.get("platform_fee_income", 0),
    )


async def stands(tx: Tx, ref: str) -> bool:
    found = await tx.db.scalar(
        text("SELECT 1 FROM ledger_transactions WHERE external_ref = :ref"), {"ref": ref}
    )
    return found is not None


async def times(tx: Tx, charge_id: int, kind: str) -> int:
    """How often a kind of movement has happened to a charge."""
    found = await tx.db.scalar(
        text("SELECT count(*) FROM ledger_transactions WHERE charge_id = :charge AND kind = :kind"),
        {"charge": charge_id, "kind": kind},
    )
    return int(found or 0)


async def reverse(
    tx: Tx, ref: str, *, as_ref: str, charge: Charge | None = None, payout_id: int | None = None
) -> bool:
    """Undo a movement by its mirror image. False where there is none, or it is undone already."""
    rows = (
        await tx.db.execute(
            text(
                "SELECT t.id, a.kind, a.person_id, e.amount, e.currency FROM ledger_entries e"
                " JOIN ledger_transactions t ON t.id = e.transaction_id"
                " JOIN ledger_accounts a ON a.id = e.account_id WHERE t.external_ref = :ref"
            ),
            {"ref": ref},
        )
    ).all()
    if not rows:
        return False
    legs = [Leg(row.kind, Money(-row.amount, row.currency), row.person_id) for row in rows]
    return await post(
        tx, "reversal", as_ref, legs, charge=charge, payout_id=payout_id, reverses=rows[0].id
    )
