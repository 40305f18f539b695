"""`/earnings`: what is available first, then where the rest is and where it came from."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import CARD, card, section
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.design.table import cell, row, table
from loom_app.ui.design.tabs import tabs
from loom_app.ui.earnings.parts import banner, folded, frame, read
from loom_app.ui.earnings.rows import BarRow, ChartRow, FigureRow, MonthRow, ShareRow
from loom_app.ui.earnings.state import EarningsState
from loom_app.ui.text import t


def _figure(words: Any, value: Any, note: Any = "") -> rx.Component:
    return rx.cond(
        value,
        rx.el.div(
            rx.el.dt(words, class_name="text-sm text-muted"),
            rx.el.dd(value, class_name="text-lg font-semibold tabular"),
            rx.cond(note, rx.el.dd(note, class_name="text-sm text-muted"), rx.fragment()),
            class_name="min-w-0 sm:min-w-32",
        ),
        rx.fragment(),
    )


def _figures(item: rx.Var[FigureRow]) -> rx.Component:
    one: Any = item
    pay = button(
        t("Pay out now"),
        icon_name="arrow-up-right",
        busy=EarningsState.paying == one.currency,
        on_click=EarningsState.pay_out(one.currency),
    )
    return card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(
                    t("Available, {currency}", currency=one.currency),
                    class_name="text-sm text-muted",
                ),
                rx.el.p(one.available, class_name="text-3xl font-semibold tabular"),
            ),
            rx.cond(one.can_pay_out, pay, rx.fragment()),
            class_name="flex flex-wrap items-end justify-between gap-4",
        ),
        rx.el.dl(
            _figure(t("Upcoming"), one.upcoming, t("paid, not delivered yet")),
            _figure(t("Pending"), one.pending, EarningsState.release_note),
            _figure(t("Held"), one.held, t("disputed by a client's bank")),
            _figure(t("On the way"), one.on_the_way),
            _figure(t("Paid out"), one.paid_out),
            _figure(t("Earned in all"), one.earned, t("after fees")),
            _figure(t("Platform fees"), one.fees),
            class_name=(
                "mt-6 grid grid-cols-2 gap-x-6 gap-y-5 border-t border-line pt-5"
                " sm:flex sm:flex-wrap sm:gap-x-10"
            ),
        ),
    )


def _bar(item: rx.Var[BarRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.label, ": ", one.net, class_name="sr-only"),
            rx.cond(
                one.shown,
                rx.el.span(
                    one.net,
                    aria_hidden="true",
                    class_name="text-xs text-muted tabular max-lg:hidden",
                ),
                rx.fragment(),
            ),
            rx.el.div(
                class_name="w-full max-w-9 rounded-t-[5px] bg-brand",
                style={"height": one.height},
                title=one.net,
            ),
            class_name=(
                "flex h-40 w-full flex-col items-center justify-end gap-1 border-b border-line"
            ),
        ),
        rx.el.span(
            one.label,
            aria_hidden="true",
            class_name=rx.cond(
                one.named,
                "text-xs whitespace-nowrap text-muted tabular",
                "text-xs whitespace-nowrap text-muted tabular max-md:hidden",
            ),
        ),
        class_name="relative flex min-w-0 flex-1 flex-col items-center gap-1.5",
    )


def _chart(item: rx.Var[ChartRow]) -> rx.Component:
    one: Any = item
    lines = rx.foreach(
        one.bars.to(list[BarRow]),
        lambda bar: rx.cond(
            bar.shown,
            row(
                cell(bar.label),
                cell(bar.net, numeric=True),
                cell(bar.fee, numeric=True),
                key=bar.label,
            ),
            rx.fragment(),
        ),
    )
    return card(
        rx.el.h3(one.title, class_name="mb-4 text-base font-semibold"),
        rx.el.ul(
            rx.foreach(one.bars.to(list[BarRow]), _bar),
            class_name="flex gap-1 sm:gap-2",
        ),
        folded(
            t("As a table"),
            table(one.title, [t("From"), t("Yours"), t("Fee")], lines, numeric=(1, 2)),
        ),
    )


def _charts() -> rx.Component:
    unit, period = EarningsState.unit, EarningsState.period
    choice = tabs(
        t("Bars for"),
        [
            (t("Weeks"), f"/earnings?period={period}", unit == "week"),
            (t("Months"), f"/earnings?by=month&period={period}", unit == "month"),
        ],
    )
    return rx.cond(
        EarningsState.charts.length() > 0,
        section(
            t("Over time"),
            rx.foreach(EarningsState.charts, _chart),
            action=choice,
        ),
        rx.fragment(),
    )


def _share(item: rx.Var[ShareRow]) -> rx.Component:
    one: Any = item
    return row(
        cell(rx.el.span(one.name, class_name="font-medium")),
        cell(one.sales, numeric=True),
        cell(one.fee, numeric=True),
        cell(one.net, numeric=True),
        key=one.key,
    )


def _shares(title: Any, who: Any, rows: Any, *, note: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.h3(title, class_name="text-base font-semibold"),
        table(
            title,
            [who, t("Sold"), t("Fee"), t("Yours")],
            rx.foreach(rows, _share),
            numeric=(1, 2, 3),
        ),
        rx.el.p(note, class_name="text-sm text-muted empty:hidden"),
        class_name="flex min-w-0 flex-col gap-3",
    )


def _from() -> rx.Component:
    unit, here = EarningsState.unit, EarningsState.period
    words = {
        "month": t("This month"),
        "quarter": t("90 days"),
        "year": t("This year"),
        "all": t("All"),
    }
    choice = tabs(
        t("Period"),
        [(say, f"/earnings?by={unit}&period={key}", here == key) for key, say in words.items()],
    )
    return section(
        t("Where it came from"),
        choice,
        rx.cond(
            EarningsState.clients.length() > 0,
            rx.el.div(
                _shares(t("By client"), t("Client"), EarningsState.clients),
                _shares(
                    t("By offering"),
                    t("Offering"),
                    EarningsState.offerings,
                    note=t("A package is a line of its own. It is earned session by session."),
                ),
                class_name="grid gap-6 lg:grid-cols-2 lg:items-start",
            ),
            rx.el.p(t("Nothing was earned in this period."), class_name="text-base text-muted"),
        ),
        action=rx.el.div(
            _file(t("PDF"), EarningsState.pdf_href),
            _file(t("CSV"), EarningsState.csv_href),
            class_name="flex gap-2",
        ),
    )


def _file(words: Any, href: Any) -> rx.Component:
    return link_button(
        words,
        href,
        kind="secondary",
        size="sm",
        icon_name="download",
        custom_attrs={"reloadDocument": True, "download": True},
    )


def _months() -> rx.Component:
    """A paper for each month, for whoever does the books."""
    listed = rx.el.ul(
        rx.foreach(EarningsState.months, _month),
        class_name="grid gap-2 sm:grid-cols-2 lg:grid-cols-3",
    )
    return rx.cond(
        EarningsState.months.length() > 0,
        section(t("Statements by month"), listed),
        rx.fragment(),
    )


def _month(item: rx.Var[MonthRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.a(
            icon("file-text", 20, class_name="shrink-0 text-muted"),
            rx.el.span(one.words, class_name="flex-1 text-base"),
            rx.el.span(t("PDF"), class_name="text-sm text-muted"),
            href=one.href,
            download=True,
            class_name=f"{CARD} flex min-h-11 items-center gap-3 px-4 py-2.5 hover:border-edge",
        ),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "wallet",
        t("Nothing is earned yet"),
        link_button(t("Your offerings"), "/offerings"),
        detail=t("When a client pays for a session, you see the money here from then on."),
    )


def overview_page() -> rx.Component:
    ghost = loading(
        bone("h-48 rounded-card"), bone("h-64 rounded-card"), class_name="flex flex-col gap-6"
    )
    to_account = link_button(t("Open your account"), "/earnings/account", kind="secondary")
    some = rx.fragment(rx.foreach(EarningsState.figures, _figures), _charts(), _from(), _months())
    return frame(
        "overview",
        banner(EarningsState.account_note, to_account),
        read(EarningsState, rx.cond(EarningsState.figures.length() > 0, some, _nothing()), ghost),
    )
