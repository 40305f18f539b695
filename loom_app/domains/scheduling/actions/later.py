"""What a booked seat has still to pay: planned with payments, by what was agreed when booking."""

from datetime import timedelta

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Plan
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.rules.terms import GRACE
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.settings import settings

# a rest that was not paid before the session may be paid so long after it
PATIENCE = timedelta(days=60)


async def plan(tx: Tx, session: CoachingSession, seat: Seat) -> None:
    """The rest of the price, and the fee that is held, of a seat that is confirmed. Idempotent."""
    price = seat.price
    start, end = session.starts_at, session.ends_at
    plans: list[Plan] = []

    def due(part: str, how: str, minor: int, hours: int, release: timedelta) -> None:
        plans.append(
            Plan(
                part=part,
                how=how,
                amount=Money(minor, price.currency),
                whole=price if part in ("rest", "later") else Money(minor, price.currency),
                payer_id=seat.client_id or 0,
                coach_id=session.coach_id,
                offering_id=session.offering_id,
                description=session.title,
                path=f"/sessions/{session.id}",
                due_at=start - timedelta(hours=hours),
                until_at=start,
                release_at=end + release,
            )
        )

    known = settings()
    if seat.rest:
        part, before = "later" if seat.follows else "rest", seat.rest == "before"
        hours = known.rest_hours_before if before else 0
        if before and seat.follows:  # who may not cancel freely any more has paid
            hours = max(hours, session.cancel_free_hours)
        how = "card" if before else "in_person"
        due(part, how, price.minor - seat.deposit_minor, hours, PATIENCE)
    if seat.no_show_fee_minor:
        due("no_show", "card", seat.no_show_fee_minor, known.hold_hours_before, GRACE)
    for one in plans:
        await payments.plan_due(tx, seat.payable, one)
