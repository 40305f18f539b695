"""`/payments/methods`: the cards that are saved, and which is offered first."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button, spinner
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.payments.methods_state import CardRow, MethodsState
from loom_app.ui.payments.parts import payment_tabs
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _remove(row: Any) -> rx.Component:
    return dialog(
        t("Remove {card}?", card=row.words),
        text=t("It can't be used here any more. What you have booked and paid stays as it is."),
        trigger=button(
            t("Remove"),
            kind="ghost",
            size="sm",
            aria_label=t("Remove {card}", card=row.words),
        ),
        actions=(
            dialog_close(button(t("Keep it"), kind="secondary")),
            dialog_close(button(t("Remove"), kind="danger", on_click=MethodsState.remove(row.id))),
        ),
        alert=True,
    )


def _row(item: rx.Var[CardRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.span(
            rx.match(
                row.kind,
                ("us_bank_account", icon("landmark", 22)),
                ("sepa_debit", icon("landmark", 22)),
                ("link", icon("link", 22)),
                icon("credit-card", 22),
            ),
            class_name=(
                "flex size-11 shrink-0 items-center justify-center rounded-control bg-sunken "
                "text-muted"
            ),
        ),
        rx.el.div(
            rx.el.div(
                rx.el.span(row.words, class_name="text-base font-medium tabular"),
                rx.cond(row.default, badge(t("Offered first"), "brand"), rx.fragment()),
                rx.cond(row.note, badge(row.note, row.tone), rx.fragment()),
                class_name="flex flex-wrap items-center gap-2",
            ),
            rx.el.p(row.expires, class_name="text-sm text-muted tabular"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            rx.cond(
                row.default,
                rx.fragment(),
                button(
                    t("Offer first"),
                    kind="ghost",
                    size="sm",
                    aria_label=t("Offer {card} first", card=row.words),
                    on_click=MethodsState.make_default(row.id),
                ),
            ),
            _remove(row),
            class_name="flex gap-1 max-sm:w-full max-sm:justify-end",
        ),
        aria_busy=MethodsState.working == row.id,
        key=row.id,
        class_name=(
            "flex flex-wrap items-center gap-3 border-b border-line p-4 last:border-b-0 "
            "aria-busy:opacity-60"
        ),
    )


def _list() -> rx.Component:
    return rx.cond(
        MethodsState.cards.length() > 0,
        card(
            rx.el.ul(rx.foreach(MethodsState.cards, _row)),
            class_name="overflow-hidden",
        ),
        card(
            empty_state(
                "credit-card",
                t("Nothing is saved"),
                detail=t("Save a card, and booking takes a single click."),
            )
        ),
    )


def methods_page() -> rx.Component:
    add = button(
        t("Add a way to pay"), icon_name="plus", busy=MethodsState.adding, on_click=MethodsState.add
    )
    checking = rx.el.p(
        spinner(18),
        t("Asking Stripe about your card"),
        role="status",
        class_name="flex items-center gap-2 text-sm text-muted",
    )
    return app_frame(
        page_heading(t("Payments"), t("What you paid, and what you pay with."), action=add),
        payment_tabs("methods"),
        rx.el.div(
            rx.cond(MethodsState.checking, checking, rx.fragment()),
            rx.cond(MethodsState.loaded, _list(), skeleton_rows(2)),
            rx.el.p(
                icon("lock", 16, class_name="mt-0.5"),
                t("Numbers stay at Stripe; we know the last four digits only."),
                class_name="flex gap-2 text-sm text-muted",
            ),
            class_name="mt-6 flex max-w-[46rem] flex-col gap-4",
        ),
        leave_for(MethodsState.leave_to),
        place="payments",
    )
