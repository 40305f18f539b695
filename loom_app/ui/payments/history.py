"""`/payments`: what was paid, to whom, and the papers; credit above it."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.filters.panel import days, desk_panel, phone_panel, pills
from loom_app.ui.payments.history_state import HistoryState
from loom_app.ui.payments.parts import payment_tabs
from loom_app.ui.payments.rows import PaymentRow, TotalRow, UpcomingRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.shell.native import backend
from loom_app.ui.text import t


def _figure(words: Any, value: Any, note: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(words, class_name="text-sm text-muted"),
        rx.el.dd(
            rx.el.span(value, class_name="block text-xl font-semibold tabular"),
            rx.cond(note, rx.el.span(note, class_name="block text-sm text-muted"), rx.fragment()),
        ),
        class_name="flex min-w-40 flex-col gap-1",
    )


def _total(item: rx.Var[TotalRow]) -> rx.Component:
    row: Any = item
    back = rx.cond(row.refunded, t("{amount} of it came back", amount=row.refunded), "")
    return _figure(t("Paid"), row.paid, back)


def _sums() -> rx.Component:
    credit = rx.foreach(
        HistoryState.credit,
        lambda words: rx.el.div(
            icon("gift", 20, class_name="mt-0.5 text-accent-ink"),
            rx.el.div(
                rx.el.p(t("Your credit"), class_name="text-sm text-muted"),
                rx.el.p(words, class_name="text-base font-medium tabular"),
            ),
            class_name="flex gap-3",
        ),
    )
    return rx.cond(
        (HistoryState.totals.length() > 0) | (HistoryState.credit.length() > 0),
        card(
            rx.el.dl(
                rx.foreach(HistoryState.totals, _total),
                class_name="flex flex-wrap gap-x-10 gap-y-4",
            ),
            credit,
            class_name="flex flex-wrap items-center justify-between gap-6 p-5",
        ),
        rx.fragment(),
    )


def _coming(item: rx.Var[UpcomingRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.a(
                row.words,
                href=row.href,
                class_name="block truncate text-base font-medium hover:underline",
            ),
            rx.el.p(row.detail, class_name="text-sm text-muted"),
            rx.cond(row.note, rx.el.p(row.note, class_name="text-sm text-muted"), rx.fragment()),
            class_name="min-w-0 flex-1 basis-52",
        ),
        rx.el.span(row.amount, class_name="text-base font-medium tabular"),
        badge(row.status, row.tone),
        rx.cond(
            row.label,
            link_button(row.label, row.href, kind="secondary", size="sm"),
            rx.fragment(),
        ),
        key=row.id,
        class_name=(
            "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 "
            "last:border-b-0"
        ),
    )


def _upcoming() -> rx.Component:
    """What is still to be paid, and what is held on a card; nothing where nothing is."""
    return rx.cond(
        HistoryState.upcoming.length() > 0,
        rx.el.section(
            rx.el.h2(t("Upcoming"), id="upcoming", class_name="text-base font-semibold"),
            card(
                rx.el.ul(rx.foreach(HistoryState.upcoming, _coming)),
                class_name="overflow-hidden",
            ),
            aria_labelledby="upcoming",
            class_name="flex flex-col gap-3",
        ),
        rx.fragment(),
    )


def _groups() -> list[rx.Component]:
    state = HistoryState
    return [
        pills(state, "status", t("Which payments"), state.statuses),
        rx.cond(
            state.coaches.length() > 1,
            pills(state, "coach", t("Which coach"), state.coaches),
            rx.fragment(),
        ),
        days(state, state.first_day, state.last_day),
    ]


def _row(item: rx.Var[PaymentRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.a(
                row.words,
                href=row.href,
                class_name="block truncate text-base font-medium after:absolute after:inset-0",
            ),
            rx.el.p(
                row.day,
                rx.cond(row.coach, f" · {row.coach}", ""),
                class_name="truncate text-sm text-muted",
            ),
            # on a phone there is no room for what is as it should be
            rx.cond(
                row.tone == "good",
                rx.fragment(),
                rx.el.span(badge(row.status, row.tone), class_name="mt-1 inline-block sm:hidden"),
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            rx.el.p(row.amount, class_name="text-base font-medium tabular"),
            rx.cond(row.note, rx.el.p(row.note, class_name="text-sm text-muted"), rx.fragment()),
            class_name="shrink-0 text-right max-sm:max-w-[45%]",
        ),
        rx.el.span(badge(row.status, row.tone), class_name="w-28 shrink-0 max-sm:hidden"),
        rx.cond(
            row.receipt,
            rx.el.a(
                icon("download", 20),
                href=backend(row.receipt),
                aria_label=t("Receipt for {what}", what=row.words),
                title=t("Receipt"),
                custom_attrs={"reloadDocument": True, "download": True},
                class_name=(
                    "relative z-[1] inline-flex size-11 shrink-0 items-center justify-center "
                    "rounded-control text-muted hover:bg-hover hover:text-ink"
                ),
            ),
            rx.el.span(class_name="size-11 shrink-0"),
        ),
        key=row.id,
        class_name=(
            "relative flex items-center gap-3 border-b border-line py-3 pl-4 pr-2 "
            "last:border-b-0 hover:bg-hover/60"
        ),
    )


def _list() -> rx.Component:
    more = rx.cond(
        HistoryState.more > 0,
        button(
            t("Show older payments"),
            kind="secondary",
            busy=HistoryState.busy,
            on_click=HistoryState.load_more,
            class_name="self-center",
        ),
        rx.fragment(),
    )
    nothing = rx.cond(
        HistoryState.filters_on > 0,
        card(empty_state("search-x", t("No payment fits"), detail=t("Try another period."))),
        card(
            empty_state(
                "receipt",
                t("Nothing paid yet"),
                link_button(t("Find a coach"), "/coaches", kind="secondary"),
                detail=t("Payments and receipts will stand here."),
            )
        ),
    )
    return rx.cond(
        HistoryState.rows.length() > 0,
        rx.el.div(
            card(
                rx.el.ul(rx.foreach(HistoryState.rows, _row), aria_label=t("Payments")),
                class_name="overflow-hidden",
            ),
            more,
            class_name="flex flex-col gap-4",
        ),
        nothing,
    )


def history_page() -> rx.Component:
    # there from the start: where it comes late, it moves the page down on a phone
    export = rx.cond(
        HistoryState.loaded & (HistoryState.rows.length() == 0),
        rx.fragment(),
        link_button(
            t("Download as CSV"),
            backend(HistoryState.file_href),
            kind="secondary",
            icon_name="download",
            custom_attrs={"reloadDocument": True, "download": True},
        ),
    )
    return app_frame(
        page_heading(t("Payments"), t("What you paid, and what you pay with."), action=export),
        payment_tabs("history"),
        rx.el.div(
            rx.cond(
                HistoryState.loaded,
                rx.fragment(
                    _upcoming(),
                    _sums(),
                    rx.el.div(
                        phone_panel(HistoryState, t("Show payments"), *_groups()),
                        role="search",
                        class_name="lg:hidden",
                    ),
                    rx.el.div(
                        desk_panel(HistoryState, *_groups()),
                        _list(),
                        class_name=(
                            "grid grid-cols-[minmax(0,1fr)] items-start gap-8 "
                            "lg:grid-cols-[14rem_minmax(0,1fr)]"
                        ),
                    ),
                ),
                skeleton_rows(5),
            ),
            class_name="mt-6 flex flex-col gap-5",
        ),
        place="payments",
    )
