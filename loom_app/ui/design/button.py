"""Buttons, and links that look like buttons. One primary action a view."""

from typing import Any, Literal

import reflex as rx

from loom_app.ui.design.icon import icon

Kind = Literal["primary", "secondary", "ghost", "danger"]
Size = Literal["md", "sm", "lg"]

_BASE = (
    "inline-flex items-center justify-center gap-2 rounded-control font-medium whitespace-nowrap "
    "select-none transition-colors no-underline aria-busy:cursor-progress"
)
_KINDS: dict[Kind, str] = {
    "primary": "bg-brand text-on-brand hover:bg-brand-strong",
    "secondary": "bg-surface text-ink border border-edge/60 hover:bg-hover",
    "ghost": "text-ink hover:bg-hover",
    "danger": "bg-bad text-on-bad hover:bg-bad-strong",
}
_SIZES: dict[Size, str] = {
    "sm": "h-11 md:h-9 px-3 text-sm",
    "md": "h-11 px-4 text-sm",
    "lg": "h-12 px-6 text-base",
}


def button_class(kind: Kind = "primary", size: Size = "md", extra: str = "") -> str:
    """The classes of a button, for the few elements that must look like one."""
    return f"{_BASE} {_KINDS[kind]} {_SIZES[size]} {extra}"


def spinner(size: int = 16) -> rx.Component:
    return icon("loader-circle", size, class_name="spin")


def _inside(label: Any, icon_name: str, icon_after: str, busy: Any) -> list[rx.Component]:
    before = icon(icon_name, 18) if icon_name else rx.fragment()
    parts = [before if busy is None else rx.cond(busy, spinner(), before)]
    parts.append(rx.el.span(label))
    if icon_after:
        parts.append(icon(icon_after, 18))
    return parts


def button(
    label: Any,
    *,
    kind: Kind = "primary",
    size: Size = "md",
    icon_name: str = "",
    icon_after: str = "",
    busy: Any = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A button with its verb; `busy` (a var) shows that it works and keeps its width."""
    props.setdefault("type", "button")
    if busy is not None:
        props["aria_busy"] = busy
    return rx.el.button(
        *_inside(label, icon_name, icon_after, busy),
        class_name=button_class(kind, size, class_name),
        **props,
    )


def link_button(
    label: Any,
    href: Any,
    *,
    kind: Kind = "primary",
    size: Size = "md",
    icon_name: str = "",
    icon_after: str = "",
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A link that looks like a button: it goes somewhere and changes nothing."""
    return rx.el.a(
        *_inside(label, icon_name, icon_after, None),
        href=href,
        class_name=button_class(kind, size, class_name),
        **props,
    )


def icon_button(
    icon_name: str, label: Any, *, kind: Kind = "ghost", class_name: str = "", **props: Any
) -> rx.Component:
    """A square button with a picture; the label is for screen readers and the tooltip."""
    props.setdefault("type", "button")
    return rx.el.button(
        icon(icon_name, 20),
        aria_label=label,
        title=label,
        class_name=f"{_BASE} {_KINDS[kind]} size-11 {class_name}",
        **props,
    )


def text_link(label: Any, href: Any, class_name: str = "", **props: Any) -> rx.Component:
    """A link inside a sentence."""
    return rx.el.a(
        label,
        href=href,
        class_name=(
            "text-brand-ink font-medium underline underline-offset-4 decoration-brand/40 "
            f"hover:decoration-brand rounded-sm {class_name}"
        ),
        **props,
    )
