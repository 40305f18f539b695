"""A coach's statement: what was theirs before, what moved, what is theirs after. From the ledger.

Theirs is what they earned and their bank does not have yet: pending, available, held, on its way.
What moves between those is no movement here.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.domains.payments.queries.earnings import READ, Period, Share
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.text import t

MOST_LINES = 2000  # on paper: forty sheets

_OWN = "('coach_pending', 'coach_payable', 'coach_held', 'coach_balance')"
_BEFORE = text(
    f"""
    SELECT e.currency, -sum(e.amount)::bigint AS minor FROM ledger_accounts a
    JOIN ledger_entries e ON e.account_id = a.id
    WHERE a.person_id = :coach AND a.kind IN {_OWN} AND e.occurred_at < :since
    GROUP BY 1 HAVING sum(e.amount) <> 0
    """
)
_MOVES = f"""
    WITH moved AS (
      SELECT e.transaction_id, e.currency,
        coalesce(-sum(e.amount) FILTER (WHERE a.kind IN {_OWN}), 0)::bigint AS net,
        coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'platform_fee_income'), 0)::bigint AS fee
      FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id
      WHERE a.person_id = :coach AND (a.kind IN {_OWN} OR a.kind = 'platform_fee_income')
        AND e.occurred_at >= :since AND e.occurred_at < :until
      GROUP BY 1, 2),
    moves AS (
      SELECT t.id, t.occurred_at, coalesce(u.kind || '_back', t.kind) AS kind, t.charge_id,
        m.currency, m.net, m.fee
      FROM moved m JOIN ledger_transactions t ON t.id = m.transaction_id
      LEFT JOIN ledger_transactions u ON u.id = t.reverses_id
      WHERE m.net <> 0 OR m.fee <> 0)
"""
_SUMS = text(
    f"{_MOVES} SELECT currency, kind, count(*) AS times, sum(net)::bigint AS net,"
    " sum(fee)::bigint AS fee FROM moves GROUP BY 1, 2 ORDER BY 1, 2"
)
_LINES = text(
    f"{_MOVES} SELECT m.*, c.payer_id, c.description FROM moves m"
    " LEFT JOIN charges c ON c.id = m.charge_id ORDER BY m.occurred_at, m.id LIMIT :most"
)


_FIRST = text(
    f"""
    SELECT min((SELECT min(e.occurred_at) FROM ledger_entries e WHERE e.account_id = a.id))
    FROM ledger_accounts a WHERE a.person_id = :coach AND a.kind IN {_OWN}
    """
)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement; `client_id` is None for payouts."""

    at: datetime
    kind: str
    client_id: int | None
    description: str
    share: Share


@dataclass(frozen=True, slots=True)
class StatementSum:
    """All movements of a kind; `net` is what they changed."""

    kind: str
    times: int
    share: Share


@dataclass(frozen=True, slots=True)
class StatementPart:
    """One currency. `opening` and the sums' nets make `closing`; `fees` went to the platform."""

    currency: str
    opening: Money
    sums: list[StatementSum] = field(default_factory=list)
    lines: list[StatementLine] = field(default_factory=list)

    @property
    def closing(self) -> Money:
        return sum((one.share.net for one in self.sums), self.opening)

    @property
    def fees(self) -> Money:
        return sum((one.share.fee for one in self.sums), Money(0, self.currency))


@dataclass(frozen=True, slots=True)
class Statement:
    """`whole` is False where lines were left out: then the sums alone stand for them."""

    period: Period
    parts: list[StatementPart]
    whole: bool


async def statement(tx: Tx, me: Actor, period: Period, *, most: int = MOST_LINES) -> Statement:
    """One's own, one part a currency that had or moved anything, at most so many lines in all."""
    values = {"coach": me.require_person(), "since": period.since, "until": period.until}
    async with tx.acting_as_system(READ):
        before = (await tx.db.execute(_BEFORE, values)).all()
        sums = (await tx.db.execute(_SUMS, values)).all()
        lines = (await tx.db.execute(_LINES, values | {"most": most + 1})).all()
    whole = len(lines) <= most
    opening = {row.currency: row.minor for row in before}
    parts: dict[str, StatementPart] = {}
    for currency in sorted(opening | {row.currency: 0 for row in sums}):
        parts[currency] = StatementPart(currency, Money(opening.get(currency, 0), currency))
    for row in sums:
        parts[row.currency].sums.append(StatementSum(row.kind, row.times, _share(row)))
    for row in lines[:most] if whole else ():
        parts[row.currency].lines.append(_line(row))
    ordered = [replace(part, sums=sorted(part.sums, key=_place)) for part in parts.values()]
    return Statement(period, ordered, whole)


async def first_movement(tx: Tx, me: Actor) -> datetime | None:
    """When something of one's own moved for the first time: no statement is older."""
    async with tx.acting_as_system(READ):
        return await tx.db.scalar(_FIRST, {"coach": me.require_person()})


def _share(row: Any) -> Share:
    return Share(Money(row.net, row.currency), Money(row.fee, row.currency))


def _line(row: Any) -> StatementLine:
    return StatementLine(
        row.occurred_at, row.kind, row.payer_id, row.description or "", _share(row)
    )


_ORDER = (
    "delivery",
    "delivery_back",
    "refund",
    "refund_back",
    "dispute_lost",
    "payout",
    "payout_back",
)


def _place(one: StatementSum) -> tuple[int, str]:
    known = one.kind in _ORDER
    return (_ORDER.index(one.kind) if known else len(_ORDER), one.kind)


def movement_words(kind: str) -> str:
    """What a movement of a statement was, to the coach."""
    words = {
        "delivery": t("Session"),
        "delivery_back": t("Session not held"),
        "refund": t("Refund"),
        "refund_back": t("Refund returned by the bank"),
        "dispute_lost": t("Dispute lost"),
        "payout": t("Paid out"),
        "payout_back": t("Payout returned by the bank"),
    }
    return words.get(kind, t("Correction"))


def sum_words(one: StatementSum) -> str:
    """The same of all of a kind, with their number."""
    words = {
        "delivery": t("Earned with sessions"),
        "delivery_back": t("Sessions of packages that you did not hold"),
        "refund": t("Given back to clients"),
        "refund_back": t("Refunds that a bank returned"),
        "dispute_lost": t("Disputes lost"),
        "payout": t("Paid out to your bank"),
        "payout_back": t("Payouts that your bank returned"),
    }
    return t("{what} ({n})", what=words.get(one.kind, t("Corrections")), n=one.times)
