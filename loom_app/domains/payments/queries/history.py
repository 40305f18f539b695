"""What a client has paid: page by page, newest first, and as a whole for a spreadsheet."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments.actions.payable import COUNTED
from loom_app.domains.payments.actions.waiting import WAITS
from loom_app.domains.payments.models import Charge, Document
from loom_app.domains.payments.models import Refund as RefundRow
from loom_app.domains.payments.words import part_words
from loom_app.integrations.stripe.errors import decline_words
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t

PAGE = 30
BATCH = 1000
# what was only begun, and what ended without a try to pay, is nobody's history
SHOWN = ("pending", "succeeded", "refunded", "failed", "held", "released")
STATUSES = ("paid", "refunded", "waiting", "held", "failed")
_STATES = {"waiting": ("pending",), "failed": ("failed",), "held": ("held", "released")}
_charge: Any = Charge
_BACK = _charge.refunded + _charge.lost
_document: Any = Document
_refund: Any = RefundRow


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """`since` and `until` (exclusive) are instants; `before` is the id where the page begins."""

    status: str = ""
    coach_id: int = 0
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


def filter_of(query: Mapping[str, str]) -> HistoryFilter:
    """What an address asks for with status, coach, from and to (days in UTC, both included)."""
    status, last = query.get("status", ""), addresses.day(query.get("to", ""))
    first = addresses.day(query.get("from", ""))
    return HistoryFilter(
        status=status if status in STATUSES else "",
        coach_id=addresses.number(query.get("coach", "")),
        since=_midnight(first) if first else None,
        until=_midnight(last) + timedelta(days=1) if last else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment in words; `receipt_id` is 0 until the paper is there. `refunded` is what came
    back: given by us, or taken by the payer's bank."""

    id: int
    at: datetime
    words: str
    coach: str
    amount: Money
    refunded: Money
    credit: Money
    status: str
    status_text: str
    paid_with: str
    decline: str
    receipt_id: int


@dataclass(frozen=True, slots=True)
class Total:
    """What was paid in one currency, and what of it came back."""

    paid: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class HistoryPage:
    lines: list[PaymentLine]
    more: int  # where the next page begins; 0: this was the last


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund in words; `retry` where the bank would not take it and credit is to be had."""

    id: int
    amount: Money
    status: str
    status_text: str
    as_credit: bool
    at: datetime
    retry: bool


@dataclass(frozen=True, slots=True)
class PaymentPage:
    line: PaymentLine
    paying: bool  # the reader is the one who paid
    payable_kind: str
    payable_id: int
    refundable: Money
    refunds: list[RefundLine] = field(default_factory=list)


async def history(tx: Tx, me: Actor, asked: HistoryFilter, size: int = PAGE) -> HistoryPage:
    """The caller's payments before a point, newest first."""
    statement = select(Charge).where(*_where(me, asked)).order_by(_charge.id.desc())
    if asked.before:
        statement = statement.where(_charge.id < asked.before)
    found = list(await tx.db.scalars(statement.limit(size + 1)))
    lines = await _lines(tx, found[:size])
    return HistoryPage(lines, lines[-1].id if len(found) > size else 0)


async def totals(tx: Tx, me: Actor, asked: HistoryFilter) -> list[Total]:
    """What all that was paid comes to, currency by currency; never added across them."""
    rows = await tx.db.execute(
        select(_charge.currency, func.sum(_charge.amount), func.sum(_BACK))
        .where(*_where(me, asked), _charge.paid_at.is_not(None))
        .group_by(_charge.currency)
        .order_by(_charge.currency)
    )
    return [Total(Money(int(paid), cur), Money(int(back), cur)) for cur, paid, back in rows]


async def coaches_paid(tx: Tx, me: Actor) -> list[tuple[int, str]]:
    """Whom the caller has paid, by name: what the filter offers.

    Skips from coach to coach along the index: as many steps as there are coaches, not payments.
    """
    found: list[int] = []
    while len(found) < 200:
        following = await tx.db.scalar(
            select(func.min(_charge.coach_id)).where(
                _charge.payer_id == me.require_person(),
                _charge.status.in_(SHOWN),
                _charge.coach_id > (found[-1] if found else 0),
            )
        )
        if following is None:
            break
        found.append(following)
    people = await accounts.people(tx, set(found))
    return sorted(((one, people[one].name) for one in found if one in people), key=lambda p: p[1])


