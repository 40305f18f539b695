"""Shapes that stand where content will be, so that nothing jumps when it arrives."""

import reflex as rx

from loom_app.ui.text import t


def bone(class_name: str) -> rx.Component:
    return rx.el.div(class_name=f"rounded-md bg-hover busy-bar {class_name}")


def loading(*shapes: rx.Component, class_name: str = "") -> rx.Component:
    """The shapes, with one word for those who cannot see them."""
    return rx.el.div(
        rx.el.span(t("Loading"), class_name="sr-only"),
        *shapes,
        role="status",
        class_name=class_name,
    )


def skeleton_lines(count: int = 3) -> rx.Component:
    widths = ("w-full", "w-11/12", "w-2/3")
    return loading(
        *(bone(f"h-4 {widths[n % 3]}") for n in range(count)), class_name="flex flex-col gap-3"
    )


def skeleton_row() -> rx.Component:
    """A face and two lines: a person, a conversation, a session."""
    return rx.el.div(
        bone("size-11 rounded-full shrink-0"),
        rx.el.div(bone("h-4 w-40"), bone("h-4 w-64 max-w-full"), class_name="flex-1 space-y-2"),
        class_name="flex items-center gap-3 py-3",
    )


def skeleton_rows(count: int = 4) -> rx.Component:
    return loading(*(skeleton_row() for _ in range(count)), class_name="divide-y divide-line")
