"""Reading about money: what a charge became, what the fee is, what the ledger says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, tuple_

from loom_app.domains.payments.actions.fees import Fee, fee_rule
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.models import Charge
from loom_app.domains.payments.rows import seen
from loom_app.domains.payments.rules import same_part
from loom_app.integrations.stripe.errors import decline_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.settings import settings


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge as its payer or coach sees it."""

    id: int
    status: str
    amount: Money
    fee: Money
    refunded: Money
    disputed: Money
    lost: Money
    decline: str
    expires_at: datetime
    paid_at: datetime | None
    part: str = "full"
    surplus: bool = False

    @property
    def open(self) -> bool:
        return self.status in ("created", "pending")

    @property
    def paid(self) -> bool:
        """For what was owed; what was paid twice is not."""
        return self.status in ("succeeded", "refunded") and not self.surplus

    @property
    def left(self) -> Money:
        """What is neither given back nor lost to a bank."""
        left = self.amount - self.refunded - self.lost
        return left if left.minor > 0 else Money(0, left.currency)


@dataclass(frozen=True, slots=True)
class BalanceView:
    """One account of a person: `deferred` is paid and to come, `coach_payable` is earned."""

    kind: str
    money: Money


async def charge_of(tx: Tx, me: Actor, payable: Payable) -> ChargeView | None:
    """The newest attempt to book it that `me` may see; row-level security decides."""
    every = await charges_of(tx, me, payable)
    found = [one for one in every if one.part in same_part("full") and not one.surplus]
    return found[-1] if found else None


async def charges_of(tx: Tx, me: Actor, payable: Payable) -> list[ChargeView]:
    """Every attempt for every part, oldest first, that `me` may see."""
    del me
    return (await charges_of_each(tx, [payable]))[payable]


async def charges_of_each(tx: Tx, payables: Collection[Payable]) -> dict[Payable, list[ChargeView]]:
    """The same for each of these, in one statement."""
    found: dict[Payable, list[ChargeView]] = {one: [] for one in payables}
    if not found:
        return found
    column: Any = Charge
    which = [(one.kind, one.id) for one in found]
    statement = (
        select(Charge)
        .where(tuple_(column.payable_kind, column.payable_id).in_(which))
        .order_by(column.id)
    )
    for one in await tx.db.scalars(statement, execution_options={"populate_existing": True}):
        found[Payable(one.payable_kind, one.payable_id)].append(_view(one))
    return found


async def charged(tx: Tx, charge_id: int) -> Money:
    """How much a charge is; acting as a system of payments. Raises NotFound."""
    charge = await seen(tx, charge_id)
    return Money(charge.amount, charge.currency)


async def lost(tx: Tx, charge_id: int) -> tuple[Money, bool]:
    """What of a charge its payer's bank has taken for good, beside what was given back, and whether
    it is still deciding about some of it. Raises NotFound."""
    async with tx.acting_as_system("payments.lost"):
        charge = await seen(tx, charge_id)
    taken = Money(min(charge.lost, charge.amount - charge.refunded), charge.currency)
    return taken, charge.disputed > 0


def _view(charge: Charge) -> ChargeView:
    return ChargeView(
        id=charge.id or 0,
        status=charge.status,
        amount=Money(charge.amount, charge.currency),
        fee=Money(charge.fee, charge.currency),
        refunded=Money(charge.refunded, charge.currency),
        disputed=Money(charge.disputed, charge.currency),
        lost=Money(charge.lost, charge.currency),
        decline=decline_words(charge.decline_code) if charge.decline_code else "",
        expires_at=charge.expires_at,
        paid_at=charge.paid_at,
        part=charge.part,
        surplus=charge.surplus,
    )


async def fee_for(tx: Tx, amount: Money, coach_id: int, offering_id: int | None = None) -> Money:
    """The platform's fee on a sale, before it is made."""
    return (await fee_rule(tx, coach_id, offering_id)).of(amount)


def standard_fee(amount: Money) -> Money:
    """The fee of who has no rule of their own."""
    now = settings()
    return Fee(now.platform_fee_bps, now.platform_fee_fixed_minor).of(amount)


async def balances(tx: Tx, me: Actor) -> list[BalanceView]:
    """What the ledger holds for a person, account by account and currency by currency."""
    rows = await tx.db.execute(
        text(
            "SELECT a.kind, e.currency, -sum(e.amount)::bigint FROM ledger_entries e"
            " JOIN ledger_accounts a ON a.id = e.account_id WHERE a.person_id = :person"
            " GROUP BY a.kind, e.currency ORDER BY a.kind, e.currency"
        ),
        {"person": me.require_person()},
    )
    return [BalanceView(kind, Money(minor, currency)) for kind, currency, minor in rows]
