"""A menu of links and actions, on the browser's own popover: light, closes by Esc and outside."""

from typing import Any

import reflex as rx

from loom_app.ui.design.icon import icon

_ITEM = (
    "flex h-11 w-full items-center gap-3 rounded-control px-3 text-sm font-medium text-ink "
    "hover:bg-hover"
)


def menu(name: str, label: Any, trigger: Any, *items: rx.Component, place: str) -> rx.Component:
    """`place` are classes that pin the panel (fixed): popovers live above the page."""
    return rx.fragment(
        rx.el.button(
            trigger,
            type="button",
            aria_label=label,
            class_name="rounded-full",
            custom_attrs={"popoverTarget": name, "aria-haspopup": "true"},
        ),
        rx.el.div(
            *items,
            id=name,
            custom_attrs={"popover": "auto"},
            class_name=(
                "fixed inset-auto m-0 w-64 rounded-card border border-line bg-surface p-2 text-ink "
                f"shadow-float open:enter {place}"
            ),
        ),
    )


def menu_link(icon_name: str, words: Any, href: Any, **props: Any) -> rx.Component:
    return rx.el.a(icon(icon_name, 18), words, href=href, class_name=_ITEM, **props)


def menu_action(icon_name: str, words: Any, **props: Any) -> rx.Component:
    return rx.el.button(icon(icon_name, 18), words, type="button", class_name=_ITEM, **props)


def menu_line() -> rx.Component:
    return rx.el.hr(class_name="my-2 border-t border-line")
