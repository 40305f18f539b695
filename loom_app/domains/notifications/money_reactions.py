"""What coaches, payers and staff are told of money that no session is about."""

from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.notifications.actions import notify
from loom_app.domains.payments import events as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(payments.DisputeOpened)
async def tell_disputed(tx: Tx, event: payments.DisputeOpened) -> None:
    await _tell_dispute(tx, event.dispute_id, "dispute.opened", "")


@on(payments.DisputeClosed)
async def tell_dispute_over(tx: Tx, event: payments.DisputeClosed) -> None:
    await _tell_dispute(tx, event.dispute_id, "dispute.closed", event.outcome)


async def _tell_dispute(tx: Tx, dispute_id: int, event: str, outcome: str) -> None:
    """To the coach; a mail's facts hold the code of the reason, so that it is worded when sent."""
    async with tx.acting_as_system("payments.tell"):
        about = await payment_queries.dispute_facts(tx, dispute_id)
    facts = {
        "minor": about.amount.minor,
        "currency": about.amount.currency,
        "what": about.description,
        "reason": about.reason_code,
        "due_by": about.due_by.isoformat() if about.due_by else "",
        "outcome": outcome,
    }
    key = f"{dispute_id}:{outcome or facts['due_by']}"  # an inquiry that became one is told anew
    await notify(tx, about.coach_id, event, key=key, facts=facts)


@on(payments.BooksDiffer)
async def tell_differences(tx: Tx, event: payments.BooksDiffer) -> None:
    async with tx.acting_as_system("notifications.tell"):
        staff = await account_queries.staff_who_may(tx, "money.see")
    key = f"findings:{max(event.finding_ids)}"
    for person_id in staff:
        await notify(tx, person_id, "books.differ", key=key, facts={"many": len(event.finding_ids)})


@on(payments.PayoutPaid)
async def tell_paid_out(tx: Tx, event: payments.PayoutPaid) -> None:
    await _tell_payout(tx, event.coach_id, "payout.paid", event.payout_id)


@on(payments.PayoutFailed)
async def tell_payout_failed(tx: Tx, event: payments.PayoutFailed) -> None:
    await _tell_payout(tx, event.coach_id, "payout.failed", event.payout_id)


@on(payments.PayoutWaits)
async def tell_payout_waits(tx: Tx, event: payments.PayoutWaits) -> None:
    """To staff, once a payout: only they can see what Stripe lacks."""
    async with tx.acting_as_system("payments.tell"):
        one = await payment_queries.payout_facts(tx, event.payout_id)
    async with tx.acting_as_system("notifications.tell"):
        staff = await account_queries.staff_who_may(tx, "money.see")
        coach = await account_queries.person(tx, event.coach_id)
    facts = {
        "minor": one.amount.minor,
        "currency": one.amount.currency,
        "payout_id": one.id,
        "coach": coach.name,
        "since": (one.waits_since or tx.now).isoformat(),
    }
    for person_id in staff:
        await notify(tx, person_id, "payout.waits", key=str(one.id), facts=facts)


async def _tell_payout(tx: Tx, coach_id: int, event: str, payout_id: int) -> None:
    """The facts are of this moment: a payout that failed may be sent again and fail otherwise."""
    async with tx.acting_as_system("payments.tell"):
        one = await payment_queries.payout_facts(tx, payout_id)
    facts = {
        "minor": one.amount.minor,
        "currency": one.amount.currency,
        "failure": one.failure_code,
        "moved": one.moved,
    }
    await notify(tx, coach_id, event, key=f"{payout_id}:{one.attempts}", facts=facts)


@on(payments.CoachAccountChanged)
async def tell_account(tx: Tx, event: payments.CoachAccountChanged) -> None:
    """Only what decides about selling: from now on, or not any more."""
    if event.status in ("active", "restricted", "closed"):
        day = tx.now.date().isoformat()  # back and forth within a day is one mail of each kind
        key = f"{event.status}:{day}"
        await notify(tx, event.coach_id, f"account.{event.status}", key=key, facts={})


@on(payments.DocumentIssued)
async def mail_paper(tx: Tx, event: payments.DocumentIssued) -> None:
    key, facts = str(event.document_id), {"document_id": event.document_id}
    await notify(tx, event.payer_id, "payment.document", key=key, facts=facts)


@on(payments.RefundFailed)
async def mail_refund_failed(tx: Tx, event: payments.RefundFailed) -> None:
    facts = {
        "charge_id": event.charge_id,
        "minor": event.amount_minor,
        "currency": event.currency,
    }
    key = str(event.refund_id)
    await notify(tx, event.payer_id, "payment.refund_failed", key=key, facts=facts)


@on(payments.CardExpiring)
async def mail_card_expiring(tx: Tx, event: payments.CardExpiring) -> None:
    """Once for each time that the card is warned about."""
    key, facts = f"{event.method_id}:{tx.now.date()}", {"method_id": event.method_id}
    await notify(tx, event.user_id, "payment.card_expiring", key=key, facts=facts)


@on(payments.CreditExpiring)
async def mail_credit_expiring(tx: Tx, event: payments.CreditExpiring) -> None:
    facts = {"minor": event.minor, "currency": event.currency, "expires_at": event.expires_at}
    key = str(event.lot_id)
    await notify(tx, event.person_id, "payment.credit_expiring", key=key, facts=facts)


@on(payments.RefundAsked)
async def mail_refund_asked(tx: Tx, event: payments.RefundAsked) -> None:
    key, facts = str(event.request_id), {"request_id": event.request_id}
    await notify(tx, event.coach_id, "payment.refund_asked", key=key, facts=facts)


@on(payments.RefundDecided)
async def mail_refund_decided(tx: Tx, event: payments.RefundDecided) -> None:
    key, facts = str(event.request_id), {"request_id": event.request_id}
    await notify(tx, event.payer_id, "payment.refund_decided", key=key, facts=facts)
