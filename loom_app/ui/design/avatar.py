"""Faces: a picture when there is one, else initials on the person's own hue."""

from typing import Any, Literal

import reflex as rx

Size = Literal["xs", "sm", "md", "lg", "xl"]
_SIZES: dict[Size, str] = {
    "xs": "size-6 text-[10px]",
    "sm": "size-9 text-xs",
    "md": "size-11 text-sm",
    "lg": "size-16 text-xl",
    "xl": "size-28 text-3xl md:size-36",
}


def avatar(
    initials: Any, hue: Any, url: Any = "", *, size: Size = "md", class_name: str = ""
) -> rx.Component:
    """Decoration: the name stands beside it in words. Initials show until the picture is there."""
    picture = rx.el.img(
        src=url,
        alt="",
        class_name="absolute inset-0 size-full object-cover",
        custom_attrs={"loading": "lazy"},
    )
    shown = rx.cond(url, picture, rx.fragment()) if isinstance(url, rx.Var) else picture
    return rx.el.span(
        rx.el.span(initials, class_name="select-none font-medium tracking-wide"),
        shown if isinstance(url, rx.Var) or url else rx.fragment(),
        aria_hidden="true",
        style={"--hue": hue},
        class_name=(
            "hue relative inline-flex shrink-0 items-center justify-center overflow-hidden "
            f"rounded-full {_SIZES[size]} {class_name}"
        ),
    )


def presence_dot(online: Any, label: Any) -> rx.Component:
    """A dot with its meaning in words for those who do not see it."""
    return rx.cond(
        online,
        rx.el.span(
            rx.el.span(label, class_name="sr-only"),
            class_name="inline-block size-2.5 rounded-full bg-good ring-2 ring-surface",
        ),
        rx.fragment(),
    )
