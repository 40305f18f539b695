"""What happens to the money of a charge: which accounts each movement touches."""

from datetime import datetime

from sqlalchemy import text

from loom_app.domains.payments import rules
from loom_app.domains.payments.ledger.post import (
    AccountKind,
    Held,
    Leg,
    held,
    post,
    reverse,
    stands,
    times,
)
from loom_app.domains.payments.models import Charge, Dispute, Refund
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money


async def charged(tx: Tx, charge: Charge) -> None:
    """The client has paid, by card and out of their credit: the money is not the coach's yet."""
    legs = [
        _leg(charge, "stripe_platform", charge.amount - charge.credit),
        Leg("client_credit", Money(charge.credit, charge.currency), charge.payer_id),
        _leg(charge, "deferred", -charge.amount),
    ]
    await post(tx, "charge", f"charge:{charge.id}", legs, charge=charge)


async def processed(tx: Tx, charge: Charge, cost: Money) -> None:
    """What Stripe kept for its work; it may be known later than the charge."""
    legs = [Leg("stripe_fee_expense", cost), Leg("stripe_platform", _less(cost))]
    if cost.minor:  # a movement of nothing is none
        await post(tx, "processing_fee", f"processing:{charge.id}", legs, charge=charge)


async def delivered(tx: Tx, charge: Charge, *, ref: str = "", part: int | None = None) -> None:
    """What was paid for took place, or `part` of it: the coach has earned, the platform has its
    fee, as if the rest were given back.

    What the ledger holds decides: a refund that is still on its way takes its part later.
    """
    now = await held(tx, charge.id or 0)
    due = now.deferred if part is None else min(part, now.deferred)
    if due == 0:
        return
    rest = charge.amount - now.total + now.deferred - due
    fee = rules.fee_kept(charge.fee, charge.amount, rest) - now.platform
    legs = [
        _leg(charge, "deferred", due),
        _leg(charge, "coach_pending", fee - due),
        _leg(charge, "platform_fee_income", -fee),
    ]
    await post(tx, "delivery", ref or f"delivery:{charge.id}", legs, charge=charge)


async def delivered_back(tx: Tx, charge: Charge, part: int, *, ref: str) -> None:
    """So much of what was delivered did not take place after all: paid for once more, and not
    delivered. The reverse of `delivered`, fee and all, wherever the coach's part is by now; of what
    went back, or is lost, nothing is there to be reversed."""
    now = await held(tx, charge.id or 0)
    back = min(part, now.total - now.deferred)
    if back <= 0:
        return
    rest = charge.amount - now.total + now.deferred + back
    fee = now.platform - rules.fee_kept(charge.fee, charge.amount, rest)
    legs = [
        _leg(charge, "deferred", -back),
        *_from_coach(charge, now, back - fee),
        _leg(charge, "platform_fee_income", fee),
    ]
    await post(tx, "delivery_back", ref, legs, charge=charge)


async def released(tx: Tx, charge: Charge, until: datetime | None = None) -> bool:
    """The time in which something may be said is over for what was delivered `until` then: the
    coach may be paid. False where nothing was waiting."""
    now = await held(tx, charge.id or 0)
    due = now.pending - (await _young(tx, charge, until) if until else 0)
    if due <= 0:
        return False
    legs = [
        _leg(charge, "coach_pending", due),
        _leg(charge, "coach_payable", -due),
    ]
    count = await times(tx, charge.id or 0, "release")
    return await post(tx, "release", f"release:{charge.id}:{count}", legs, charge=charge)


async def _young(tx: Tx, charge: Charge, after: datetime) -> int:
    """What of a charge was delivered after that."""
    found = await tx.db.scalar(
        text(
            "SELECT -sum(e.amount)::bigint FROM ledger_entries e"
            " JOIN ledger_transactions t ON t.id = e.transaction_id"
            " JOIN ledger_accounts a ON a.id = e.account_id WHERE t.charge_id = :charge"
            " AND t.kind = 'delivery' AND t.occurred_at > :after AND a.kind = 'coach_pending'"
        ),
        {"charge": charge.id, "after": after},
    )
    return int(found or 0)


async def refunded(tx: Tx, charge: Charge, refund: Refund) -> None:
    """Money went back, to the card or as credit: out of what is not delivered yet, then from the
    coach and the platform."""
    legs = await _given_back(tx, charge, refund.amount)
    target = Leg("stripe_platform", Money(-refund.amount, refund.currency))
    if refund.as_credit:
        target = Leg("client_credit", target.money, charge.payer_id)
    await post(tx, "refund", f"refund:{refund.id}", [*legs, target], charge=charge)


