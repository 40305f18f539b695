"""Toasts drawn from state: no script comes from the server, and a reader hears them politely."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.lapse import Lapse
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t


def _mark(kind: rx.Var) -> rx.Component:
    return rx.match(
        kind,
        ("success", icon("circle-check", class_name="text-good")),
        ("error", icon("circle-alert", class_name="text-bad")),
        icon("info", class_name="text-muted"),
    )


def _toast(item: Any, on_dismiss: Any) -> rx.Component:
    return rx.el.li(
        _mark(item.kind),
        rx.el.p(item.text, class_name="min-w-0 flex-1 text-sm font-medium"),
        rx.cond(
            item.kind == "error",  # what went wrong stays until it is read
            rx.fragment(),
            Lapse.create(
                class_name="lapse", aria_hidden="true", on_animation_end=on_dismiss(item.id)
            ),
        ),
        rx.el.button(
            icon("x", 18),
            type="button",
            aria_label=t("Dismiss"),
            on_click=on_dismiss(item.id),
            class_name=(
                "-my-3 -mr-3 inline-flex size-11 items-center justify-center rounded-control "
                "text-muted hover:text-ink"
            ),
        ),
        key=item.id,
        class_name=(
            "pointer-events-auto flex w-full items-start gap-3 rounded-card border border-line "
            "bg-surface p-4 shadow-float enter-up sm:w-96"
        ),
    )


def toast_region(toasts: Any, on_dismiss: Any) -> rx.Component:
    """The corner where toasts appear; `on_dismiss` takes a toast's id.

    A toast has an id, a kind (success, error or info) and a text.
    """
    return rx.el.ol(
        rx.foreach(toasts, lambda item: _toast(item, on_dismiss)),
        aria_live="polite",
        aria_label=t("Messages"),
        class_name=(
            "pointer-events-none fixed inset-x-0 bottom-20 z-50 flex flex-col items-center gap-2 "
            "px-4 sm:items-end md:bottom-6 md:px-6"
        ),
    )
