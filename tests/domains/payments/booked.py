"""Something booked with a deposit, and what is still due of it."""

from datetime import timedelta

from loom_app.domains.payments import actions
from loom_app.domains.payments.actions import Payable, Plan, Way
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.helpers import rows

WORKER = Actor.system_job("scheduling.test")


async def can_be_paid(coach: Actor, status: str = "active") -> None:
    """As if their account at Stripe were so, where they have none."""
    await rows(
        "INSERT INTO payout_accounts (user_id, status) VALUES (:id, :status)"
        " ON CONFLICT (user_id) DO UPDATE SET status = excluded.status"
        " WHERE payout_accounts.processor_id IS NULL RETURNING 1",
        id=coach.person_id,
        status=status,
    )


class Booked:
    """A payable with its deposit paid and what is planned of it."""

    def __init__(self, payments, number: int, price: Money, deposit: int, card: int) -> None:
        self.payments, self.price, self.deposit, self.card = payments, price, deposit, card
        self.payable = Payable("seat", number)

    async def pay_deposit(self) -> int:
        me = self.payments.ben
        async with transaction(me) as tx:
            start = await actions.begin_charge(
                tx,
                me,
                self.payable,
                Money(self.deposit, self.price.currency),
                payer_id=me.require_person(),
                coach_id=self.payments.ada.require_person(),
                description="Focus session",
                return_path="/x",
                cancel_path="/x",
                expires_at=clock.now(),
                way=Way(self.card),
                part="deposit",
                whole=self.price,
            )
        await actions.pay(start.charge_id)
        return start.charge_id

    async def plan(self, part: str = "rest", *, how: str = "card", hours: float = -1) -> int:
        """Due so many hours from now; the session is two days later."""
        minor = self.price.minor - self.deposit if part == "rest" else 2000
        amount = Money(minor, self.price.currency)
        at = clock.now() + timedelta(hours=hours)
        await can_be_paid(self.payments.ada)
        async with transaction(WORKER) as tx:
            plan = Plan(
                part=part,
                how=how,
                amount=amount,
                whole=self.price if part == "rest" else amount,
                payer_id=self.payments.ben.require_person(),
                coach_id=self.payments.ada.require_person(),
                offering_id=1,
                description="Focus session",
                path="/sessions/1",
                due_at=at,
                until_at=at + timedelta(hours=48),
                release_at=at + timedelta(hours=73),
            )
            await actions.plan_due(tx, self.payable, plan)
        found = await rows(
            "SELECT id FROM dues WHERE payable_id = :id AND part = :part",
            id=self.payable.id,
            part=part,
        )
        return found[0]["id"]

    async def did(self, verb) -> None:
        async with transaction(WORKER) as tx:
            await verb(tx, self.payable)
