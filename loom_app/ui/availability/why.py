"""Why a day is empty: every closed stretch of a week explains itself to the coach."""

from typing import Any

import reflex as rx

from loom_app.ui.availability.why_state import DayRow, ReasonRow, StretchRow, WhyState
from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import select_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _reason(item: rx.Var[ReasonRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.cond(
            row.href,
            rx.el.a(row.words, href=row.href, class_name="text-brand underline underline-offset-2"),
            rx.el.span(row.words),
        )
    )


def _stretch(item: rx.Var[StretchRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.span(row.time, class_name="w-28 shrink-0 text-sm text-muted tabular"),
        rx.el.ul(rx.foreach(row.reasons, _reason), class_name="min-w-0 flex-1 text-sm"),
        key=row.time,
        class_name="flex gap-3 py-1.5",
    )


def _day(item: rx.Var[DayRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.h2(row.name, class_name="text-base font-semibold"),
                rx.el.p(row.count, class_name="text-sm text-muted"),
                class_name="flex flex-wrap items-baseline justify-between gap-x-3",
            ),
            rx.cond(
                row.free.length() > 0,
                rx.el.ul(
                    rx.foreach(
                        row.free,
                        lambda one: rx.el.li(
                            one,
                            class_name=(
                                "rounded-control bg-brand-soft px-2 py-0.5 text-sm text-brand-ink"
                                " tabular"
                            ),
                        ),
                    ),
                    aria_label=t("Times that clients see"),
                    class_name="mt-3 flex flex-wrap gap-1.5",
                ),
                rx.fragment(),
            ),
            rx.el.ul(
                rx.foreach(row.stretches, _stretch), class_name="mt-3 divide-y divide-line -mb-1.5"
            ),
        ),
        key=row.iso,
    )


def _bar() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            select_field(
                t("Offering"),
                "offering",
                WhyState.offerings,
                value=WhyState.offering,
                on_change=WhyState.choose,
            ),
            class_name="w-full sm:w-72",
        ),
        rx.el.nav(
            rx.el.a(
                icon("chevron-left", 20),
                rx.el.span(t("The week before"), class_name="sr-only"),
                href=WhyState.before_href,
                class_name="inline-flex size-11 items-center justify-center",
            ),
            rx.el.p(WhyState.title, class_name="text-base font-medium tabular"),
            rx.el.a(
                icon("chevron-right", 20),
                rx.el.span(t("The week after"), class_name="sr-only"),
                href=WhyState.after_href,
                class_name="inline-flex size-11 items-center justify-center",
            ),
            aria_label=t("Week"),
            class_name="flex items-center justify-between gap-1",
        ),
        class_name="flex flex-col gap-3 sm:flex-row sm:items-end sm:justify-between",
    )


def why_page() -> rx.Component:
    nothing = message_page(
        "layers",
        t("There is nothing to book yet"),
        t("Make an offering first: its rules decide which of your hours are free."),
        action=link_button(t("New offering"), "/offerings/new"),
    )
    return app_frame(
        rx.el.a(
            icon("arrow-left", 18),
            t("Hours"),
            href="/availability",
            class_name="inline-flex h-11 items-center gap-2 text-sm font-medium text-muted",
        ),
        page_heading(
            t("Why is a time closed?"),
            t("No session can begin in these stretches. Only you see this."),
        ),
        rx.cond(
            WhyState.loaded,
            rx.cond(
                WhyState.days.length() > 0,
                rx.el.div(
                    _bar(),
                    rx.el.ul(
                        rx.foreach(WhyState.days, _day),
                        class_name="grid items-start gap-4 lg:grid-cols-2",
                    ),
                    class_name="flex max-w-[64rem] flex-col gap-5",
                ),
                nothing,
            ),
            card(skeleton_rows(7)),
        ),
        place="availability",
    )