async def returned(tx: Tx, charge: Charge, refund: Refund) -> None:
    """A refund came back from the bank: as if it had not been."""
    undone = f"refund_failed:{refund.id}"
    await reverse(tx, f"refund:{refund.id}", as_ref=undone, charge=charge)
    if await stands(tx, f"delivery:{charge.id}"):  # what came back was delivered meanwhile
        await delivered(tx, charge, ref=f"delivery:{charge.id}:{undone}")


async def disputed(tx: Tx, charge: Charge, dispute: Dispute) -> None:
    """The payer's bank took the money, and Stripe a fee, which the platform bears; what the coach
    has earned of it is held meanwhile."""
    now = await held(tx, charge.id or 0)
    legs = [
        _leg(charge, "dispute_receivable", dispute.amount),
        _leg(charge, "dispute_fee_expense", dispute.fee),
        _leg(charge, "stripe_platform", -dispute.amount - dispute.fee),
        _leg(charge, "coach_pending", now.pending),
        _leg(charge, "coach_payable", now.payable),
        _leg(charge, "coach_held", -now.pending - now.payable),
    ]
    await post(tx, "dispute", f"dispute:{dispute.processor_id}", legs, charge=charge)


async def dispute_won(tx: Tx, charge: Charge, dispute: Dispute, *, fee_back: int = 0) -> None:
    """The money came back, and with it what the coach had earned; `fee_back` is what Stripe
    returned of its fee."""
    now = await held(tx, charge.id or 0)
    legs = [
        _leg(charge, "stripe_platform", dispute.amount + fee_back),
        _leg(charge, "dispute_fee_expense", -fee_back),
        _leg(charge, "dispute_receivable", -dispute.amount),
        _leg(charge, "coach_held", now.frozen),
        _leg(charge, "coach_payable", -now.frozen),
    ]
    await post(tx, "dispute_won", f"dispute_won:{dispute.processor_id}", legs, charge=charge)


async def dispute_lost(tx: Tx, charge: Charge, dispute: Dispute) -> None:
    """The money is gone, like a refund; what is held beyond it is the coach's again.

    What became credit before the bank took it as well is the platform's loss, not the coach's.
    """
    now = await held(tx, charge.id or 0)
    borne = min(dispute.amount, now.total)
    legs = await _given_back(tx, charge, borne)
    taken = sum(leg.money.minor for leg in legs if leg.account == "coach_held")
    left = now.frozen - taken
    more = [
        _leg(charge, "loss_expense", dispute.amount - borne),
        _leg(charge, "dispute_receivable", -dispute.amount),
        _leg(charge, "coach_held", left),
        _leg(charge, "coach_payable", -left),
    ]
    ref = f"dispute_lost:{dispute.processor_id}"
    await post(tx, "dispute_lost", ref, [*legs, *more], charge=charge)


async def _given_back(tx: Tx, charge: Charge, amount: int) -> list[Leg]:
    """The debits that free an amount of a charge; cumulative, so that parts sum exactly."""
    now = await held(tx, charge.id or 0)
    undelivered = min(now.deferred, amount)
    fee = 0
    if undelivered < amount:
        after = charge.amount - now.total + amount
        fee = now.platform - rules.fee_kept(charge.fee, charge.amount, after)
    return [
        _leg(charge, "deferred", undelivered),
        *_from_coach(charge, now, amount - undelivered - fee),
        _leg(charge, "platform_fee_income", fee),
    ]


def _from_coach(charge: Charge, now: Held, amount: int) -> list[Leg]:
    """What is held goes first, then what waits; the rest is carried forward against what the coach
    earns next."""
    frozen = min(now.frozen, amount)
    pending = min(now.pending, amount - frozen)
    return [
        _leg(charge, "coach_held", frozen),
        _leg(charge, "coach_pending", pending),
        _leg(charge, "coach_payable", amount - frozen - pending),
    ]


# by coach: theirs, and the platform's fee of their sales
_COACHS = ("deferred", "coach_pending", "coach_payable", "coach_held", "platform_fee_income")


def _leg(charge: Charge, account: AccountKind, minor: int) -> Leg:
    person = charge.coach_id if account in _COACHS else None
    return Leg(account, Money(minor, charge.currency), person)


def _less(money: Money) -> Money:
    return Money(-money.minor, money.currency)
