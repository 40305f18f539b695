"""What a coach has earned: every figure is a sum over the ledger, by currency and never across."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text

from loom_app.domains.payments.models import PayoutAccount
from loom_app.domains.payments.words import part_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.kit.text import t

READ = "payments.earnings"
YOUNG = timedelta(days=60)
_DAY = timedelta(days=1)
Unit = Literal["week", "month"]
PERIODS = ("month", "quarter", "year", "all")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Figures:
    """Where a coach's money of one currency is now.

    `upcoming` is paid for and not delivered; `pending` is earned a moment ago, `held` disputed,
    `available` waits for a payout, `on_the_way` is in one; `paid_out` reached the bank. `earned` is
    the sum of all but `upcoming`; `fees` is what the platform kept beside it.
    """

    currency: str
    upcoming: Money
    pending: Money
    available: Money
    held: Money
    on_the_way: Money
    paid_out: Money
    fees: Money

    @property
    def earned(self) -> Money:
        return self.pending + self.available + self.held + self.on_the_way + self.paid_out


# Sums of whole accounts come from the index alone. A payout takes its entries out of what is
# available as soon as it is decided; once it was transferred, the ledger has taken them itself.
_FIGURES = text(
    """
    WITH mine AS (
      SELECT s.currency, a.kind, s.minor FROM ledger_accounts a, LATERAL (
        SELECT e.currency, -sum(e.amount) AS minor FROM ledger_entries e
        WHERE e.account_id = a.id GROUP BY 1) s
      WHERE a.person_id = :coach),
    decided AS (
      SELECT p.currency, -sum(e.amount) AS minor FROM payouts p
      JOIN payout_items i ON i.payout_id = p.id JOIN ledger_entries e ON e.id = i.entry_id
      WHERE p.coach_id = :coach AND p.status = 'requested' GROUP BY 1),
    sent AS MATERIALIZED (
      SELECT t.id FROM payouts p JOIN ledger_transactions t ON t.payout_id = p.id
      WHERE p.coach_id = :coach AND t.external_ref LIKE 'payout:%'),
    arrived AS (
      SELECT e.currency, sum(e.amount) AS minor FROM sent
      JOIN ledger_entries e ON e.transaction_id = sent.id
      JOIN ledger_accounts a ON a.id = e.account_id AND a.kind = 'coach_balance' GROUP BY 1)
    SELECT currency,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'deferred'), 0)::bigint AS upcoming,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'coach_pending'), 0)::bigint AS pending,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'coach_held'), 0)::bigint AS held,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'coach_payable'), 0)::bigint AS payable,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'coach_balance'), 0)::bigint AS at_stripe,
      coalesce(sum(m.minor) FILTER (WHERE kind = 'platform_fee_income'), 0)::bigint AS fees,
      coalesce(max(d.minor), 0)::bigint AS decided,
      coalesce(max(r.minor), 0)::bigint AS paid_out
    FROM mine m LEFT JOIN decided d USING (currency) LEFT JOIN arrived r USING (currency)
    WHERE m.kind IN ('deferred', 'coach_pending', 'coach_held', 'coach_payable', 'coach_balance',
      'platform_fee_income')
    GROUP BY currency ORDER BY currency
    """
)
# what a coach and the platform had of each movement in a period; moves between a coach's own
# accounts cancel out
MOVES = """
    WITH moves AS (
      SELECT e.transaction_id, e.currency,
        coalesce(-sum(e.amount) FILTER (WHERE a.kind <> 'platform_fee_income'), 0) AS net,
        coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'platform_fee_income'), 0) AS fee,
        min(e.occurred_at) AS occurred_at
      FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id
      WHERE a.person_id = :coach AND e.occurred_at >= :since AND e.occurred_at < :until
        AND a.kind IN ('coach_pending', 'coach_payable', 'coach_held', 'platform_fee_income')
      GROUP BY 1, 2
      HAVING sum(e.amount) <> 0 OR bool_or(a.kind = 'platform_fee_income'))
"""
# of sales: money on its way to the bank has no charge
_SALES = "FROM moves m JOIN ledger_transactions t ON t.id = m.transaction_id JOIN charges c ON"
_SUMS = "sum(m.net)::bigint AS net, sum(m.fee)::bigint AS fee"
_SERIES = text(
    f"{MOVES} SELECT date_trunc(:unit, m.occurred_at AT TIME ZONE :zone)::date AS start,"
    f" m.currency, {_SUMS} {_SALES} c.id = t.charge_id GROUP BY 1, 2 ORDER BY 1, 2"
)
_CLIENTS = text(
    f"{MOVES} SELECT c.payer_id, m.currency,"
    f" count(DISTINCT (c.payable_kind, c.payable_id)) AS charges, {_SUMS}"
    f" {_SALES} c.id = t.charge_id GROUP BY 1, 2 ORDER BY 2, 4 DESC, 1 LIMIT :most"
)
_LINES = text(
    f"{MOVES} SELECT t.id, t.occurred_at, t.kind, c.payer_id, c.description, c.part, m.currency,"
    f" m.net::bigint, m.fee::bigint {_SALES} c.id = t.charge_id"
    " WHERE (t.occurred_at, t.id) > (:after_at, :after) ORDER BY t.occurred_at, t.id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant until before another."""

    since: datetime
    until: datetime


def period_of(word: str, now: datetime, zone: str) -> Period:
    """The days that a word in the address means, by the coach's clock, until the end of today; or
    a month, as "2026-10", as far as it is over."""
    today = times.local(now, zone).date()
    if _MONTH.fullmatch(word):
        first = date(int(word[:4]), int(word[5:]), 1)
        over = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
        return _days(first, max(min(over, today + _DAY), first + _DAY), zone)
    first = {
        "month": today.replace(day=1),
        "quarter": today - timedelta(days=90),
        "year": today.replace(month=1, day=1),
    }.get(word, date(2000, 1, 1))
    return _days(first, today + _DAY, zone)


