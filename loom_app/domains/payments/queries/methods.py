"""Reading saved cards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loom_app.domains.payments.actions.methods import runs_out
from loom_app.domains.payments.models import Payer, PaymentMethod
from loom_app.domains.payments.ways import KINDS, fits, method_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class MethodView:
    """A saved way to pay; `expires` as on a card, with the year in full, and "" for what does not
    run out. `days` is how long its bank may take."""

    id: int
    kind: str
    words: str
    expires: str
    default: bool
    expiring: bool
    expired: bool
    days: int


async def methods(tx: Tx, me: Actor) -> list[MethodView]:
    """The caller's ways to pay, the default first, then the newest."""
    column: Any = PaymentMethod
    found = await tx.db.scalars(
        select(PaymentMethod)
        .where(column.user_id == me.require_person(), column.removed_at.is_(None))
        .order_by(column.is_default.desc(), column.id.desc()),
        execution_options={"populate_existing": True},
    )
    return [_view(tx, one) for one in found]


async def methods_for(
    tx: Tx, me: Actor, price: Money, needed_by: datetime | None = None
) -> list[MethodView]:
    """Those that can pay a price, and are done in time."""
    left = needed_by - tx.now if needed_by else None
    return [
        one
        for one in await methods(tx, me)
        if not one.expired and fits(one.kind, price.currency, left)
    ]


async def keeps_cards(tx: Tx, person_id: int) -> tuple[bool, bool]:
    """Whether a person has a card saved, and whether one can be saved while paying."""
    async with tx.acting_as_system("payments.keeps_cards"):
        column: Any = PaymentMethod
        saved = await tx.db.scalar(
            select(column.id)
            .where(column.user_id == person_id, column.removed_at.is_(None))
            .where(column.kind == "card")
            .limit(1)
        )
        payer = await tx.db.get(Payer, person_id, populate_existing=True)
    return saved is not None, payer is not None and payer.customer_id is not None


async def method(tx: Tx, method_id: int) -> MethodView | None:
    """For the mail about it; acting as a system of payments."""
    found = await tx.db.get(PaymentMethod, method_id)
    return _view(tx, found) if found else None


def _view(tx: Tx, one: PaymentMethod) -> MethodView:
    today = tx.now.date()
    ends = (one.exp_year, one.exp_month) if one.exp_year and one.exp_month else None
    return MethodView(
        id=one.id or 0,
        kind=one.kind,
        words=method_words(one.kind, one.brand, one.last4),
        expires=f"{ends[1]:02}/{ends[0]}" if ends else "",
        default=one.is_default,
        expiring=runs_out(one, today),
        expired=ends is not None and ends < (today.year, today.month),
        days=KINDS[one.kind].days,
    )
