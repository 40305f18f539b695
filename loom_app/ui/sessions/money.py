"""What a session costs, what is still due of it, and where its money is."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.money_rows import DueRow, MoneyRow
from loom_app.ui.text import t

session = SessionState.session


def titled(title: Any, *children: Any) -> rx.Component:
    return card(rx.el.h2(title, class_name="mb-3 text-base font-semibold"), *children)


def _sum(words: Any, value: Any, strong: str = "") -> rx.Component:
    return rx.cond(
        value,
        rx.el.div(
            rx.el.dt(words, class_name="text-muted"),
            rx.el.dd(value, class_name=f"tabular {strong}"),
            class_name="flex justify-between gap-4 text-base",
        ),
        rx.fragment(),
    )


def _due(item: rx.Var[DueRow]) -> rx.Component:
    """A rest or a hold, and what its reader can do about it."""
    row: Any = item
    return rx.el.li(
        rx.el.p(row.title, class_name="text-sm text-muted"),
        rx.el.p(
            row.words,
            class_name=rx.match(
                row.tone,
                ("bad", "text-base text-bad"),
                ("good", "text-base text-good"),
                "text-base",
            ),
        ),
        rx.cond(row.note, rx.el.p(row.note, class_name="text-sm text-muted"), rx.fragment()),
        rx.cond(
            row.pay,
            button(
                row.pay,
                size="sm",
                busy=SessionState.paying == row.id,
                on_click=SessionState.pay(row.id),
                class_name="mt-2 w-full",
            ),
            rx.fragment(),
        ),
        rx.cond(
            row.hand,
            _in_hand(row),
            rx.fragment(),
        ),
        key=row.id,
    )


def _in_hand(row: Any) -> rx.Component:
    return dialog(
        t("Was the rest paid in person?"),
        text=t(
            "It is noted for both of you and not asked for any more. It does not go through this"
            " platform: there is no fee on it, and it is in no payout."
        ),
        trigger=button(
            t("It was paid in person"), kind="secondary", size="sm", class_name="mt-2 w-full"
        ),
        actions=(
            dialog_close(button(t("Back"), kind="secondary")),
            dialog_close(button(t("Yes, I have it"), on_click=SessionState.in_hand(row.id))),
        ),
        alert=True,
    )


def _receipt(item: rx.Var[list[str]]) -> rx.Component:
    return link_button(item[0], item[1], kind="secondary", size="sm", class_name="w-full")


def payment() -> rx.Component:
    shown: Any = session
    return titled(
        t("Payment"),
        rx.el.dl(
            _sum(t("Price"), shown.price, "font-medium"),
            _sum(t("State"), rx.cond(shown.payment == shown.price, "", shown.payment)),
            _sum(t("Platform fee"), shown.fee),
            _sum(t("Your part"), shown.earned, "font-medium"),
            class_name="flex flex-col gap-2",
        ),
        rx.cond(
            shown.dues.length() > 0,
            rx.el.ul(
                rx.foreach(shown.dues, _due),
                class_name="mt-4 flex flex-col gap-4 border-t border-line pt-4",
            ),
            rx.fragment(),
        ),
        rx.cond(
            shown.receipts.length() > 0,
            rx.el.div(rx.foreach(shown.receipts, _receipt), class_name="mt-4 flex flex-col gap-2"),
            rx.fragment(),
        ),
    )


def _step(item: rx.Var[MoneyRow]) -> rx.Component:
    step: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.span(step.what, class_name="text-base"),
            rx.el.span(step.amount, class_name="text-base tabular"),
            class_name="flex justify-between gap-4",
        ),
        rx.el.p(step.when, class_name="text-sm text-muted"),
        rx.cond(step.note, rx.el.p(step.note, class_name="text-sm text-muted"), rx.fragment()),
    )


def money() -> rx.Component:
    shown: Any = session
    return rx.cond(
        shown.money.length() > 0,
        titled(
            t("Where the money is"),
            rx.el.ol(rx.foreach(shown.money, _step), class_name="flex flex-col gap-3"),
        ),
        rx.fragment(),
    )
