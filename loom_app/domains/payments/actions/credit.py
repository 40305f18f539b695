"""Credit of clients: it comes in as lots, is kept for an open charge, spent, given back, expires.

Whoever changes what a person has of a currency holds that person's lock, so that two charges never
keep the same credit. What remains of all lots and what open charges keep is what the ledger holds.
"""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text

from loom_app.domains.payments import rules
from loom_app.domains.payments.events import CreditExpiring
from loom_app.domains.payments.ledger import outward
from loom_app.domains.payments.models import LIVE, Charge, CreditLot, CreditUse
from loom_app.domains.payments.rows import alone
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.money import Money
from loom_app.kit.settings import settings

CREDIT = Actor.system_job("payments.credit")
NOTE_AHEAD = timedelta(days=30)
_lot: Any = CreditLot
_use: Any = CreditUse


async def keep(tx: Tx, person_id: int, price: Money) -> list[tuple[int, int]]:
    """Take what may be used for a price out of the lots, the one that runs out first, first;
    returns (lot, amount). Call as the system, in the transaction that writes the charge."""
    await alone(tx, "credit", person_id, price.currency)
    lots = await _usable(tx, person_id, price.currency)
    wanted = rules.credit_for(price.minor, sum(lot.remaining for lot in lots))
    return await _take(tx, lots, wanted)


async def keep_again(tx: Tx, charge: Charge) -> bool:
    """A charge that had let go of its credit was paid after all: take it once more, all or
    nothing."""
    await alone(tx, "credit", charge.payer_id, charge.currency)
    lots = await _usable(tx, charge.payer_id, charge.currency)
    if sum(lot.remaining for lot in lots) < charge.credit:
        return False
    await note(tx, charge.id or 0, await _take(tx, lots, charge.credit))
    return True


async def note(tx: Tx, charge_id: int, taken: list[tuple[int, int]]) -> None:
    """Write down what a charge keeps."""
    for lot_id, amount in taken:
        tx.db.add(CreditUse(charge_id=charge_id, lot_id=lot_id, amount=amount))
    await tx.db.flush()


async def kept(tx: Tx, charge_id: int) -> int:
    """What a charge keeps, or has spent."""
    found = await tx.db.scalar(select(func.sum(_use.amount)).where(_use.charge_id == charge_id))
    return int(found or 0)


async def let_go(tx: Tx, charge: Charge) -> None:
    """An attempt came to nothing: its credit goes back to where it was. Idempotent."""
    if charge.credit == 0:
        return
    await alone(tx, "credit", charge.payer_id, charge.currency)
    for use in await tx.db.scalars(select(CreditUse).where(_use.charge_id == charge.id)):
        lot = await tx.db.get(CreditLot, use.lot_id, populate_existing=True)
        assert lot is not None  # noqa: S101 - a lot is never deleted
        lot.remaining += use.amount
    await tx.db.flush()
    await tx.db.execute(delete(CreditUse).where(_use.charge_id == charge.id))
    await tx.db.flush()


async def give(tx: Tx, person_id: int, money: Money, *, source: str, source_id: int) -> CreditLot:
    """A new lot; the movement in the ledger is the caller's."""
    await alone(tx, "credit", person_id, money.currency)
    lot = CreditLot(
        person_id=person_id,
        amount=money.minor,
        remaining=money.minor,
        currency=money.currency,
        source=source,
        source_id=source_id,
        expires_at=months_later(tx.now, settings().credit_months),
        created_at=tx.now,
    )
    tx.db.add(lot)
    await tx.db.flush()
    return lot


async def reward(tx: Tx, person_id: int, money: Money, *, source: str, source_id: int) -> int:
    """Credit that the platform gives and bears: a referral, an apology. Returns the lot's id."""
    async with tx.acting_as_system("payments.reward"):
        lot = await give(tx, person_id, money, source=source, source_id=source_id)
        await outward.credited(tx, lot)
        after = {"person": person_id, "amount": money.minor, "source": source}
        await audit(tx, "credit.reward", "credit_lot", lot.id or 0, after=after)
    return lot.id or 0


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    person_id: int
    currency: str


_EXPIRED = text(
    "SELECT id, person_id, currency FROM credit_lots WHERE remaining > 0 AND expires_at <= :now"
    # an open charge may still give back what it keeps: then the lot waits for the next round
    " AND NOT EXISTS (SELECT 1 FROM credit_uses u JOIN charges c ON c.id = u.charge_id"
    "  WHERE u.lot_id = credit_lots.id AND c.status IN ('created', 'pending'))"
    " ORDER BY id"
)
_TO_NOTE = text(
    "UPDATE credit_lots SET warned_at = :now WHERE remaining > 0 AND warned_at IS NULL"
    " AND expires_at > :now AND expires_at <= :until"
    " RETURNING id, person_id, remaining, currency, expires_at"
)


async def expire() -> int:
    """Daily: what nobody used in its time is the platform's. Returns of how many lots."""
    async with transaction(CREDIT) as tx:
        due = [_Due(*row) for row in await tx.db.execute(_EXPIRED, {"now": tx.now})]
    return sum([await _expire(one) for one in due])


async def _expire(due: _Due) -> bool:
    async with transaction(CREDIT) as tx:
        await alone(tx, "credit", due.person_id, due.currency)
        lot = await tx.db.get(CreditLot, due.id)
        if lot is None or lot.remaining == 0 or await _open_uses(tx, due.id):
            return False
        await outward.expired(tx, lot)
        await audit(tx, "credit.expire", "credit_lot", due.id, after={"amount": lot.remaining})
        lot.remaining = 0
        await tx.db.flush()
        return True


async def tell_of_expiry() -> int:
    """Daily: a note a month before credit runs out, once for each lot."""
    async with transaction(CREDIT) as tx:
        values = {"now": tx.now, "until": tx.now + NOTE_AHEAD}
        found = (await tx.db.execute(_TO_NOTE, values)).all()
        for lot_id, person_id, minor, currency, expires_at in found:
            await tx.emit(
                CreditExpiring(lot_id, person_id, minor, currency, expires_at.isoformat())
            )
        return len(found)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day some months on, or the last one of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


async def _open_uses(tx: Tx, lot_id: int) -> bool:
    column: Any = Charge
    found = await tx.db.scalar(
        select(_use.charge_id)
        .join(Charge, column.id == _use.charge_id)
        .where(_use.lot_id == lot_id, column.status.in_(LIVE))
        .limit(1)
    )
    return found is not None


async def _usable(tx: Tx, person_id: int, currency: str) -> list[CreditLot]:
    found = await tx.db.scalars(
        select(CreditLot)
        .where(
            _lot.person_id == person_id,
            _lot.currency == currency,
            _lot.remaining > 0,
            _lot.expires_at > tx.now,
        )
        .order_by(_lot.expires_at, _lot.id),
        execution_options={"populate_existing": True},
    )
    return list(found)


async def _take(tx: Tx, lots: list[CreditLot], wanted: int) -> list[tuple[int, int]]:
    taken: list[tuple[int, int]] = []
    for lot in lots:
        part = min(lot.remaining, wanted)
        if part == 0:
            break
        lot.remaining -= part
        wanted -= part
        taken.append((lot.id or 0, part))
    await tx.db.flush()
    return taken
