"""Reading credit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from loom_app.domains.payments import rules
from loom_app.domains.payments.models import CreditLot
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money

_lot: Any = CreditLot


@dataclass(frozen=True, slots=True)
class CreditView:
    """What may be spent of one currency, and what of it runs out first, when."""

    money: Money
    first: Money
    first_expires_at: datetime


async def credit(tx: Tx, me: Actor) -> list[CreditView]:
    """The caller's credit, currency by currency; what open charges keep is not in it."""
    found = await tx.db.scalars(
        select(CreditLot)
        .where(_lot.person_id == me.require_person(), _lot.remaining > 0, _lot.expires_at > tx.now)
        .order_by(_lot.currency, _lot.expires_at, _lot.id)
    )
    views: dict[str, CreditView] = {}
    for lot in found:
        money = Money(lot.remaining, lot.currency)
        known = views.get(lot.currency)
        views[lot.currency] = (
            CreditView(known.money + money, known.first, known.first_expires_at)
            if known
            else CreditView(money, money, lot.expires_at)
        )
    return list(views.values())


async def credit_towards(tx: Tx, me: Actor, price: Money) -> Money:
    """How much of the caller's credit would go into a price."""
    total = await tx.db.scalar(
        select(func.sum(_lot.remaining)).where(
            _lot.person_id == me.require_person(),
            _lot.currency == price.currency,
            _lot.expires_at > tx.now,
        )
    )
    return Money(rules.credit_for(price.minor, int(total or 0)), price.currency)
