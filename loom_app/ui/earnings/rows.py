"""What the pages of earnings draw: everything already in words, nothing added across currencies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.payments.queries import (
    Bar,
    ByClient,
    Figures,
    PayoutFacts,
    PayoutLine,
    Share,
    failure_words,
    line_words,
)
from loom_app.domains.scheduling.queries import ByOffering
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import language, t, tn

BARS = 12


@dataclass(frozen=True)
class FigureRow:
    """A currency's money, where it is. Sums of nothing are empty."""

    currency: str = ""
    available: str = ""
    can_pay_out: bool = False
    upcoming: str = ""
    pending: str = ""
    held: str = ""
    on_the_way: str = ""
    paid_out: str = ""
    earned: str = ""
    fees: str = ""


@dataclass(frozen=True)
class BarRow:
    """One bar; `height` is of 8 rem for the tallest. A phone has room for those `named` only."""

    label: str = ""
    net: str = ""
    fee: str = ""
    height: str = "0"
    shown: bool = False
    named: bool = True


@dataclass(frozen=True)
class ChartRow:
    currency: str = ""
    title: str = ""
    bars: list[BarRow] = field(default_factory=list)


@dataclass(frozen=True)
class ShareRow:
    """A client's or an offering's part."""

    key: str = ""
    name: str = ""
    sales: str = ""
    net: str = ""
    fee: str = ""


@dataclass(frozen=True)
class MonthRow:
    """A month whose statement can be had on paper."""

    words: str = ""
    href: str = ""


@dataclass(frozen=True)
class LineRow:
    what: str = ""
    when: str = ""
    amount: str = ""


@dataclass(frozen=True)
class PayoutRow:
    id: int = 0
    amount: str = ""
    status: str = ""
    tone: str = "plain"
    when: str = ""
    note: str = ""
    problem: str = ""
    can_retry: bool = False
    lines: list[LineRow] = field(default_factory=list)
    lines_words: str = ""


def figure_row(one: Figures, *, minimum: int, active: bool) -> FigureRow:
    return FigureRow(
        currency=one.currency,
        available=one.available.format(),
        can_pay_out=active and one.available.minor >= minimum,
        upcoming=_some(one.upcoming),
        pending=_some(one.pending),
        held=_some(one.held),
        on_the_way=_some(one.on_the_way),
        paid_out=_some(one.paid_out),
        earned=one.earned.format(),
        fees=_some(one.fees),
    )


def _some(money: Money) -> str:
    return money.format() if money.minor else ""


def chart_rows(bars: Sequence[Bar], unit: str, today: date) -> list[ChartRow]:
    """The last twelve weeks or months of each currency, empty ones included."""
    starts = _starts(unit, today)
    by_currency: dict[str, dict[date, Share]] = {}
    for bar in bars:
        by_currency.setdefault(bar.share.net.currency, {})[bar.start] = bar.share
    charts = []
    for currency, found in sorted(by_currency.items()):
        most = max((found[at].net.minor for at in starts if at in found), default=0)
        if most <= 0:
            continue
        none = Share(Money(0, currency), Money(0, currency))
        rows = [
            _bar(at, found.get(at, none), most, unit, named=number % 3 == 2)
            for number, at in enumerate(starts)
        ]
        title = t("Earned in {currency}", currency=currency)
        charts.append(ChartRow(currency, title, rows))
    return charts


def first_bar(unit: str, today: date) -> date:
    """Where the oldest bar begins."""
    return _starts(unit, today)[0]


def month_rows(first: date, today: date) -> list[MonthRow]:
    """The last twelve months since the first movement, newest first; this one is not over."""
    return [
        MonthRow(
            format_date(at, "MMMM y", locale=language()),
            f"/earnings/statement.pdf?period={at:%Y-%m}",
        )
        for at in reversed(_starts("month", today))
        if (at.year, at.month) >= (first.year, first.month)
    ]


def _starts(unit: str, today: date) -> list[date]:
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return [monday - timedelta(weeks=n) for n in range(BARS - 1, -1, -1)]
    months = today.year * 12 + today.month - 1
    return [
        date(number // 12, number % 12 + 1, 1) for number in range(months - BARS + 1, months + 1)
    ]


def _bar(at: date, share: Share, most: int, unit: str, *, named: bool) -> BarRow:
    pattern = "d MMM" if unit == "week" else "MMM"
    tall = max(0, 8 * share.net.minor / most)
    return BarRow(
        label=format_date(at, pattern, locale=language()),
        net=share.net.format(),
        fee=share.fee.format(),
        height=f"{max(tall, 0.15) if share.net.minor > 0 else 0:.2f}rem",
        shown=share.net.minor > 0,
        named=named,
    )


def client_rows(found: Sequence[ByClient], people: dict[int, PersonView]) -> list[ShareRow]:
    return [
        _share_row(
            f"{one.client_id}-{one.share.net.currency}",
            people[one.client_id].name if one.client_id in people else t("Somebody who left"),
            tn("{n} sale", "{n} sales", one.sales),
            one.share,
        )
        for one in found
    ]


def offering_rows(found: Sequence[ByOffering]) -> list[ShareRow]:
    """Offerings, packages by themselves, and what is beyond the list: together what was earned."""
    return [
        _share_row(
            f"{number}-{one.offering_id}",
            t("Package: {name}", name=one.title) if one.package else one.title or t("Others"),
            _packages(one.sales) if one.package else _sessions(one.sales),
            one.share,
        )
        for number, one in enumerate(found)
    ]


def _packages(many: int) -> str:
    return tn("{n} package", "{n} packages", many)


def _sessions(many: int) -> str:
    return tn("{n} session", "{n} sessions", many)


def _share_row(key: str, name: str, sales: str, share: Share) -> ShareRow:
    return ShareRow(key, name, sales, share.net.format(), share.fee.format())


_TONES = {"paid": "good", "failed": "bad", "canceled": "plain"}


def payout_row(one: PayoutFacts, lines: Sequence[PayoutLine], zone: str) -> PayoutRow:
    status = {
        "requested": t("Being prepared"),
        "transferred": t("Being prepared"),
        "in_transit": t("On the way"),
        "paid": t("Paid out"),
        "failed": t("Did not arrive"),
    }.get(one.status, t("Canceled"))
    note = ""
    if one.status == "in_transit" and one.arrives_at:
        note = t("Expected on {day}", day=times.day(one.arrives_at.date()))
    elif one.status == "paid" and one.paid_at:
        note = t("Confirmed {when}", when=times.when(one.paid_at, zone))
    elif one.waits_since:
        note = t("Waits until your clients' money has arrived at Stripe")
    failed = one.status in ("failed", "canceled")
    problem = failure_words(one.failure_code) if failed else ""
    if one.waits_long and one.waits_since:
        problem = t(
            "This has waited since {when}, longer than it should. We know, and look into it. The"
            " money is yours, and nothing is lost.",
            when=times.when(one.waits_since, zone),
        )
    return PayoutRow(
        id=one.id,
        amount=one.amount.format(),
        status=status,
        tone=_TONES.get(one.status, "info"),
        when=times.when(one.created_at, zone),
        note=note,
        problem=problem,
        can_retry=one.status == "failed",
        lines=[_line(line, zone) for line in lines],
        lines_words=tn("{n} movement in it", "{n} movements in it", len(lines)),
    )


def _line(line: PayoutLine, zone: str) -> LineRow:
    reason = line_words(line.reason)
    what = f"{line.description}: {reason}" if line.description else reason
    return LineRow(what, times.when(line.at, zone), line.amount.format())
