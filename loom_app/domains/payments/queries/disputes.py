"""Reading disputes: the coach's own, and all of them for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loom_app.domains.payments.models import Charge, Dispute
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t

_dispute: Any = Dispute
_charge: Any = Charge
MOST = 200


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute of one charge; `answerable` while words may still be sent to the bank."""

    id: int
    charge_id: int
    payable_kind: str
    payable_id: int
    payer_id: int
    coach_id: int
    description: str
    paid_at: datetime | None
    amount: Money
    fee: Money
    reason: str
    reason_code: str
    status: str
    evidence: str
    opened_at: datetime
    due_by: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None
    answerable: bool


async def disputes(tx: Tx, me: Actor) -> list[DisputeView]:
    """Of the caller's sales: open ones first, by when an answer is due; then the newest."""
    wanted = _charge.coach_id == me.require_person()
    return await _read(tx, select(Dispute, Charge).where(wanted))


async def dispute(tx: Tx, me: Actor, dispute_id: int) -> DisputeView:
    """One of the caller's sales. Raises NotFound."""
    mine = select(Dispute, Charge).where(
        _charge.coach_id == me.require_person(), _dispute.id == dispute_id
    )
    return _only(await _read(tx, mine))


async def every_dispute(tx: Tx, *, only_open: bool = False) -> list[DisputeView]:
    """For staff and for mails; acting as a system of payments."""
    statement = select(Dispute, Charge)
    if only_open:
        statement = statement.where(_dispute.closed_at.is_(None))
    return await _read(tx, statement)


async def dispute_facts(tx: Tx, dispute_id: int) -> DisputeView:
    """One of anybody's; acting as a system of payments. Raises NotFound."""
    return _only(await _read(tx, select(Dispute, Charge).where(_dispute.id == dispute_id)))


def _only(found: Sequence[DisputeView]) -> DisputeView:
    if not found:
        raise NotFound
    return found[0]


async def _read(tx: Tx, statement: Any) -> list[DisputeView]:
    whole: Any = (
        statement.join(Charge, _charge.id == _dispute.charge_id)
        .order_by(_dispute.closed_at.is_not(None), _dispute.due_by, _dispute.id.desc())
        .limit(MOST)
        .execution_options(populate_existing=True)
    )
    rows: Any = (await tx.db.execute(whole)).all()
    return [_view(tx, row, charge) for row, charge in rows]


def _view(tx: Tx, row: Dispute, charge: Charge) -> DisputeView:
    waits = row.status in ("needs_response", "warning_needs_response") and not row.submitted_at
    return DisputeView(
        id=row.id or 0,
        charge_id=row.charge_id,
        payable_kind=charge.payable_kind,
        payable_id=charge.payable_id,
        payer_id=charge.payer_id,
        coach_id=charge.coach_id,
        description=charge.description,
        paid_at=charge.paid_at,
        amount=Money(row.amount, row.currency),
        fee=Money(row.fee, row.currency),
        reason=dispute_reason(row.reason),
        reason_code=row.reason,
        status=row.status,
        evidence=row.evidence,
        opened_at=row.opened_at,
        due_by=row.due_by,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        answerable=waits and (row.due_by is None or row.due_by > tx.now),
    )


def dispute_reason(code: str) -> str:
    """Why, in words: what the payer told their bank."""
    words = {
        "fraudulent": t("The payer says they did not make this payment."),
        "product_not_received": t("The payer says the session did not take place."),
        "product_unacceptable": t("The payer says the session was not as described."),
        "credit_not_processed": t("The payer says a refund was promised and did not come."),
        "duplicate": t("The payer says they paid twice."),
        "subscription_canceled": t("The payer says they had cancelled before."),
        "unrecognized": t("The payer does not recognise this payment."),
    }
    return words.get(code, t("The payer's bank gave no closer reason."))


def dispute_status(status: str) -> str:
    """Where it stands, in a few words."""
    words = {
        "warning_needs_response": t("The bank asks"),
        "needs_response": t("Answer needed"),
        "warning_under_review": t("With the bank"),
        "under_review": t("With the bank"),
        "warning_closed": t("Closed without a dispute"),
        "prevented": t("Prevented"),
        "won": t("Won"),
        "lost": t("Lost"),
    }
    return words[status]
