"""Locking rows: the payable first, then the charge, so that no two wait for each other."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from loom_app.domains.payments.models import Charge, Due, PaymentMethod
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound


async def alone(tx: Tx, *what: str | int) -> None:
    """One at a time, until the commit, for everything that names the same: ("credit", 7, "EUR")."""
    key = ":".join(str(part) for part in what)
    await tx.db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def lock_payable(tx: Tx, kind: str, number: int) -> None:
    """One at a time for everything that is about to pay for the same thing."""
    await alone(tx, "payable", kind, number)


async def locked(tx: Tx, charge_id: int) -> Charge:
    """The charge, locked and read anew. Raises NotFound."""
    return await _one(tx, select(Charge).where(_id() == charge_id).with_for_update())


async def payable_locked(tx: Tx, charge_id: int) -> Charge:
    """The charge, locked behind what it pays for. Raises NotFound."""
    charge = await seen(tx, charge_id)
    await lock_payable(tx, charge.payable_kind, charge.payable_id)
    return await locked(tx, charge_id)


async def paid_for(tx: Tx, kind: str, number: int) -> list[Charge]:
    """What was paid for a payable and is not all given back, oldest first and locked; not what
    nothing was owed for. The caller has the payable's lock."""
    column: Any = Charge
    found = await tx.db.scalars(
        select(Charge)
        .where(column.payable_kind == kind, column.payable_id == number)
        .where(column.status == "succeeded", column.surplus.is_(False))
        .order_by(column.id)
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    return list(found)


async def seen(tx: Tx, charge_id: int) -> Charge:
    """The charge as it is, without a lock. Raises NotFound."""
    return await _one(tx, select(Charge).where(_id() == charge_id))


async def card_for(tx: Tx, due: Due) -> PaymentMethod | None:
    """The saved card that is asked for a due: the one that paid before where it is saved still,
    else the one that is offered first."""
    return (await cards_for(tx, [due]))[0]


async def cards_for(tx: Tx, dues: Sequence[Due]) -> list[PaymentMethod | None]:
    """The same for each of these dues, in two statements."""
    if not dues:
        return []
    charge: Any = Charge
    method: Any = PaymentMethod
    payables = {(due.payable_kind, due.payable_id) for due in dues}
    used = await tx.db.execute(
        select(charge.payable_kind, charge.payable_id, charge.id, charge.used_card)
        .where(tuple_(charge.payable_kind, charge.payable_id).in_(payables))
        .where(charge.used_card.is_not(None))
        .where(charge.status.in_(("succeeded", "refunded", "held")))
        .order_by(charge.id)
    )
    paid = [tuple(row) for row in used]
    saved = list(
        await tx.db.scalars(
            select(PaymentMethod)
            .where(method.user_id.in_({due.payer_id for due in dues}), method.removed_at.is_(None))
            .where(method.kind == "card")
            .order_by(method.is_default.desc(), method.id.desc())
        )
    )
    return [_card_of(due, paid, saved) for due in dues]


def _card_of(
    due: Due, paid: Sequence[tuple[Any, ...]], saved: Sequence[PaymentMethod]
) -> PaymentMethod | None:
    before = [(number, card) for kind, payable, number, card in paid
              if (kind, payable) == (due.payable_kind, due.payable_id)]  # fmt: skip
    used = next((card for number, card in before if number == due.charge_id), None)
    used = used or (before[0][1] if before else "")
    theirs = [one for one in saved if one.user_id == due.payer_id]
    return next((one for one in theirs if one.processor_id == used), theirs[0] if theirs else None)


async def _one(tx: Tx, statement: Any) -> Charge:
    found = await tx.db.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    return found


def _id() -> Any:
    return Charge.id
