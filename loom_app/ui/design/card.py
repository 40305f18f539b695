"""Cards: a hairline, a radius, and room."""

from typing import Any

import reflex as rx

from loom_app.ui.design.given import given

CARD = "rounded-card border border-line bg-surface"


def card(*children: Any, class_name: str = "p-5 md:p-6", **props: Any) -> rx.Component:
    return rx.el.div(*children, class_name=f"{CARD} {class_name}", **props)


def card_link(
    *children: Any, href: Any, class_name: str = "p-5 md:p-6", **props: Any
) -> rx.Component:
    """A card that is one target as a whole."""
    return rx.el.a(
        *children,
        href=href,
        class_name=f"{CARD} block transition-colors hover:border-edge {class_name}",
        **props,
    )


def section(
    title: Any, *children: Any, action: rx.Component | None = None, note: Any = ""
) -> rx.Component:
    """A part of a page under its own heading."""
    heading = rx.el.div(
        rx.el.h2(title, class_name="text-lg font-semibold"),
        rx.el.p(note, class_name="text-sm text-muted") if given(note) else rx.fragment(),
    )
    return rx.el.section(
        rx.el.div(
            heading,
            action or rx.fragment(),
            class_name="flex items-end justify-between gap-4",
        ),
        *children,
        class_name="flex flex-col gap-4",
    )


def facts(*pairs: tuple[Any, Any], above: int = 0) -> rx.Component:
    """Names and values in two columns: the summary of a booking, of a payment. The first `above` of
    them are left out on a phone, where the page says them above already."""
    rows = [
        rx.el.div(
            rx.el.dt(name, class_name="text-sm text-muted"),
            rx.el.dd(value, class_name="text-base tabular"),
            class_name=(
                "grid grid-cols-[5.5rem_minmax(0,1fr)] items-baseline gap-3"
                " sm:grid-cols-[9rem_minmax(0,1fr)] sm:gap-4"
                + (" max-sm:hidden" if number < above else "")
            ),
        )
        for number, (name, value) in enumerate(pairs)
    ]
    return rx.el.dl(*rows, class_name=f"flex flex-col gap-{'2 sm:gap-3' if above else '3'}")


def where(address: Any, directions: Any, there: Any) -> rx.Component:
    """An address among facts: how to get there, and the time on its clock where that differs."""
    look = "block whitespace-pre-line text-sm text-muted"
    more = (
        rx.cond(words, rx.el.span(words, class_name=look), rx.fragment())
        for words in (directions, there)
    )
    return rx.fragment(address, *more)
