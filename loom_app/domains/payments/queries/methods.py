"""Reading saved cards."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from loom_app.domains.payments.actions.methods import runs_out
from loom_app.domains.payments.actions.settle import card_words
from loom_app.domains.payments.models import PaymentMethod
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class MethodView:
    """A saved card; `expires` as on the card, with the year in full."""

    id: int
    words: str
    expires: str
    default: bool
    expiring: bool
    expired: bool


async def methods(tx: Tx, me: Actor) -> list[MethodView]:
    """The caller's cards, the default first, then the newest."""
    column: Any = PaymentMethod
    found = await tx.db.scalars(
        select(PaymentMethod)
        .where(column.user_id == me.require_person(), column.removed_at.is_(None))
        .order_by(column.is_default.desc(), column.id.desc()),
        execution_options={"populate_existing": True},
    )
    return [_view(tx, one) for one in found]


async def method(tx: Tx, method_id: int) -> MethodView | None:
    """For the mail about it; acting as a system of payments."""
    found = await tx.db.get(PaymentMethod, method_id)
    return _view(tx, found) if found else None


def _view(tx: Tx, one: PaymentMethod) -> MethodView:
    today = tx.now.date()
    ends = (one.exp_year or 0, one.exp_month or 0)
    return MethodView(
        id=one.id or 0,
        words=card_words(one.brand, one.last4),
        expires=f"{ends[1]:02}/{ends[0]}",
        default=one.is_default,
        expiring=runs_out(one, today),
        expired=ends < (today.year, today.month),
    )
