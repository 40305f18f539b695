"""`/payments/<id>`: one payment, its papers, and money back."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, facts
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import select_field, text_area
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.payments.payment_state import PaymentState
from loom_app.ui.payments.rows import PaperRow, RefundRow, RequestRow
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.shell.native import backend
from loom_app.ui.text import t


def _ask() -> rx.Component:
    form = rx.el.form(
        text_area(
            t("Why?"),
            "reason",
            hint=t("Your coach reads this and answers."),
            error=PaymentState.errors["reason"],
            max_length=500,
            rows="3",
        ),
        select_field(
            t("Where should it go?"),
            "to",
            [("card", t("Back to the card, in 5 to 10 days")), ("credit", t("Credit, at once"))],
        ),
        rx.el.div(
            dialog_close(button(t("Not now"), kind="secondary")),
            button(t("Send request"), type="submit", busy=PaymentState.working),
            class_name="mt-2 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=PaymentState.send,
        class_name="mt-4 flex flex-col gap-4",
    )
    return dialog(
        t("Ask for {amount} back", amount=PaymentState.refundable),
        form,
        trigger=button(t("Ask for a refund"), kind="secondary", icon_name="undo-2"),
        opened=PaymentState.asking,
        on_open_change=PaymentState.ask,
    )


def _head() -> rx.Component:
    row: Any = PaymentState.row
    return card(
        rx.el.div(
            rx.el.p(row.amount, class_name="text-3xl font-semibold tabular"),
            badge(row.status, row.tone),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.div(
            facts(
                (t("What"), row.words),
                (t("Coach"), row.coach),
                (t("When"), row.day),
                (t("Paid with"), row.paid_with),
            ),
            rx.cond(
                (row.note == row.paid_with) | (row.note == ""),
                rx.fragment(),
                rx.el.p(row.note, class_name="mt-4 text-base text-muted"),
            ),
            class_name="mt-5 border-t border-line pt-5",
        ),
        rx.cond(
            PaymentState.paying & (PaymentState.refundable != "") & ~PaymentState.asked_already,
            rx.el.div(_ask(), class_name="mt-6"),
            rx.fragment(),
        ),
        rx.cond(
            PaymentState.package_href,
            link_button(
                t("Open the package"),
                PaymentState.package_href,
                kind="secondary",
                class_name="mt-6",
            ),
            rx.fragment(),
        ),
    )


def _titled(title: Any, body: Any) -> rx.Component:
    return card(rx.el.h2(title, class_name="mb-3 text-base font-semibold"), body)


def _refund(item: rx.Var[RefundRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.span(row.amount, class_name="text-base font-medium tabular"),
            badge(row.words, row.tone),
            class_name="flex flex-wrap items-center justify-between gap-2",
        ),
        rx.el.p(row.day, class_name="text-sm text-muted"),
        rx.cond(
            (row.retry > 0) & PaymentState.paying,
            rx.el.div(
                rx.el.p(
                    t("The money is safe with us. You can take it as credit."),
                    class_name="text-sm",
                ),
                button(
                    t("Take it as credit"),
                    size="sm",
                    on_click=PaymentState.as_credit(row.retry),
                ),
                class_name="mt-2 flex flex-col items-start gap-2 rounded-control bg-sunken p-3",
            ),
            rx.fragment(),
        ),
        class_name="flex flex-col gap-1 py-2",
    )


def _paper(item: rx.Var[PaperRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.a(
            icon("file-text", 20, class_name="text-muted"),
            rx.el.span(
                rx.el.span(row.words, class_name="block truncate text-base font-medium"),
                rx.el.span(row.day, class_name="block text-sm text-muted"),
                class_name="min-w-0 flex-1",
            ),
            rx.el.span(row.total, class_name="text-base tabular"),
            icon("download", 18, class_name="text-muted"),
            href=backend(row.href),
            custom_attrs={"reloadDocument": True, "download": True},
            class_name="-mx-2 flex items-center gap-3 rounded-control p-2 hover:bg-hover",
        )
    )


def _request(item: rx.Var[RequestRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.span(row.amount, " ", row.wish, class_name="text-base font-medium tabular"),
            badge(row.status_text, row.tone),
            class_name="flex flex-wrap items-center justify-between gap-2",
        ),
        rx.el.p("“", row.reason, "”", class_name="text-base text-muted"),
        rx.cond(
            row.note,
            rx.el.p(t("Answer: “{note}”", note=row.note), class_name="text-base"),
            rx.fragment(),
        ),
        rx.cond(
            (row.status == "open") & PaymentState.paying,
            button(
                t("Withdraw"),
                kind="ghost",
                size="sm",
                on_click=PaymentState.withdraw(row.id),
                class_name="-ml-3 self-start",
            ),
            rx.fragment(),
        ),
        class_name="flex flex-col gap-1 py-2",
    )


def _lists() -> rx.Component:
    def shown(rows: Any, title: Any, draw: Any) -> rx.Component:
        return rx.cond(
            rows.length() > 0,
            _titled(title, rx.el.ul(rx.foreach(rows, draw), class_name="divide-y divide-line")),
            rx.fragment(),
        )

    return rx.el.div(
        shown(PaymentState.papers, t("Papers"), _paper),
        shown(PaymentState.requests, t("Requests"), _request),
        shown(PaymentState.refunds, t("Money back"), _refund),
        class_name="flex flex-col gap-4",
    )


def payment_page() -> rx.Component:
    missing = message_page(
        "receipt",
        t("This payment is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All payments"), "/payments"),
    )
    whole = rx.el.div(
        rx.el.h1(t("Payment"), class_name="text-2xl font-semibold"),
        rx.el.div(_head(), _lists(), class_name="grid gap-4 lg:grid-cols-2 lg:items-start"),
        class_name="flex flex-col gap-5",
    )
    ghost = loading(bone("h-72 rounded-card"), class_name="flex flex-col gap-4")
    return app_frame(
        rx.el.a(
            icon("arrow-left", 18),
            rx.cond(PaymentState.paying, t("All payments"), t("All requests")),
            href=rx.cond(PaymentState.paying, "/payments", "/payments/requests"),
            class_name=(
                "inline-flex h-11 items-center gap-2 rounded-control text-sm font-medium "
                "text-muted hover:text-ink"
            ),
        ),
        rx.match(PaymentState.phase, ("here", whole), ("missing", missing), ghost),
        place="payments",
    )
