"""Nothing here yet, nothing at this address, and something broke: each with one way on."""

from typing import Any

import reflex as rx

from loom_app.ui.design.given import given
from loom_app.ui.design.icon import icon


def _picture(icon_name: str) -> rx.Component:
    """A woven roundel with the thing's icon: our one illustration."""
    return rx.el.div(
        rx.el.span(class_name="absolute inset-0 rounded-full bg-accent-soft"),
        rx.el.span(class_name="absolute inset-3 rounded-full border border-accent/50"),
        icon(icon_name, 32, class_name="relative text-accent-ink"),
        class_name="relative flex size-24 items-center justify-center",
        aria_hidden="true",
    )


def empty_state(
    icon_name: str,
    sentence: Any,
    action: rx.Component | None = None,
    *,
    detail: Any = "",
    heading: bool = False,
) -> rx.Component:
    """One picture, one sentence, one action; a heading where it is all that a page has."""
    said = rx.el.h1 if heading else rx.el.p
    return rx.el.div(
        _picture(icon_name),
        rx.el.div(
            said(sentence, class_name="text-lg font-medium text-ink"),
            rx.el.p(detail, class_name="text-base text-muted") if given(detail) else rx.fragment(),
            class_name="flex max-w-sm flex-col gap-1",
        ),
        action or rx.fragment(),
        class_name="flex flex-col items-center gap-5 px-6 py-12 text-center",
    )


def message_page(
    icon_name: str,
    title: Any,
    *sentences: Any,
    action: rx.Component | None = None,
    reference: Any = "",
) -> rx.Component:
    """A whole page with one message: what happened, what is safe, what to do."""
    return rx.el.div(
        _picture(icon_name),
        rx.el.h1(title, class_name="display text-2xl md:text-3xl"),
        *(rx.el.p(line, class_name="max-w-md text-base text-muted") for line in sentences),
        rx.el.p(reference, class_name="font-mono text-sm text-muted")
        if given(reference)
        else rx.fragment(),
        action or rx.fragment(),
        class_name=(
            "mx-auto flex min-h-[60dvh] max-w-page flex-col items-center justify-center gap-5 "
            "px-4 py-16 text-center"
        ),
    )
