"""The bell: how much is new in the centre, live, and the way there."""

import reflex as rx

from loom_app.ui.design.icon import icon
from loom_app.ui.shell.me import Me
from loom_app.ui.text import t


def bell(me: Me) -> rx.Component:
    return rx.el.a(
        icon("bell", 20),
        rx.el.span(t("Notifications"), class_name="sr-only"),
        rx.cond(
            me.notices > 0,
            rx.el.span(
                rx.cond(me.notices > 99, "99+", me.notices),
                rx.el.span(t("new"), class_name="sr-only"),
                class_name=(
                    "absolute right-0.5 top-0.5 inline-flex h-5 min-w-5 items-center "
                    "justify-center rounded-full bg-accent px-1 text-xs font-semibold "
                    "text-[oklch(0.25_0.04_55)] tabular"
                ),
            ),
            rx.fragment(),
        ),
        href="/notifications",
        title=t("Notifications"),
        class_name=(
            "relative inline-flex size-11 items-center justify-center rounded-control text-muted "
            "hover:bg-hover hover:text-ink"
        ),
    )
