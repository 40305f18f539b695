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
    """Decoration: the name always stands beside it in words."""
    letters = rx.el.span(initials, class_name="select-none font-medium tracking-wide")
    picture = rx.el.img(
        src=url, alt="", class_name="size-full object-cover", custom_attrs={"loading": "lazy"}
    )
    if isinstance(url, rx.Var):
        inside: rx.Component = rx.cond(url, picture, letters)
    else:
        inside = picture if url else letters
    return rx.el.span(
        inside,
        aria_hidden="true",
        style={"--hue": hue},
        class_name=(
            "hue inline-flex shrink-0 items-center justify-center overflow-hidden rounded-full "
            f"{_SIZES[size]} {class_name}"
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
