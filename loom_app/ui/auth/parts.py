"""What the pages of signing up and in share."""

from typing import Any

import reflex as rx

from loom_app.kit.i18n.times import zones
from loom_app.ui.design.card import card
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.frame import focus_frame


def narrow(title: Any, note: Any, *children: Any, below: Any = None) -> rx.Component:
    """One column, one task."""
    return focus_frame(
        rx.el.div(
            rx.el.h1(title, class_name="display text-3xl"),
            rx.el.p(note, class_name="mt-2 text-base text-muted"),
            card(*children, class_name="mt-6 p-5 md:p-8"),
            rx.el.div(below or rx.fragment(), class_name="mt-6 text-center text-base text-muted"),
            class_name="mx-auto w-full max-w-[440px] pt-6 md:pt-12",
        )
    )


def notice(words: Any, *, tone: str = "bad") -> rx.Component:
    """A message above a form, spoken when it appears."""
    look = (
        "border-bad/40 bg-bad-soft text-bad" if tone == "bad" else "border-line bg-hover text-ink"
    )
    return rx.el.p(
        icon("circle-alert" if tone == "bad" else "info", 18, class_name="mt-0.5 shrink-0"),
        rx.el.span(words),
        role="alert",
        class_name=f"mb-5 flex gap-2 rounded-control border px-3 py-2.5 text-sm {look}",
    )


def zone_options() -> list[tuple[str, str]]:
    """Every IANA zone by its own name, with the plain offset left out: it changes twice a year."""
    return [(name, name.replace("_", " ")) for name in sorted(zones())]
