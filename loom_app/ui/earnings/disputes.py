"""`/earnings/disputes`: what payers' banks want back, why, until when, and the coach's answer."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import text_area
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.earnings.disputes_state import DisputeRow, DisputesState
from loom_app.ui.earnings.parts import frame, read
from loom_app.ui.text import t


def _answer(row: Any) -> rx.Component:
    return rx.el.form(
        text_area(
            t("What happened"),
            "evidence",
            hint=t(
                "The bank reads this once. Date, place and names of the session go with it by"
                " themselves."
            ),
            error=DisputesState.errors["evidence"],
            default_value=row.evidence,
            on_blur=DisputesState.keep,
            rows="8",
            max_length=20_000,
        ),
        rx.el.div(
            button(t("Send to the bank"), type="submit"),
            button(t("Later"), kind="ghost", on_click=DisputesState.later),
            class_name="flex flex-wrap gap-2",
        ),
        on_submit=DisputesState.send,
        class_name="flex flex-col gap-4 border-t border-line pt-4",
    )


def _said(row: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Your answer"), class_name="text-sm text-muted"),
        rx.el.p(row.evidence, class_name="whitespace-pre-line text-base"),
        class_name="flex flex-col gap-1 border-t border-line pt-4",
    )


def _dispute(item: rx.Var[DisputeRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(row.what, class_name="min-w-0 flex-1 text-base font-medium"),
                    rx.el.span(row.amount, class_name="text-lg font-medium tabular"),
                    class_name="flex items-baseline gap-4",
                ),
                rx.el.p(row.reason, class_name="text-base"),
                rx.el.div(
                    badge(row.status, row.tone),
                    rx.el.p(row.when, class_name="text-sm text-muted"),
                    class_name="flex flex-wrap items-center gap-x-3 gap-y-1 pt-1",
                ),
                class_name="flex flex-col gap-1",
            ),
            rx.cond(
                row.answerable,
                rx.cond(
                    DisputesState.answering == row.id,
                    _answer(row),
                    rx.el.div(
                        button(
                            t("Say what happened"),
                            kind="secondary",
                            on_click=DisputesState.answer(row.id),
                        ),
                    ),
                ),
                rx.cond(row.answered, _said(row), rx.fragment()),
            ),
            class_name="flex flex-col gap-4 p-5 md:p-6",
        ),
        key=row.id,
    )


def disputes_page() -> rx.Component:
    return frame(
        "disputes",
        read(
            DisputesState,
            rx.cond(
                DisputesState.rows.length() > 0,
                rx.el.ul(
                    rx.foreach(DisputesState.rows, _dispute),
                    aria_label=t("Disputes"),
                    class_name="flex max-w-[48rem] flex-col gap-3",
                ),
                empty_state(
                    "shield-check",
                    t("No payment of yours is disputed"),
                    detail=t(
                        "If a payer asks their bank for money back, you hear of it by mail and"
                        " answer here. Your part is held until the bank decides."
                    ),
                ),
            ),
            card(skeleton_rows(2)),
        ),
    )
