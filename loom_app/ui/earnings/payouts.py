"""`/earnings/payouts`: every payout with what was in it, newest first."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.earnings.parts import folded, frame, read
from loom_app.ui.earnings.payouts_state import PayoutsState
from loom_app.ui.earnings.rows import LineRow, PayoutRow
from loom_app.ui.text import t


def _line(item: rx.Var[LineRow]) -> rx.Component:
    line: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(line.what, class_name="text-sm"),
            rx.el.p(line.when, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.span(line.amount, class_name="text-sm tabular"),
        class_name="flex items-baseline gap-4 py-2.5",
    )


def _problem(one: Any) -> rx.Component:
    again = button(
        t("Send it again"),
        kind="secondary",
        size="sm",
        icon_name="rotate-cw",
        on_click=PayoutsState.retry(one.id),
    )
    return rx.cond(
        one.problem,
        rx.el.div(
            icon("circle-alert", 18, class_name="mt-0.5 shrink-0 text-bad"),
            rx.el.div(
                rx.el.p(one.problem, class_name="text-base"),
                rx.cond(
                    one.can_retry,
                    rx.el.div(
                        again,
                        link_button(
                            t("Change the bank account"),
                            "/earnings/stripe",
                            kind="ghost",
                            size="sm",
                            custom_attrs={"reloadDocument": True},
                        ),
                        class_name="flex flex-wrap gap-2",
                    ),
                    rx.fragment(),
                ),
                class_name="flex flex-col gap-3",
            ),
            class_name="mt-4 flex gap-3 rounded-control bg-sunken p-4",
        ),
        rx.fragment(),
    )


def _payout(item: rx.Var[PayoutRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(one.amount, class_name="text-lg font-semibold tabular"),
                    rx.el.p(one.when, class_name="text-sm text-muted"),
                    rx.cond(
                        one.note,
                        rx.el.p(one.note, class_name="text-sm text-muted"),
                        rx.fragment(),
                    ),
                    class_name="min-w-0 flex-1",
                ),
                badge(one.status, one.tone),
                class_name="flex items-start gap-4",
            ),
            _problem(one),
            rx.cond(
                one.lines.length() > 0,
                folded(
                    one.lines_words,
                    rx.el.ul(
                        rx.foreach(one.lines.to(list[LineRow]), _line),
                        class_name="divide-y divide-line border-t border-line",
                    ),
                ),
                rx.fragment(),
            ),
        ),
        key=one.id,
    )


def payouts_page() -> rx.Component:
    found = rx.el.div(
        rx.el.ul(
            rx.foreach(PayoutsState.payouts, _payout),
            aria_label=t("Payouts"),
            class_name="flex flex-col gap-3",
        ),
        rx.el.div(
            rx.cond(
                PayoutsState.first,
                rx.fragment(),
                link_button(t("Newest"), "/earnings/payouts", kind="secondary"),
            ),
            rx.cond(
                PayoutsState.next_href,
                link_button(t("Older"), PayoutsState.next_href, kind="secondary"),
                rx.fragment(),
            ),
            class_name="mt-4 flex gap-3",
        ),
        class_name="max-w-[48rem]",
    )
    none = empty_state(
        "landmark",
        t("No payouts yet"),
        link_button(t("See your account"), "/earnings/account"),
        detail=t("They come by the schedule of your account, or when you ask for one."),
    )
    return frame(
        "payouts",
        read(
            PayoutsState,
            rx.cond(PayoutsState.payouts.length() > 0, found, none),
            card(skeleton_rows(3)),
        ),
    )
