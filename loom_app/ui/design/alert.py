"""What went wrong with this page, said where the eyes are and read out at once."""

from typing import Any

import reflex as rx

from loom_app.ui.design.icon import icon


def alert(words: Any, action: rx.Component | None = None) -> rx.Component:
    """Shown only while there are words."""
    box = rx.el.div(
        icon("circle-alert", 20, class_name="mt-0.5"),
        rx.el.div(
            rx.el.p(words, class_name="text-base"),
            action or rx.fragment(),
            class_name="flex flex-col items-start gap-3",
        ),
        class_name="flex gap-3 rounded-control bg-bad-soft p-4 text-bad enter",
    )
    return rx.el.div(rx.cond(words, box, rx.fragment()), role="alert", class_name="empty:hidden")
