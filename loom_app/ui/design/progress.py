"""How much of something is done."""

from typing import Any

import reflex as rx


def progress_bar(percent: Any, label: Any, class_name: str = "h-2") -> rx.Component:
    """`percent` is 0 to 100, a var mostly; `label` says of what, to who does not see it."""
    return rx.el.div(
        rx.el.div(
            style={"width": f"{percent}%"},
            class_name="h-full rounded-full bg-brand transition-[width]",
        ),
        role="progressbar",
        aria_label=label,
        custom_attrs={"aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100},
        class_name=f"w-full overflow-hidden rounded-full bg-hover {class_name}",
    )
