"""What the pages of earnings share."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.tabs import tabs
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def frame(here: str, *children: Any, action: rx.Component | None = None) -> rx.Component:
    """Heading and tabs above, the part below."""
    return app_frame(
        page_heading(t("Earnings"), t("What you earn, and how it reaches you."), action),
        tabs(
            t("Parts of your earnings"),
            [
                (t("Overview"), "/earnings", here == "overview"),
                (t("Payouts"), "/earnings/payouts", here == "payouts"),
                (t("Disputes"), "/earnings/disputes", here == "disputes"),
                (t("Account"), "/earnings/account", here == "account"),
            ],
        ),
        rx.el.div(*children, class_name="mt-6 flex flex-col gap-8"),
        place="earnings",
    )


def read(state: Any, shown: rx.Component, ghost: rx.Component) -> rx.Component:
    """What was read; until then its shape, or another try where that failed."""
    failed = empty_state(
        "cloud-off",
        t("Your earnings could not be read"),
        button(t("Try again"), on_click=state.load),
        detail=t("Nothing is lost: the money is where it was."),
    )
    return rx.cond(state.loaded, shown, rx.cond(state.broken, failed, ghost))


def banner(words: Any, action: rx.Component | None = None) -> rx.Component:
    """Something that the coach has to know before all else; nothing without words."""
    box = rx.el.div(
        icon("info", 20, class_name="mt-0.5 shrink-0"),
        rx.el.div(
            rx.el.p(words, class_name="text-base"),
            action or rx.fragment(),
            class_name="flex flex-col items-start gap-3",
        ),
        class_name="flex gap-3 rounded-card bg-warn-soft p-4 text-warn md:p-5",
    )
    return rx.cond(words, box, rx.fragment())


def folded(words: Any, *children: Any) -> rx.Component:
    """Something that is opened by a click; the arrow says so."""
    return rx.el.details(
        rx.el.summary(
            words,
            icon(
                "chevron-down",
                18,
                class_name="text-muted transition-transform group-open:rotate-180",
            ),
            class_name="inline-flex h-11 cursor-pointer items-center gap-1.5 text-sm font-medium",
        ),
        *children,
        class_name="group mt-2",
    )
