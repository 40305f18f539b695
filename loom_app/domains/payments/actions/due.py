"""What is still due for a booking: planned with it, paid by card or in person, or called off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from loom_app.domains.payments.actions.charge import begin_charge
from loom_app.domains.payments.actions.following import due_of, let_go, moved
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.actions.refund import refund
from loom_app.domains.payments.actions.waiting import wait_for_all, wait_to_keep
from loom_app.domains.payments.actions.way import ON_THE_PAGE, Way
from loom_app.domains.payments.errors import NothingDue, NotSelling, PaidInPerson
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.models import (
    OF_THE_PRICE,
    OPEN,
    PARTS,
    Charge,
    Due,
    WaitingRefund,
)
from loom_app.domains.payments.rows import lock_payable, paid_for
from loom_app.domains.payments.selling import sells_in
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money

_due: Any = Due


@dataclass(frozen=True, slots=True)
class Plan:
    """A `part` ("rest", "later", "no_show") of a `whole` price that is due `how`: by "card" or
    "in_person".

    It is asked for from `due_at` on, daily until `until_at`; what is held is let go at
    `release_at`. `path` is the page about it.
    """

    part: str
    how: str
    amount: Money
    whole: Money
    payer_id: int
    coach_id: int
    offering_id: int
    description: str
    path: str
    due_at: datetime
    until_at: datetime
    release_at: datetime


async def plan_due(tx: Tx, payable: Payable, plan: Plan) -> None:
    """Write down what will be due; once for each part, however often it is called."""
    async with tx.acting_as_system("payments.plan_due"):
        values = {
            "payable_kind": payable.kind,
            "payable_id": payable.id,
            "part": plan.part,
            "how": plan.how,
            "amount": plan.amount.minor,
            "currency": plan.amount.currency,
            "whole": plan.whole.minor,
            "payer_id": plan.payer_id,
            "coach_id": plan.coach_id,
            "offering_id": plan.offering_id,
            "description": plan.description,
            "path": plan.path,
            "due_at": plan.due_at,
            "until_at": plan.until_at,
            "release_at": plan.release_at,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        await tx.db.execute(insert(Due).values(**values).on_conflict_do_nothing())
    tx.signal(f"person:{plan.payer_id}:payments")


async def move_dues(tx: Tx, payable: Payable, by: timedelta) -> None:
    """The session moves, and what is to be asked for with it: it is told and asked anew. What is
    held for a later day is let go, and held again then."""
    async with tx.acting_as_system("payments.move_dues"):
        for due in await _locked_dues(tx, payable):
            before = due.status
            if before not in (*OPEN, "held"):
                continue
            due.due_at += by
            due.until_at, due.release_at = due.until_at + by, due.release_at + by
            if due.due_at > tx.now:
                due.announced_at = due.tried_at = None
                if before == "held":
                    await let_go(tx, due)
            await moved(tx, due, before)


async def call_off(tx: Tx, payable: Payable) -> None:
    """It will not take place: nothing is asked for any more, and what is held is let go.

    A card that is asked this moment is paid back when it answers.
    """
    async with tx.acting_as_system("payments.call_off"):
        for due in await _locked_dues(tx, payable):
            before = due.status
            if due.status == "held":
                due.due_at = min(due.due_at, tx.now)  # for good: it is not held again
                await let_go(tx, due)
            elif due.status in OPEN:
                await _close_page(tx, due)
                due.status, due.done_at = "cancelled", tx.now
            if due.status != before:
                await moved(tx, due, before)


async def missed(tx: Tx, payable: Payable) -> None:
    """The client did not come: a fee that is held is taken, and nothing else is asked for."""
    async with tx.acting_as_system("payments.missed"):
        await lock_payable(tx, payable.kind, payable.id)
        due = await due_of(tx, payable.kind, payable.id, "no_show")
        if due is not None and due.status == "held":
            due.status = "taking"
            key = f"payments.take:{due.id}"
            await tx.enqueue("payments.finish_due", {"due_id": due.id}, key=key)
            await moved(tx, due, "held")
    await call_off(tx, payable)


async def coach_missed(tx: Tx, payable: Payable, *, reason: str) -> Money | None:
    """The coach did not come: nothing is asked for any more, what is held is let go, and what was
    taken as a no-show fee goes back. May be called again. Returns what of a fee goes back; what a
    payer's bank disputes waits for its word.

    A fee that is being taken this moment is let go, or given back when the card has answered.
    """
    given: Money | None = None
    async with tx.acting_as_system("payments.coach_missed"):
        await lock_payable(tx, payable.kind, payable.id)
        due = await due_of(tx, payable.kind, payable.id, "no_show")
        if due is not None and due.status == "taking":
            await let_go(tx, due)
            await moved(tx, due, "taking")
        for charge in await paid_for(tx, payable.kind, payable.id):
            if charge.part != "no_show" or not charge.left.minor:
                continue
            if charge.disputed:
                await wait_for_all(tx, charge, reason)
            else:
                given = charge.left
                await refund(tx, charge.id or 0, given, reason=reason)
    await call_off(tx, payable)
    return given


async def give_back(
    tx: Tx, payable: Payable, *, keep: Money | None = None, reason: str
) -> Money | None:
    """Refund what was paid for a payable, all but `keep`, which is the coach's then; the newest
    part goes back first, and never a no-show fee.

    What a payer's bank disputes waits for its word: of the rest so much goes back as is sure
    whatever it says. May be called again. Returns what is given back; None: nothing is.
    """
    given: Money | None = None
    kept = keep.minor if keep else 0
    async with tx.acting_as_system("payments.give_back"):
        await lock_payable(tx, payable.kind, payable.id)
        found = await paid_for(tx, payable.kind, payable.id)
        charges = [charge for charge in found if charge.part != "no_show"]
        disputed = [charge for charge in charges if charge.disputed]
        ours = [charge for charge in charges if not charge.disputed]
        back = sum(charge.left.minor for charge in ours) - kept
        for charge in reversed(ours):
            part = Money(min(charge.left.minor, back), charge.currency)
            if part.minor > 0:
                await refund(tx, charge.id or 0, part, reason=reason)
                given = part if given is None else given + part
                back -= part.minor
        for charge in disputed:
            await wait_to_keep(tx, charge, kept, reason)
        if kept and not disputed:
            await _keep(tx, ours, kept)
    return given


async def _keep(tx: Tx, charges: list[Charge], kept: int) -> None:
    """Called off too late: so much of it is the coach's. What is given back of it stays where it
    was paid to, also where the bank does not take it."""
    for charge in charges:
        part = min(kept, charge.left.minor)
        await movements.delivered(tx, charge, ref=f"kept:{charge.id}", part=part)
        kept -= part


async def make_up(tx: Tx, charge: Charge) -> None:
    """A bank has decided about a charge: what waited for it is given back, as far as it is there
    still. The caller has the payable's lock."""
    if charge.disputed:
        return
    waiting: Any = WaitingRefund
    statement = select(WaitingRefund).where(waiting.charge_id == charge.id)
    rows = await tx.db.scalars(
        statement.where(waiting.done_at.is_(None)).order_by(waiting.as_credit.desc()),
        execution_options={"populate_existing": True},
    )
    for row in list(rows):
        row.done_at = tx.now
        await tx.db.flush()
        if row.amount is None:
            payable = Payable(charge.payable_kind, charge.payable_id)
            keep = Money(row.keep, charge.currency)
            await give_back(tx, payable, keep=keep, reason=row.reason)
        elif part := min(row.amount, charge.left.minor):
            money = Money(part, charge.currency)
            await refund(tx, charge.id or 0, money, reason=row.reason, as_credit=row.as_credit)


