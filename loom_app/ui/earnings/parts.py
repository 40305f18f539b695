"""What the pages of earnings share."""

from typing import Any

import reflex as rx

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
