"""Disputes: a payer's bank takes money back until it has decided; the coach answers once."""

import hashlib
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select, text

from loom_app.domains.payments import rules
from loom_app.domains.payments.actions.due import make_up
from loom_app.domains.payments.actions.settle import settle
from loom_app.domains.payments.errors import EvidenceSent, EvidenceTooLate, EvidenceWrong
from loom_app.domains.payments.events import DisputeClosed, DisputeOpened
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.ledger.post import stands
from loom_app.domains.payments.models import PAID, Charge, Dispute
from loom_app.domains.payments.rows import lock_payable, locked, seen
from loom_app.integrations.stripe import client as stripe
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

DISPUTE = Actor.system_job("payments.dispute")
LONGEST = 20_000  # characters of one of Stripe's fields
ANSWERABLE = ("needs_response", "warning_needs_response")

log = structlog.get_logger("payments")
_column: Any = Dispute


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """What Loom itself knows about what was paid for; empty where it knows nothing.

    `service_date` as people write it, `log` one line per fact (booked, held, cancelled)."""

    service_date: str = ""
    product: str = ""
    customer_name: str = ""
    policy: str = ""
    log: str = ""


async def sync_dispute(processor_id: str, _account: str = "") -> bool:
    """Ask Stripe how a dispute is and write down what is new. False where it is none of ours.

    Outside any transaction. A dispute may be heard of before the payment itself: then that is
    settled first.
    """
    found = await stripe.dispute(processor_id)
    charge_id = await _charge_of(found)
    if charge_id is None:
        return False
    if found.status not in rules.DISPUTE_RANK:
        log.error("payments.dispute_unknown_status", dispute=found.id, status=found.status)
        return False
    async with transaction(DISPUTE) as tx:
        charge = await seen(tx, charge_id)
        await lock_payable(tx, charge.payable_kind, charge.payable_id)
        await _record(tx, await locked(tx, charge_id), found)
    return True


async def _charge_of(found: stripe.Dispute) -> int | None:
    if found.intent_id is None:
        return None
    paid = await stripe.payment(found.intent_id)
    if paid.charge_ref is None or not paid.charge_ref.isdecimal():
        return None
    number = int(paid.charge_ref)
    async with transaction(DISPUTE) as tx:
        statement = text("SELECT status FROM charges WHERE id = :id")
        status = await tx.db.scalar(statement, {"id": number})
    if status is None:
        return None
    if status not in PAID:
        await settle(number, intent_id=found.intent_id)
    return number


