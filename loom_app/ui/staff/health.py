"""`/staff/health`: lights by written rules, and the figures behind them."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.card import card
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.design.table import cell, row, table
from loom_app.ui.design.tabs import tabs
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.health_state import (
    HealthState,
    PartRow,
    ProcessRow,
    SignRow,
    SlowRow,
    TableRow,
)
from loom_app.ui.text import t

state = HealthState
TABS = ((t("Health"), "/staff/health"), (t("Services outside"), "/staff/integrations"))


def health_tabs(here: str) -> rx.Component:
    """Both pages of how Loom is."""
    return rx.el.div(
        tabs(t("How Loom is"), [(words, href, href == here) for words, href in TABS]),
        class_name="mb-6",
    )


def _sign(item: rx.Var[SignRow]) -> rx.Component:
    one: Any = item
    todo = rx.el.div(
        rx.el.p(one.todo, class_name="text-base"),
        rx.cond(
            one.href != "",
            rx.el.a(
                t("Look at it"),
                href=one.href,
                custom_attrs={"reloadDocument": one.href.startswith("/admin/")},
                class_name="text-base text-brand underline",
            ),
            rx.fragment(),
        ),
        class_name="mt-1 flex flex-wrap gap-x-3",
    )
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(one.title, class_name="text-base font-medium"),
                rx.el.p(one.says, class_name="break-words text-base tabular"),
                class_name="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3",
            ),
            badge(one.word, one.tone),
            class_name="flex items-baseline gap-3",
        ),
        rx.cond(one.todo != "", todo, rx.fragment()),
        rx.el.p(one.rule, class_name="text-sm text-muted"),
        key=one.key,
        custom_attrs={"data-sign": one.key, "data-level": one.tone},
        class_name="py-3 first:pt-0 last:pb-0",
    )


def _part(item: rx.Var[PartRow]) -> rx.Component:
    part: Any = item
    return rx.el.section(
        rx.el.h2(part.title, class_name="mb-3 text-lg font-semibold"),
        card(rx.el.ul(rx.foreach(part.signs, _sign), class_name="divide-y divide-line")),
        key=part.key,
        class_name="max-w-[46rem]",
    )


def _behind(title: Any, note: Any, rows: Any, nothing: Any, shown: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="text-lg font-semibold"),
        rx.el.p(note, class_name="mb-3 max-w-[68ch] text-base text-muted"),
        rx.cond(rows.length() > 0, shown, rx.el.p(nothing, class_name="text-base text-muted")),
    )


def _table_row(item: rx.Var[TableRow]) -> rx.Component:
    one: Any = item
    return row(
        cell(one.name),
        cell(one.size, numeric=True),
        cell(one.rows, numeric=True),
        cell(one.indexed, numeric=True),
        key=one.name,
    )


def _slow_row(item: rx.Var[SlowRow]) -> rx.Component:
    one: Any = item
    return row(
        cell(rx.el.code(one.text, class_name="block min-w-60 max-w-[40rem] break-words text-xs")),
        cell(one.times, numeric=True),
        cell(one.most, numeric=True),
        cell(one.last, numeric=True),
    )


def _process_row(item: rx.Var[ProcessRow]) -> rx.Component:
    one: Any = item
    return row(
        cell(one.host),
        cell(one.up),
        cell(one.pages, numeric=True),
        cell(one.pool, numeric=True),
        cell(one.memory, numeric=True),
        cell(one.version),
        key=one.id,
    )


def _tables() -> rx.Component:
    unused = rx.el.p(
        t("Never used since the statistics began, and large: "),
        rx.foreach(state.unused, lambda one: rx.el.span(one.name, " (", one.size, ") ")),
        class_name="mt-3 text-sm text-muted",
    )
    return rx.el.div(
        table(
            t("Largest tables"),
            (t("Table"), t("Size with indexes"), t("Rows, about"), t("Read by index")),
            rx.foreach(state.tables, _table_row),
            numeric=(1, 2, 3),
        ),
        rx.cond(state.unused.length() > 0, unused, rx.fragment()),
    )


def health_page() -> rx.Component:
    """The lights first, what they are made of after them."""
    slow = table(
        t("Slow statements"),
        (t("Statement"), t("Times"), t("Longest"), t("Last")),
        rx.foreach(state.slow, _slow_row),
        numeric=(1, 2, 3),
    )
    processes = table(
        t("Processes"),
        (t("Process"), t("Began"), t("Open pages"), t("Connections"), t("Memory"), t("Version")),
        rx.foreach(state.processes, _process_row),
        numeric=(2, 3, 4),
    )
    shown = rx.el.div(
        rx.el.p(
            badge(state.summary, state.tone),
            rx.el.span(t("Read at {time}", time=state.at), class_name="text-sm text-muted"),
            role="status",
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.foreach(state.parts, _part),
        _behind(
            t("Processes"),
            t("Each tells of itself every five seconds."),
            state.processes,
            t("None has told of itself."),
            processes,
        ),
        _behind(
            t("Slow statements"),
            t("Since each process began, with placeholders for what people wrote. Chat's own"
              " fast path is not in it."),
            state.slow,
            t("None was slow."),
            slow,
        ),
        _behind(
            t("Largest tables"),
            t("With their indexes. Statements of other roles are hidden from Loom by PostgreSQL."),
            state.tables,
            t("There are none."),
            _tables(),
        ),
        class_name="flex flex-col gap-10",
    )  # fmt: skip
    return staff_frame(
        "health.see",
        page_heading(t("How Loom is"), t("Lights by written rules, read anew every ten seconds.")),
        health_tabs("/staff/health"),
        rx.cond(state.loaded, shown, skeleton_rows(6)),
    )