async def pay_due(tx: Tx, me: Actor, due_id: int, way: Way = ON_THE_PAGE) -> int:
    """The client pays, or tries another card, before it is asked for; returns the charge to `pay`.

    Raises NotFound, NothingDue, PaidInPerson, NotSelling, AlreadyPaid, NotFound for a card of
    others.
    """
    due = await seen_due(tx, due_id)
    if due.payer_id != me.require_person():
        raise NotFound
    async with tx.acting_as_system("payments.pay_due"):
        await lock_payable(tx, due.payable_kind, due.payable_id)
        due = await _again(tx, due)
        over = due.until_at if due.part == "no_show" else due.release_at
        if due.status not in OPEN or over <= tx.now:
            raise NothingDue
        if due.how != "card":
            raise PaidInPerson
        if not await sells_in(tx, due.coach_id):
            raise NotSelling
        return await begin(tx, me, due, way)


async def begin(tx: Tx, me: Actor, due: Due, way: Way) -> int:
    """A charge for a due that is locked."""
    before = due.status
    start = await begin_charge(
        tx,
        me,
        Payable(due.payable_kind, due.payable_id),
        Money(due.amount, due.currency),
        payer_id=due.payer_id,
        coach_id=due.coach_id,
        offering_id=due.offering_id,
        description=due.description,
        return_path=f"{due.path}?back=1",
        cancel_path=due.path,
        expires_at=tx.now,
        needed_by=tx.now if due.part == "no_show" else due.until_at,
        way=way,
        part=due.part,
        whole=Money(due.whole, due.currency),
    )
    due.status, due.charge_id = "asked", start.charge_id
    due.attempts += before != "asked"
    await moved(tx, due, before)
    return start.charge_id


async def pay_in_person(tx: Tx, me: Actor, due_id: int) -> None:
    """The coach has the rest in hand: no money of the platform's moves. Idempotent.

    Raises NotFound, NothingDue.
    """
    due = await seen_due(tx, due_id)
    if due.coach_id != me.require_person():
        raise NotFound
    async with tx.acting_as_system("payments.pay_in_person"):
        await lock_payable(tx, due.payable_kind, due.payable_id)
        due = await _again(tx, due)
        before = due.status
        if before == "in_person":
            return
        if due.part not in OF_THE_PRICE or before not in OPEN:
            raise NothingDue
        await _close_page(tx, due)
        due.status, due.problem, due.done_at = "in_person", None, tx.now
        await moved(tx, due, before)


async def seen_due(tx: Tx, due_id: int) -> Due:
    """As the caller: row-level security says whose it is. Raises NotFound."""
    found = await tx.db.get(Due, due_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def _again(tx: Tx, due: Due) -> Due:
    found = await due_of(tx, due.payable_kind, due.payable_id, due.part)
    assert found is not None  # noqa: S101 - a due is never deleted
    return found


async def _locked_dues(tx: Tx, payable: Payable) -> list[Due]:
    await lock_payable(tx, payable.kind, payable.id)
    found = [await due_of(tx, payable.kind, payable.id, part) for part in PARTS]
    return [due for due in found if due is not None]


async def _close_page(tx: Tx, due: Due) -> None:
    """A page that is open for it must not be paid on any more."""
    if due.charge_id is not None:
        await tx.enqueue("payments.close_checkout", {"charge_id": due.charge_id})
