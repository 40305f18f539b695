"""A statement of earnings on paper."""

from collections.abc import Mapping
from datetime import timedelta

from babel.numbers import get_currency_name

from loom_app.domains.payments.queries.earnings import Period
from loom_app.domains.payments.queries.statement import (
    Statement,
    StatementLine,
    StatementPart,
    movement_words,
    sum_words,
)
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.paper import Paper
from loom_app.kit.text import language, t

WIDTHS = (24, 0, 27, 24, 27)  # day, what, price, fee, yours; 0 takes the rest


def days_of(period: Period, zone: str) -> str:
    """ "1 October 2026 to 31 October 2026"; without a beginning, until when."""
    last = times.day_and_year(period.until - timedelta(seconds=1), zone)
    if times.local(period.since, zone).year < 2001:  # "all" begins before anything could
        return t("Until {day}", day=last)
    return t("{first} to {last}", first=times.day_and_year(period.since, zone), last=last)


def draw_statement(
    found: Statement, *, whose: str, names: Mapping[int, str], zone: str, made: str
) -> bytes:
    """As PDF, about a millisecond a line: call it in a thread. `whose` may have several lines;
    `names` are clients by id."""
    sheet = Paper(
        t("Statement of earnings"),
        t("Made by Loom on {day}. Days are those of {zone}.", day=made, zone=zone),
        numbered=True,
    )
    sheet.heading(t("Statement of earnings"), days_of(found.period, zone))
    sheet.blocks([(t("For"), whose)])
    if not found.parts:
        sheet.words(t("Nothing was earned or paid out in this time."))
    for part in found.parts:
        _part(sheet, found, part, zone)
        _lines(sheet, part, names, zone)
    if not found.whole:
        sheet.words(
            t("There are too many movements to print them one by one. The CSV file has them all.")
        )
    return sheet.bytes()


def _part(sheet: Paper, found: Statement, part: StatementPart, zone: str) -> None:
    name = get_currency_name(part.currency, locale=language())
    sheet.section(t("{currency}, {name}", currency=part.currency, name=name))
    since = times.day_and_year(found.period.since, zone)
    first = t("Yours before")
    if times.local(found.period.since, zone).year >= 2001:
        first = t("Yours at the start of {day}", day=since)
    last = times.day_and_year(found.period.until - timedelta(seconds=1), zone)
    rows = [(first, part.opening.exact())]
    rows += [(sum_words(one), _signed(one.share.net)) for one in part.sums]
    sheet.sums(rows, (t("Yours at the end of {day}", day=last), part.closing.exact()))
    if part.fees.minor:
        gross = sum(
            (one.share.gross for one in part.sums if one.share.fee.minor), Money(0, part.currency)
        )
        sheet.words(
            t(
                "Clients paid {gross}, refunds taken off. Loom's fee was {fee}; the rest is yours.",
                gross=gross.exact(),
                fee=part.fees.exact(),
            )
        )
    sheet.words(
        t("Yours is what you earned and your bank has not yet: pending, available or on its way.")
    )


def _lines(sheet: Paper, part: StatementPart, names: Mapping[int, str], zone: str) -> None:
    if not part.lines:
        return
    head = (t("Day"), t("What"), t("Price"), t("Fee"), t("Yours"))
    sheet.columns(head, [_line(one, names, zone) for one in part.lines], WIDTHS)


def _line(one: StatementLine, names: Mapping[int, str], zone: str) -> tuple[str, ...]:
    about = ", ".join(filter(None, (one.description, names.get(one.client_id or 0, ""))))
    what = movement_words(one.kind)
    if about:
        what = about if one.kind == "delivery" else t("{what}: {about}", what=what, about=about)
    price, fee = _signed(one.share.gross), _signed(one.share.fee)
    if one.client_id is None:  # a payout has neither
        price = fee = ""
    return times.numbers(one.at, zone), what, price, fee, _signed(one.share.net)


def _signed(money: Money) -> str:
    """With a real minus, which is as wide as a digit."""
    return money.exact().replace("-", "\u2212")
