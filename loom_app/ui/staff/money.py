"""`/staff/money`: what about money needs a person of staff."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.payments.requests import request_list
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.money_state import DeskLine, MoneyDeskState
from loom_app.ui.text import t


def _line(item: rx.Var[DeskLine]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.title, class_name="min-w-0 flex-1 break-words text-base font-medium"),
            rx.el.span(row.amount, class_name="text-base font-medium tabular"),
            class_name="flex items-baseline gap-4",
        ),
        rx.el.p(row.about, class_name="break-words text-sm text-muted"),
        rx.el.div(
            badge(row.status, row.tone),
            rx.el.p(row.when, class_name="text-sm text-muted"),
            rx.cond(
                row.id > 0,
                button(
                    t("Handle again"),
                    kind="secondary",
                    size="sm",
                    busy=MoneyDeskState.again == row.id,
                    on_click=MoneyDeskState.handle_again(row.id),
                    aria_label=t("Handle {title} again", title=row.title),
                    class_name="ml-auto",
                ),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-center gap-x-3 gap-y-1 pt-1",
        ),
        class_name="flex flex-col gap-1 py-4 first:pt-0 last:pb-0",
    )


def _part(title: Any, note: Any, rows: Any, nothing: Any, shown: rx.Component) -> rx.Component:
    """One queue; where it is empty it says so in a line."""
    return rx.el.section(
        rx.el.h2(title, class_name="text-lg font-semibold"),
        rx.el.p(note, class_name="mb-4 text-base text-muted"),
        rx.cond(
            rows.length() > 0,
            shown,
            rx.el.p(nothing, class_name="text-base text-muted"),
        ),
        class_name="max-w-[46rem]",
    )


def _lines(rows: Any) -> rx.Component:
    return card(rx.el.ul(rx.foreach(rows, _line), class_name="divide-y divide-line"))


def money_desk() -> rx.Component:
    """Four queues, the ones that people wait for first."""
    state = MoneyDeskState
    queues = rx.el.div(
        _part(
            t("Refund requests"),
            t("Their coaches can answer as well; who is first decides."),
            state.rows,
            t("Nobody waits for an answer."),
            request_list(state, coach=True),
        ),
        _part(
            t("Disputes"),
            t("Open ones, by when an answer is due. The coach answers the bank."),
            state.disputes,
            t("No payment is disputed."),
            _lines(state.disputes),
        ),
        _part(
            t("Differences"),
            t("Where the ledger and Stripe, or the ledger and itself, do not agree."),
            state.findings,
            t("The books agree."),
            _lines(state.findings),
        ),
        _part(
            t("Events that went wrong"),
            t("What Stripe told and Loom could not do yet. It is tried again by itself for hours."),
            state.events,
            t("Everything that Stripe told is done."),
            _lines(state.events),
        ),
        class_name="flex flex-col gap-10",
    )
    return staff_frame(
        "money.see",
        page_heading(t("Money desk"), t("What about money needs somebody of staff.")),
        rx.cond(state.loaded, queues, skeleton_rows(4)),
    )