async def _record(tx: Tx, charge: Charge, found: stripe.Dispute) -> None:
    """Take a dispute to where Stripe says it is; only forward, each step of money once."""
    row = await tx.db.scalar(
        select(Dispute).where(_column.processor_id == found.id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    new = row is None
    if row is None:
        row = _row(tx, charge, found)
        tx.db.add(row)
    before = row.status
    if not new and before != found.status and not rules.dispute_moves(before, found.status):
        return  # an older word than the one we have
    row.status, row.due_by = found.status, found.due_by
    if found.submissions and row.submitted_at is None:
        row.submitted_at = tx.now
    await tx.db.flush()
    if new:
        await _told(tx, row, "open", before="")
        await tx.emit(DisputeOpened(row.id or 0, charge.id or 0, charge.coach_id))
    elif before == "warning_closed" and row.status not in rules.DISPUTE_OVER:
        row.closed_at = None  # an inquiry that was closed has become a dispute
        await _told(tx, row, "open", before=before)
        await tx.emit(DisputeOpened(row.id or 0, charge.id or 0, charge.coach_id))
    await _money(tx, charge, row, found)
    if row.status in rules.DISPUTE_OVER and row.closed_at is None:
        row.closed_at = tx.now
        await tx.db.flush()
        await _count(tx, charge)
        await _told(tx, row, "close", before=before)
        await make_up(tx, charge)
        await tx.emit(DisputeClosed(row.id or 0, charge.id or 0, charge.coach_id, row.status))
    else:
        await _count(tx, charge)
    for topic in (f"person:{charge.coach_id}:money", "staff:money"):
        tx.signal(topic)


async def _count(tx: Tx, charge: Charge) -> None:
    """What of a charge is with its payer's bank, and what is lost; an inquiry takes nothing."""
    inquiry = _column.status.like("warning%")
    now = (
        await tx.db.execute(
            select(
                func.sum(_column.amount).filter(_column.closed_at.is_(None), ~inquiry),
                func.sum(_column.amount).filter(_column.status == "lost"),
            ).where(_column.charge_id == charge.id)
        )
    ).one()
    charge.disputed, charge.lost = int(now[0] or 0), int(now[1] or 0)
    await tx.db.flush()


def _row(tx: Tx, charge: Charge, found: stripe.Dispute) -> Dispute:
    return Dispute(
        charge_id=charge.id or 0,
        processor_id=found.id,
        amount=found.amount.minor,
        fee=found.fee.minor,
        currency=found.amount.currency,
        reason=found.reason,
        status=found.status,
        due_by=found.due_by,
        opened_at=found.opened_at,
    )


async def _money(tx: Tx, charge: Charge, row: Dispute, found: stripe.Dispute) -> None:
    """An inquiry takes nothing. What was taken stands in the ledger before what became of it."""
    taken = await stands(tx, f"dispute:{row.processor_id}")
    decided = row.status in ("won", "lost")
    if not taken and (decided or found.taken.minor > 0):
        row.amount, row.fee = found.amount.minor, found.fee.minor
        await tx.db.flush()
        await movements.disputed(tx, charge, row)
        taken = True
    if not taken:
        return
    gone = found.taken.minor >= row.amount  # where it was prevented, the balance tells
    if row.status == "won" or (row.status == "prevented" and not gone):
        await movements.dispute_won(tx, charge, row, fee_back=row.fee - found.fee.minor)
    elif row.status in ("lost", "prevented"):
        row.status = "lost"
        await movements.dispute_lost(tx, charge, row)
    charge.updated_at = tx.now
    await tx.db.flush()


async def _told(tx: Tx, row: Dispute, verb: str, *, before: str) -> None:
    after = {"status": row.status, "amount": row.amount, "currency": row.currency}
    was = {"status": before} if before else None
    await audit(tx, f"dispute.{verb}", "dispute", row.id or 0, before=was, after=after)


async def keep_evidence(tx: Tx, me: Actor, dispute_id: int, words: str) -> None:
    """A draft of the coach's answer. Raises NotFound, EvidenceSent, EvidenceTooLate, EvidenceWrong
    (field "evidence")."""
    row = await _mine(tx, me, dispute_id)
    _check(tx, row, words)
    async with tx.acting_as_system("payments.evidence"):
        row.evidence = words
        await tx.db.flush()


async def submit_evidence(
    me: Actor, dispute_id: int, words: str, facts: SessionEvidence | None = None
) -> None:
    """Send the coach's words, and what Loom knows, to the bank: once. Outside any transaction.

    Raises what `keep_evidence` does, PaymentRefused, PaymentUnavailable (the same may be sent
    again: it is the same call).
    """
    if not words.strip():
        raise EvidenceWrong(t("Write what happened: the bank reads nothing else."))
    async with transaction(me) as tx:
        await keep_evidence(tx, me, dispute_id, words)
        row = await _mine(tx, me, dispute_id)
        processor_id = row.processor_id
    given = _given(words, facts or SessionEvidence())
    digest = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()[:16]
    await stripe.update_dispute(
        processor_id, key=f"loom:evidence:{dispute_id}:{digest}", evidence=given, submit=True
    )
    async with transaction(DISPUTE) as tx:
        await audit(tx, "dispute.answer", "dispute", dispute_id, after={"by": me.label})
    await sync_dispute(processor_id)


def _given(words: str, facts: SessionEvidence) -> dict[str, str]:
    wanted = {
        "uncategorized_text": words.strip(),
        "service_date": facts.service_date,
        "product_description": facts.product,
        "customer_name": facts.customer_name,
        "cancellation_policy_disclosure": facts.policy,
        "access_activity_log": facts.log,
    }
    return {name: value[:LONGEST] for name, value in wanted.items() if value}


async def _mine(tx: Tx, me: Actor, dispute_id: int) -> Dispute:
    """Row-level security says whose it is: the charge's coach. Raises NotFound."""
    found = await tx.db.scalar(
        select(Dispute).where(_column.id == dispute_id),
        execution_options={"populate_existing": True},
    )
    if found is None or me.person_id is None:
        raise NotFound
    return found


def _check(tx: Tx, row: Dispute, words: str) -> None:
    if len(words) > LONGEST:
        raise EvidenceWrong(t("This is too long: at most {most} characters.", most=LONGEST))
    if row.submitted_at is not None:
        raise EvidenceSent
    if row.status not in ANSWERABLE or (row.due_by is not None and row.due_by <= tx.now):
        raise EvidenceTooLate
