"""Money on its way to coaches, and credit that runs out."""

from loom_app.domains.payments.ledger.post import Leg, post, reverse
from loom_app.domains.payments.models import CreditLot, Payout, ProcessorMovement
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money


async def transferred(tx: Tx, payout: Payout) -> None:
    """Out of the platform's balance at Stripe into the coach's."""
    money, less = Money(payout.amount, payout.currency), Money(-payout.amount, payout.currency)
    legs = [
        Leg("coach_payable", money, payout.coach_id),
        Leg("stripe_platform", less),
        Leg("stripe_connected", money, payout.coach_id),
        Leg("coach_balance", less, payout.coach_id),
    ]
    await post(tx, "transfer", f"transfer:{payout.id}", legs, payout_id=payout.id)


async def pulled_back(tx: Tx, payout: Payout) -> None:
    """A transfer was reversed: the money is the platform's to pay out again."""
    ref = f"transfer_reversed:{payout.id}"
    await reverse(tx, f"transfer:{payout.id}", as_ref=ref, payout_id=payout.id)


async def paid_out(tx: Tx, payout: Payout) -> None:
    """From the coach's balance at Stripe to their bank; `attempts` tells one try from the next."""
    legs = [
        Leg("coach_balance", Money(payout.amount, payout.currency), payout.coach_id),
        Leg("stripe_connected", Money(-payout.amount, payout.currency), payout.coach_id),
    ]
    ref = f"payout:{payout.id}:{payout.attempts}"
    await post(tx, "payout", ref, legs, payout_id=payout.id)


async def sent_back(tx: Tx, payout: Payout) -> None:
    """The bank would not take it: it stands in the coach's balance at Stripe again."""
    ref = f"payout:{payout.id}:{payout.attempts}"
    await reverse(tx, ref, as_ref=f"{ref}:failed", payout_id=payout.id)


async def credited(tx: Tx, lot: CreditLot) -> None:
    """Given by the platform, as a reward: it bears it."""
    legs = [
        Leg("client_credit", Money(-lot.amount, lot.currency), lot.person_id),
        Leg("credit_expired", Money(lot.amount, lot.currency)),
    ]
    await post(tx, "credit", f"credit:{lot.id}", legs)


async def expired(tx: Tx, lot: CreditLot) -> None:
    """What is left of a lot is nobody's any more, and so the platform's."""
    legs = [
        Leg("client_credit", Money(lot.remaining, lot.currency), lot.person_id),
        Leg("credit_expired", Money(-lot.remaining, lot.currency)),
    ]
    await post(tx, "credit_expiry", f"credit_expiry:{lot.id}", legs)


async def platform_moved(tx: Tx, move: ProcessorMovement) -> None:
    """Loom's own money to its bank or back, or a fee of Stripe's: Stripe alone knows of it."""
    other = "stripe_fee_expense" if move.type == "stripe_fee" else "bank"
    legs = [
        Leg("stripe_platform", Money(move.net, move.currency)),
        Leg(other, Money(-move.net, move.currency)),
    ]
    await post(tx, f"platform_{move.type}", f"{move.type}:{move.id}", legs)
