"""Tables: hairlines, numbers to the right, the whole row a target."""

from collections.abc import Sequence
from typing import Any

import reflex as rx


def table(caption: Any, headers: Sequence[Any], body: Any, numeric: Sequence[int] = ()) -> Any:
    """Headers and rows; the caption is spoken, the heading above the table is for the eye."""
    head = [
        rx.el.th(
            words,
            scope="col",
            class_name=(
                "px-4 py-3 text-xs font-medium text-muted "
                + ("text-right" if number in numeric else "text-left")
            ),
        )
        for number, words in enumerate(headers)
    ]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="sr-only"),
            rx.el.thead(rx.el.tr(*head), class_name="border-b border-line"),
            rx.el.tbody(body, class_name="divide-y divide-line"),
            class_name="w-full border-collapse text-sm",
        ),
        class_name="overflow-x-auto rounded-card border border-line bg-surface",
        role="region",
        aria_label=caption,
        tab_index=0,
    )


def row(*cells: Any, **props: Any) -> rx.Component:
    return rx.el.tr(*cells, class_name="relative transition-colors hover:bg-hover/60", **props)


def cell(*children: Any, numeric: bool = False) -> rx.Component:
    side = "text-right tabular whitespace-nowrap" if numeric else "text-left"
    return rx.el.td(*children, class_name=f"px-4 py-3 align-middle {side}")


def row_link(label: Any, href: Any) -> rx.Component:
    """The row's link: it stretches over the whole row, and is one stop for the keyboard."""
    return rx.el.a(label, href=href, class_name="font-medium text-ink after:absolute after:inset-0")
