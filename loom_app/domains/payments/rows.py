"""Locking rows: the payable first, then the charge, so that no two wait for each other."""

from typing import Any

from sqlalchemy import func, select

from loom_app.domains.payments.models import Charge
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


async def seen(tx: Tx, charge_id: int) -> Charge:
    """The charge as it is, without a lock. Raises NotFound."""
    return await _one(tx, select(Charge).where(_id() == charge_id))


async def _one(tx: Tx, statement: Any) -> Charge:
    found = await tx.db.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    return found


def _id() -> Any:
    return Charge.id
