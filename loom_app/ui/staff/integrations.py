"""`/staff/integrations`: services outside, how the last call to each went, and a test of each."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.health import health_tabs
from loom_app.ui.staff.integrations_state import IntegrationsState, ServiceRow
from loom_app.ui.text import t

state = IntegrationsState


def _service(item: rx.Var[ServiceRow]) -> rx.Component:
    one: Any = item
    said: Any = state.said[one.key]
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.h2(one.title, class_name="text-base font-medium"),
                badge(one.word, one.tone),
                class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
            ),
            rx.el.p(one.what, class_name="text-base"),
            rx.cond(one.told != "", rx.el.p(one.told, class_name="text-sm text-muted")),
            rx.cond(
                (one.error != "") & ~said,  # what a test just said is said once
                rx.el.p(one.error, class_name="break-words text-sm text-bad"),
            ),
            rx.el.p(
                t("Set by {names}", names=one.needs), class_name="break-words text-sm text-muted"
            ),
            rx.el.p(
                rx.cond(state.testing == one.key, "", said),
                role="status",
                class_name=rx.cond(
                    state.failed[one.key],
                    "break-words text-sm text-bad empty:hidden",
                    "break-words text-sm text-good empty:hidden",
                ),
            ),
            class_name="flex min-w-0 flex-1 flex-col gap-1",
        ),
        rx.cond(
            one.can_test,
            button(
                t("Test"),
                kind="secondary",
                size="sm",
                busy=state.testing == one.key,
                on_click=state.test(one.key),
                aria_label=t("Test {service}", service=one.title),
            ),
            rx.fragment(),
        ),
        key=one.key,
        custom_attrs={"data-service": one.key},
        class_name="flex items-start gap-4 py-4 first:pt-0 last:pb-0",
    )


def integrations_page() -> rx.Component:
    """One line a service."""
    return staff_frame(
        "health.see",
        page_heading(
            t("Services outside"),
            t("How the last call to each went, in any process. A test is harmless and is noted."),
        ),
        health_tabs("/staff/integrations"),
        rx.cond(
            state.loaded,
            card(
                rx.el.ul(rx.foreach(state.rows, _service), class_name="divide-y divide-line"),
                class_name="max-w-[46rem] p-5 md:p-6",
            ),
            skeleton_rows(6),
        ),
    )
