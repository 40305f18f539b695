"""The quiet line that says the connection is gone, and nothing else."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from loom_app.ui.text import t


@rx.memo
def connection_banner() -> rx.Component:
    return rx.el.div(
        rx.cond(
            has_connection_errors,
            rx.el.div(
                rx.el.span(class_name="size-2 rounded-full bg-warn busy-bar", aria_hidden="true"),
                rx.el.span(t("Connection lost. Trying again…")),
                class_name=(
                    "flex items-center gap-3 rounded-full border border-line "
                    "bg-surface px-4 py-2 text-sm text-ink shadow-float enter"
                ),
            ),
            rx.fragment(),
        ),
        role="status",
        # above, and never in the way: writing goes on below
        class_name="pointer-events-none fixed inset-x-0 top-3 z-50 flex justify-center px-4",
    )
