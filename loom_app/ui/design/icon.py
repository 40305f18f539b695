"""Lucide icons, one file each, 1.5 px strokes; silent, for a name stands beside or around them."""

from typing import Any

import reflex as rx


def icon(name: str, size: int = 20, class_name: str = "", **props: Any) -> rx.Component:
    """An icon for the eye only; the control around it carries the name."""
    return rx.icon(
        name,
        size=size,
        class_name=f"shrink-0 {class_name}",
        custom_attrs={"strokeWidth": 1.5, "aria-hidden": "true"},
        **props,
    )