async def payment(tx: Tx, me: Actor, charge_id: int) -> PaymentPage:
    """One payment for its payer or its coach. Raises NotFound for everybody else."""
    person_id = me.require_person()
    found = await tx.db.scalar(
        select(Charge).where(_charge.id == charge_id, _charge.status.in_(SHOWN)),
        execution_options={"populate_existing": True},
    )
    if found is None or person_id not in (found.payer_id, found.coach_id):
        raise NotFound
    left = found.left.minor if found.paid_at else 0
    asked_here = found.payable_kind not in COUNTED and not found.disputed
    refunds = await tx.db.scalars(
        select(RefundRow).where(_refund.charge_id == charge_id).order_by(_refund.id),
        execution_options={"populate_existing": True},
    )
    return PaymentPage(
        line=(await _lines(tx, [found]))[0],
        paying=person_id == found.payer_id,
        payable_kind=found.payable_kind,
        payable_id=found.payable_id,
        refundable=Money(left if asked_here else 0, found.currency),
        refunds=[_refund_line(one, left) for one in refunds],
    )


async def all_lines(me: Actor, asked: HistoryFilter) -> AsyncIterator[PaymentLine]:
    """Every payment that is asked for, in short transactions: for a file of any length."""
    before = asked.before
    while True:
        async with transaction(me) as tx:
            page = await history(tx, me, replace(asked, before=before), BATCH)
        for line in page.lines:
            yield line
        if not page.more:
            return
        before = page.more


def _where(me: Actor, asked: HistoryFilter) -> list[Any]:
    which: list[Any] = [_charge.payer_id == me.require_person(), _charge.status.in_(SHOWN)]
    if asked.status == "refunded":
        which.append(_BACK > 0)
    elif asked.status == "paid":
        which += [_charge.paid_at.is_not(None), _BACK == 0]
    elif asked.status in _STATES:
        which.append(_charge.status.in_(_STATES[asked.status]))
    if asked.coach_id:
        which.append(_charge.coach_id == asked.coach_id)
    if asked.since:
        which.append(_charge.created_at >= asked.since)
    if asked.until:
        which.append(_charge.created_at < asked.until)
    return which


async def _lines(tx: Tx, charges: list[Charge]) -> list[PaymentLine]:
    people = await accounts.people(tx, {charge.coach_id for charge in charges})
    ids = [charge.id for charge in charges]
    rows = await tx.db.execute(
        select(_document.charge_id, _document.id).where(
            _document.charge_id.in_(ids),
            _document.kind == "receipt",
            _document.refund_id.is_(None),
        )
    )
    receipts: dict[int, int] = {row[0]: row[1] for row in rows}
    lines: list[PaymentLine] = []
    for charge in charges:
        status, words = status_of(charge)
        coach = people.get(charge.coach_id)
        lines.append(
            PaymentLine(
                id=charge.id or 0,
                at=charge.paid_at or charge.created_at,
                words=part_words(charge.part, charge.description),
                coach=coach.name if coach else "",
                amount=Money(charge.amount, charge.currency),
                refunded=Money(charge.refunded + charge.lost, charge.currency),
                credit=Money(charge.credit, charge.currency),
                status=status,
                status_text=words,
                paid_with=charge.paid_with or (t("Credit") if _by_credit(charge) else ""),
                decline=decline_words(charge.decline_code) if status == "failed" else "",
                receipt_id=receipts.get(charge.id or 0, 0),
            )
        )
    return lines


def _by_credit(charge: Charge) -> bool:
    return charge.paid_at is not None and charge.credit == charge.amount


def status_of(charge: Charge) -> tuple[str, str]:
    """One of STATUSES or "disputed", and how it is said."""
    unpaid = {
        "pending": ("waiting", t("With your bank") if charge.under_way_at else t("Waiting")),
        "failed": ("failed", t("Not paid")),
        "held": ("held", t("Held, not charged")),
        "released": ("held", t("Let go, not charged")),
    }
    if charge.status in unpaid:
        return unpaid[charge.status]
    if charge.disputed:
        return "disputed", t("Disputed: the bank decides")
    if charge.lost:
        gone = charge.left.minor == 0
        return "refunded", t("Taken back by the bank") if gone else t("Partly taken back")
    if charge.refunded == charge.amount:
        return "refunded", t("Refunded")
    if charge.refunded:
        return "refunded", t("Partly refunded")
    return "paid", t("Paid")


def _refund_line(one: RefundRow, left: int) -> RefundLine:
    words = {
        "succeeded": t("Given as credit") if one.as_credit else t("Sent to the card"),
        "failed": t("The bank did not take it"),
        "canceled": t("The bank did not take it"),
    }.get(one.status, t("On its way"))
    if one.problem == WAITS:
        words = t("Waits for the bank's decision")
    return RefundLine(
        id=one.id or 0,
        amount=Money(one.amount, one.currency),
        status=one.status,
        status_text=words,
        as_credit=one.as_credit,
        at=one.done_at or one.created_at,
        retry=one.status in ("failed", "canceled")
        and one.credited_by is None
        and one.problem != WAITS
        and left > 0,
    )