def days_since(first: date, now: datetime, zone: str) -> Period:
    """From a day until the end of today, by the coach's clock."""
    return _days(first, times.local(now, zone).date() + _DAY, zone)


def is_period(word: str) -> bool:
    """Whether a word in the address means one."""
    return word in PERIODS or _MONTH.fullmatch(word) is not None


def _days(first: date, after: date, zone: str) -> Period:
    """From the first moment of a day until that of another."""
    begins = [datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) for day in (first, after)]
    return Period(begins[0].astimezone(UTC), begins[1].astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Share:
    """What came of sales: `net` is the coach's, `fee` the platform's."""

    net: Money
    fee: Money

    @property
    def gross(self) -> Money:
        return self.net + self.fee


@dataclass(frozen=True, slots=True)
class Bar:
    """A week (from Monday) or a month, by its first day."""

    start: date
    share: Share


@dataclass(frozen=True, slots=True)
class ByClient:
    client_id: int
    sales: int
    share: Share


@dataclass(frozen=True, slots=True)
class EarningLine:
    """One movement of a statement; `kind` is the ledger's: delivery, refund, dispute, …"""

    id: int
    at: datetime
    kind: str
    client_id: int
    description: str
    share: Share


async def earnings(tx: Tx, me: Actor) -> list[Figures]:
    """Where all of a coach's money is, one entry a currency; the account's own currency first."""
    coach = me.require_person()
    async with tx.acting_as_system(READ):
        rows = (await tx.db.execute(_FIGURES, {"coach": coach})).all()
        account = await tx.db.get(PayoutAccount, coach)
    first = account.currency if account else ""
    found = [_figures(row) for row in rows]
    return sorted(found, key=lambda one: (one.currency != first, one.currency))


def _figures(row: Any) -> Figures:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return Figures(
        currency=row.currency,
        upcoming=money(row.upcoming),
        pending=money(row.pending),
        available=money(row.payable - row.decided),
        held=money(row.held),
        on_the_way=money(row.at_stripe + row.decided),
        paid_out=money(row.paid_out),
        fees=money(row.fees),
    )


_NEXT = text(
    "SELECT max(t.occurred_at) FILTER (WHERE t.kind = 'delivery') AS delivered,"
    " max(c.available_on) AS there FROM ledger_entries e"
    " JOIN ledger_accounts a ON a.id = e.account_id"
    " JOIN ledger_transactions t ON t.id = e.transaction_id JOIN charges c ON c.id = t.charge_id"
    " WHERE a.kind = 'coach_pending' AND a.person_id = :coach"
    " AND e.occurred_at > :recent GROUP BY t.charge_id HAVING sum(e.amount) < 0"
)


async def next_release(tx: Tx, me: Actor) -> datetime | None:
    """When the next of what is pending becomes available: the time to complain is over by then,
    and the client's money has arrived."""
    async with tx.acting_as_system(READ):
        # what is pending is young: it waits for hours, or until the client's money has arrived
        values = {"coach": me.require_person(), "recent": tx.now - YOUNG}
        rows = (await tx.db.execute(_NEXT, values)).all()
    wait = timedelta(hours=settings().release_hours)
    moments = [max(row.delivered + wait, row.there or row.delivered) for row in rows]
    return min(moments, default=None)


async def earned_by(tx: Tx, me: Actor, unit: Unit, period: Period) -> list[Bar]:
    """What was earned in each week or month by the coach's clock; those without are left out."""
    async with tx.acting_as_system(READ):
        values = _values(me, period) | {"unit": unit, "zone": me.zone}
        rows = (await tx.db.execute(_SERIES, values)).all()
    return [Bar(row.start, _share(row)) for row in rows]


async def earned_by_client(tx: Tx, me: Actor, period: Period, *, most: int = 100) -> list[ByClient]:
    """Who it came from, most first within a currency."""
    async with tx.acting_as_system(READ):
        rows = (await tx.db.execute(_CLIENTS, _values(me, period) | {"most": most})).all()
    return [ByClient(row.payer_id, row.charges, _share(row)) for row in rows]


async def earning_lines(
    tx: Tx, me: Actor, period: Period, *, after: EarningLine | None = None, most: int = 500
) -> list[EarningLine]:
    """The movements of a period, oldest first, following one of them."""
    values = _values(me, period) | {
        "after_at": after.at if after else period.since,
        "after": after.id if after else 0,
        "most": most,
    }
    async with tx.acting_as_system(READ):
        rows = (await tx.db.execute(_LINES, values)).all()
    return [
        EarningLine(
            row.id,
            row.occurred_at,
            row.kind,
            row.payer_id,
            part_words(row.part, row.description),
            _share(row),
        )
        for row in rows
    ]


def _values(me: Actor, period: Period) -> dict[str, Any]:
    return {"coach": me.require_person(), "since": period.since, "until": period.until}


def _share(row: Any) -> Share:
    return Share(Money(row.net, row.currency), Money(row.fee, row.currency))


def line_words(kind: str) -> str:
    """What a movement of the ledger means to the coach."""
    words = {
        "delivery": t("Earned with a session"),
        "delivery_back": t("You did not come: back in its package"),
        "release": t("Earned"),
        "refund": t("Given back to the client"),
        "dispute": t("Held: the client's bank asks"),
        "dispute_won": t("Free again: the bank agreed"),
        "dispute_lost": t("The client's bank took it back"),
    }
    return words.get(kind, t("Correction"))
