"""Tabs that are addresses, a choice of few, and the steps of a task."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from loom_app.ui.design.icon import icon
from loom_app.ui.text import t

_TAB = (
    "inline-flex h-11 shrink-0 items-center whitespace-nowrap border-b-2 border-transparent "
    "text-sm font-medium text-muted transition-colors hover:text-ink sm:px-1 "
    "aria-[current=page]:border-brand aria-[current=page]:text-ink "
    "aria-[current=page]:[scroll-initial-target:nearest]"
)


def tabs(label: Any, items: Sequence[tuple[Any, Any, Any]]) -> rx.Component:
    """(words, address, is this one): tabs live in the URL, so back and reload keep them.

    Five of them stand beside each other on the narrowest phone; where words are longer, they
    scroll, and a shade at the edge says that there are more.
    """
    links = [
        rx.el.a(
            words,
            href=href,
            aria_current=rx.cond(here, "page", "false"),
            class_name=_TAB,
        )
        for words, href, here in items
    ]
    return rx.el.nav(
        *links,
        aria_label=label,
        class_name=(
            "more-aside flex gap-[clamp(0.5rem,3.6vw,1.5rem)] overflow-x-auto border-b border-line"
        ),
    )


_SEGMENT = (
    "relative inline-flex h-9 items-center justify-center rounded-[7px] px-4 text-sm font-medium "
    "text-muted transition-colors hover:text-ink aria-pressed:bg-surface aria-pressed:text-ink "
    "aria-pressed:ring-1 aria-pressed:ring-line after:absolute after:-inset-y-1 after:inset-x-0"
)


def segmented(label: Any, items: Sequence[tuple[Any, Any, Any]]) -> rx.Component:
    """(words, is chosen, handler): two to four choices that exclude each other."""
    buttons = [
        rx.el.button(
            words, type="button", aria_pressed=chosen, on_click=handler, class_name=_SEGMENT
        )
        for words, chosen, handler in items
    ]
    return rx.el.div(
        *buttons,
        role="group",
        aria_label=label,
        class_name="inline-flex gap-1 rounded-control bg-sunken p-1",
    )


def _step(number: int, words: Any, current: Any) -> rx.Component:
    done, here = current > number, current == number
    mark = rx.el.span(
        rx.cond(done, icon("check", 14), rx.el.span(str(number + 1))),
        class_name=rx.cond(
            done | here,
            "flex size-6 items-center justify-center rounded-full bg-brand text-xs font-semibold "
            "text-on-brand tabular",
            "flex size-6 items-center justify-center rounded-full border border-edge/60 text-xs "
            "font-medium text-muted tabular",
        ),
    )
    return rx.el.li(
        mark,
        rx.el.span(
            words,
            class_name=rx.cond(
                here,
                "text-sm font-medium text-ink",
                "sr-only text-sm text-muted sm:not-sr-only",
            ),
        ),
        aria_current=rx.cond(here, "step", "false"),
        class_name="flex items-center gap-2",
    )


def stepper(steps: Sequence[Any], current: Any) -> rx.Component:
    """Where one is in a task of a few steps; `current` counts from nought."""
    current = rx.Var.create(current)
    parts: list[rx.Component] = []
    for number, words in enumerate(steps):
        if number:
            parts.append(
                rx.el.li(
                    aria_hidden="true",
                    class_name="h-px w-4 shrink-0 bg-line max-[380px]:hidden sm:w-8",
                )
            )
        parts.append(_step(number, words, current))
    return rx.el.nav(rx.el.ol(*parts, class_name="flex items-center gap-2"), aria_label=t("Steps"))
