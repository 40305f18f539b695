"""`/payments/requests`: clients ask for money back; the coach answers."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import select_field, text_area, text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.payments.requests_state import Answering, RequestsState
from loom_app.ui.payments.rows import RequestRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _form(row: Any, state: Any) -> rx.Component:
    errors = state.errors
    return rx.el.form(
        select_field(
            t("Your answer"),
            "answer",
            [("yes", t("Give money back")), ("no", t("Decline"))],
        ),
        text_field(
            t("How much"),
            "amount",
            default_value=row.plain_amount,
            hint=t("All of {amount}, or a part of it.", amount=row.amount),
            error=errors["amount"],
            input_mode="decimal",
        ),
        text_area(
            t("A word to the client"),
            "note",
            hint=t("Needed where you decline."),
            error=errors["note"],
            max_length=500,
            rows="3",
        ),
        rx.el.div(
            button(t("Not now"), kind="secondary", on_click=state.answer(0)),
            button(t("Send answer"), type="submit", busy=state.working),
            class_name="flex flex-col-reverse gap-3 sm:flex-row",
        ),
        on_submit=state.send,
        class_name="flex max-w-form flex-col gap-4 border-t border-line pt-4",
    )


def _row(item: rx.Var[RequestRow], state: Any, *, coach: bool) -> rx.Component:
    row: Any = item
    of = (t("of {name}", name=row.coach), " · ") if coach else ()
    return rx.el.li(
        card(
            rx.el.div(
                avatar(row.initials, row.hue, row.avatar_url, size="md"),
                rx.el.div(
                    rx.el.p(row.client, class_name="truncate text-base font-semibold"),
                    rx.el.p(row.words, " · ", *of, row.day, class_name="text-sm text-muted"),
                    class_name="min-w-0 flex-1",
                ),
                rx.el.div(
                    rx.el.p(row.amount, class_name="text-base font-semibold tabular"),
                    rx.el.p(row.wish, class_name="text-sm text-muted"),
                    class_name="text-right",
                ),
                class_name="flex items-center gap-3",
            ),
            rx.el.p("“", row.reason, "”", class_name="whitespace-pre-line text-base"),
            rx.match(
                row.status,
                (
                    "open",
                    rx.cond(
                        state.answering == row.id,
                        _form(row, state),
                        button(
                            t("Answer"),
                            on_click=state.answer(row.id),
                            aria_label=t("Answer {name}", name=row.client),
                            class_name="self-start",
                        ),
                    ),
                ),
                rx.el.div(
                    badge(row.status_text, row.tone),
                    rx.el.p(row.note, class_name="text-base text-muted"),
                    class_name="flex flex-wrap items-center gap-3",
                ),
            ),
            class_name="flex flex-col gap-4 p-5",
        ),
        key=row.id,
    )


def request_list(state: type[Answering], *, coach: bool = False) -> rx.Component:
    """What is asked for, each with its answer or a form for it; `coach` says of whom, too."""
    return rx.el.ul(
        rx.foreach(state.rows, lambda row: _row(row, state, coach=coach)),
        class_name="flex max-w-[46rem] flex-col gap-4",
    )


def requests_page() -> rx.Component:
    nothing = card(
        empty_state(
            "undo-2",
            t("Nobody asks for money back"),
            detail=t("Requests of your clients will stand here."),
        )
    )
    return app_frame(
        page_heading(t("Refund requests"), t("What clients ask back, and your answer.")),
        rx.cond(
            RequestsState.loaded,
            rx.cond(RequestsState.rows.length() > 0, request_list(RequestsState), nothing),
            skeleton_rows(3),
        ),
        place="payments",
    )
