"""Disputes: a cardholder asks their bank for the money back, and Loom answers with evidence."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, each, id_of, maybe, options, sdk
from loom_app.integrations.stripe.payments import moment
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute of one charge.

    `status` is needs_response, under_review, won or lost (warning_… for an inquiry, which takes
    no money; prevented). `amount` and `fee` have left Loom's balance while it is open; `taken` is
    what they sum to now: a won one brings the amount back. Evidence may be changed until it is
    submitted or `due_by` passes.
    """

    id: str
    status: str
    reason: str
    amount: Money
    fee: Money
    taken: Money
    charge_id: str
    intent_id: str | None
    opened_at: datetime
    due_by: datetime | None
    past_due: bool
    has_evidence: bool
    submissions: int
    refundable: bool
    evidence: dict[str, str]


async def dispute(dispute_id: str) -> Dispute:
    """A dispute (`du_…`) as it is now."""
    return _dispute(await ask(sdk().v1.disputes.retrieve_async(dispute_id)))


async def disputes(
    *, intent_id: str | None = None, since: datetime | None = None
) -> AsyncIterator[Dispute]:
    """Disputes, newest first: of one payment, opened since then."""
    params: Any = {"limit": 100}
    if intent_id is not None:
        params["payment_intent"] = intent_id
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    async for found in each(sdk().v1.disputes.list_async(params)):
        yield _dispute(found)


async def update_dispute(
    dispute_id: str, *, key: str, evidence: Mapping[str, str], submit: bool = False
) -> Dispute:
    """Keep evidence, or with `submit` send it to the bank: that happens once.

    Names as in Stripe's `evidence`, texts of up to 20,000 characters: service_date,
    cancellation_policy_disclosure, refund_policy_disclosure, product_description, customer_name,
    customer_email_address, access_activity_log, uncategorized_text. An empty text removes one.
    """
    params: Any = {"evidence": dict(evidence), "submit": submit}
    call = sdk().v1.disputes.update_async(dispute_id, params, options(key=key))
    return _dispute(await ask(call))


async def close_dispute(dispute_id: str, *, key: str) -> Dispute:
    """Accept that it is lost. It cannot be opened again."""
    return _dispute(await ask(sdk().v1.disputes.close_async(dispute_id, {}, options(key=key))))


def _dispute(found: Any) -> Dispute:
    currency = found.currency.upper()
    movements = found.balance_transactions
    details = found.evidence_details
    given = found.evidence.to_dict()
    return Dispute(
        id=found.id,
        status=found.status,
        reason=found.reason,
        amount=Money(found.amount, currency),
        fee=Money(sum(m.fee for m in movements), currency),
        taken=Money(-sum(m.net for m in movements), currency),
        charge_id=id_of(found.charge) or "",
        intent_id=id_of(maybe(found, "payment_intent")),
        opened_at=datetime.fromtimestamp(found.created, UTC),
        due_by=moment(maybe(details, "due_by")),
        past_due=details.past_due,
        has_evidence=details.has_evidence,
        submissions=details.submission_count,
        refundable=found.is_charge_refundable,
        evidence={name: text for name, text in given.items() if isinstance(text, str) and text},
    )
