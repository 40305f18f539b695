"""Money back on request: the client asks with a reason, the coach decides."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.payments.actions.payable import COUNTED
from loom_app.domains.payments.actions.refund import refund, refundable
from loom_app.domains.payments.errors import NothingToRefund, RefundTooHigh
from loom_app.domains.payments.events import RefundAsked, RefundDecided
from loom_app.domains.payments.models import Charge, RefundRequest
from loom_app.domains.payments.rows import locked, seen
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t
from loom_app.kit.words import limited

LONGEST = 500
_request: Any = RefundRequest


class AlreadyAsked(Conflict):
    def __init__(self) -> None:
        super().__init__(t("You have asked for this already. Your coach will answer."))


class Decided(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This request is answered already."))


class NotHere(Conflict):
    """What was used of it is known elsewhere."""

    def __init__(self) -> None:
        super().__init__(t("Ask for the unused part on the page of the package."))


async def ask_refund(
    tx: Tx,
    me: Actor,
    charge_id: int,
    *,
    reason: str,
    as_credit: bool = False,
    amount: Money | None = None,
) -> int:
    """Ask for all that is left of a payment, or a part; one request at a time. Returns its id.

    Raises NotFound, Invalid by field, NothingToRefund, RefundTooHigh, Disputed,
    AlreadyAsked.
    """
    charge = await seen(tx, charge_id)  # as the caller: row-level security says whose it is
    if charge.payer_id != me.require_person():
        raise NotFound
    if charge.payable_kind in COUNTED:
        raise NotHere
    words = limited(reason, LONGEST, "reason")
    if not words:
        raise Invalid(t("Say in a line why."), field="reason")
    async with tx.acting_as_system("payments.ask_refund"):
        charge = await locked(tx, charge_id)
        left = refundable(charge)
        if charge.paid_at is None or left.minor == 0:
            raise NothingToRefund
        wanted = amount or left
        if wanted.minor <= 0 or (left - wanted).minor < 0:
            raise RefundTooHigh(left.format())
        request = RefundRequest(
            charge_id=charge_id,
            asked_by=charge.payer_id,
            amount=wanted.minor,
            currency=wanted.currency,
            reason=words,
            as_credit=as_credit,
            created_at=tx.now,
        )
        try:
            async with tx.db.begin_nested():
                tx.db.add(request)
        except IntegrityError as error:
            raise AlreadyAsked from error
        after = {"charge": charge_id, "amount": wanted.minor, "by": me.label}
        await audit(tx, "refund_request.ask", "refund_request", request.id or 0, after=after)
        _tell(tx, charge)
    asked = RefundAsked(request.id or 0, charge_id, charge.coach_id, charge.payer_id)
    await tx.emit(asked)
    return request.id or 0


async def withdraw_request(tx: Tx, me: Actor, request_id: int) -> None:
    """The client thinks better of it. Raises NotFound, Decided."""
    charge = await _charge_of(tx, request_id)
    if charge.payer_id != me.require_person():
        raise NotFound
    async with tx.acting_as_system("payments.withdraw_request"):
        request = await _open(tx, charge, request_id)
        request.status, request.decided_at = "withdrawn", tx.now
        await tx.db.flush()
        _tell(tx, charge)


async def decide_request(
    tx: Tx,
    me: Actor,
    request_id: int,
    *,
    approve: bool,
    note: str = "",
    amount: Money | None = None,
) -> None:
    """The coach, or staff, gives back what was asked for, a part of it (`amount`), or says no with
    a note; nobody decides about what they have asked for themselves.

    Where nothing is left of it any more, a yes only closes the request. Raises NotFound, Invalid by
    field, Decided, RefundTooHigh, Disputed; for staff StepUpNeeded.
    """
    charge = await _charge_to_decide(tx, me, request_id)
    words = limited(note, LONGEST, "note")
    if not approve and not words:
        raise Invalid(t("Say in a line why not."), field="note")
    async with tx.acting_as_system("payments.decide_request"):
        request = await _open(tx, charge, request_id)
        request.status = "approved" if approve else "declined"
        request.note, request.decided_by, request.decided_at = words, me.person_id, tx.now
        gone = (
            approve and not refundable(charge).minor
        )  # it went back, or a bank took it, meanwhile
        if approve and not gone:
            asked = Money(request.amount, request.currency)
            given = amount or asked
            if given.minor <= 0 or (asked - given).minor < 0:
                raise RefundTooHigh(asked.format())
            request.refund_id = await refund(
                tx, charge.id or 0, given, reason="requested", as_credit=request.as_credit
            )
        await tx.db.flush()
        after = {"status": request.status, "note": words, "by": me.label}
        await audit(tx, "refund_request.decide", "refund_request", request_id, after=after)
        _tell(tx, charge)
    if gone:  # they were told of it when it went
        return
    decided = RefundDecided(request_id, charge.id or 0, charge.coach_id, charge.payer_id, approve)
    await tx.emit(decided)


async def _charge_to_decide(tx: Tx, me: Actor, request_id: int) -> Charge:
    if me.may("money.refund"):
        async with tx.acting_as_system("payments.decide_request"):
            charge = await _charge_of(tx, request_id)
    else:
        charge = await _charge_of(tx, request_id)
    decides = me.may("money.refund") or charge.coach_id == me.require_person()
    if not decides or charge.payer_id == me.require_person():
        raise NotFound
    if charge.coach_id != me.person_id:
        require_step_up(tx, me)
    return charge


async def _charge_of(tx: Tx, request_id: int) -> Charge:
    """As the caller: row-level security shows requests to their two sides alone."""
    found = await tx.db.scalar(select(_request.charge_id).where(_request.id == request_id))
    if found is None:
        raise NotFound
    return await seen(tx, found)


async def _open(tx: Tx, charge: Charge, request_id: int) -> RefundRequest:
    """The request, with its charge locked before it. Raises Decided."""
    await locked(tx, charge.id or 0)
    found = await tx.db.get(RefundRequest, request_id, with_for_update=True, populate_existing=True)
    if found is None or found.status != "open":
        raise Decided
    return found


def _tell(tx: Tx, charge: Charge) -> None:
    for person_id in (charge.payer_id, charge.coach_id):
        tx.signal(f"person:{person_id}:payments")
    tx.signal("staff:money")
