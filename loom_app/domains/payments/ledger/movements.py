"""The movements that happen: which accounts a charge, a delivery and a refund touch."""

from loom_app.domains.payments import rules
from loom_app.domains.payments.ledger.post import Leg, held, post, reverse, stands
from loom_app.domains.payments.models import Charge, Refund
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money


async def charged(tx: Tx, charge: Charge) -> None:
    """The client has paid: the money is at Stripe and not the coach's yet."""
    gross = Money(charge.amount, charge.currency)
    legs = [
        Leg("stripe_platform", gross),
        Leg("deferred", _less(gross), charge.coach_id),
    ]
    await post(tx, "charge", f"charge:{charge.id}", charge, legs)


async def processed(tx: Tx, charge: Charge, cost: Money) -> None:
    """What Stripe kept for its work; it may be known later than the charge."""
    legs = [Leg("stripe_fee_expense", cost), Leg("stripe_platform", _less(cost))]
    if cost.minor:  # a movement of nothing is none
        await post(tx, "processing_fee", f"processing:{charge.id}", charge, legs)


async def delivered(tx: Tx, charge: Charge, *, ref: str = "") -> None:
    """The session took place: the coach has earned, the platform has its fee.

    What the ledger holds decides: a refund that is still on its way takes its part later.
    """
    now = await held(tx, charge.id or 0)
    if now.deferred == 0:
        return
    fee = rules.fee_kept(charge.fee, charge.amount, charge.amount - now.total) - now.platform
    legs = [
        Leg("deferred", Money(now.deferred, charge.currency), charge.coach_id),
        Leg("coach_payable", Money(fee - now.deferred, charge.currency), charge.coach_id),
        Leg("platform_fee_income", Money(-fee, charge.currency)),
    ]
    await post(tx, "delivery", ref or f"delivery:{charge.id}", charge, legs)


async def refunded(tx: Tx, charge: Charge, refund: Refund) -> None:
    """Money went back: out of what is not delivered yet, then from the coach and the platform."""
    now = await held(tx, charge.id or 0)
    undelivered = min(now.deferred, refund.amount)
    fee = 0
    if undelivered < refund.amount:
        after = charge.amount - now.total + refund.amount
        fee = now.platform - rules.fee_kept(charge.fee, charge.amount, after)
    legs = [
        Leg("deferred", Money(undelivered, refund.currency), charge.coach_id),
        Leg(
            "coach_payable",
            Money(refund.amount - undelivered - fee, refund.currency),
            charge.coach_id,
        ),
        Leg("platform_fee_income", Money(fee, refund.currency)),
        Leg("stripe_platform", Money(-refund.amount, refund.currency)),
    ]
    await post(tx, "refund", f"refund:{refund.id}", charge, legs)


async def returned(tx: Tx, charge: Charge, refund: Refund) -> None:
    """A refund came back from the bank: as if it had not been."""
    undone = f"refund_failed:{refund.id}"
    await reverse(tx, f"refund:{refund.id}", charge, as_ref=undone)
    if await stands(tx, f"delivery:{charge.id}"):  # what came back was delivered meanwhile
        await delivered(tx, charge, ref=f"delivery:{charge.id}:{undone}")


def _less(money: Money) -> Money:
    return Money(-money.minor, money.currency)
