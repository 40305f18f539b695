"""What the pages of signing up and in share."""

from typing import Any

import reflex as rx

from loom_app.kit.i18n.times import zones
from loom_app.ui.design.card import card
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.frame import focus_frame
from loom_app.ui.text import t


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


def side_choice(chosen: Any) -> rx.Component:
    """What somebody is here for, as the field "role"; `chosen` is "client" or "coach"."""
    return rx.el.fieldset(
        rx.el.legend(t("What brings you here?"), class_name="mb-1.5 text-sm font-medium"),
        rx.el.div(
            _side("client", t("I want coaching"), t("Find, book and talk"), chosen),
            _side("coach", t("I am a coach"), t("Offer sessions"), chosen),
            class_name="flex flex-col gap-2 sm:flex-row",
        ),
    )


def _side(value: str, words: str, note: str, chosen: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="role",
            value=value,
            default_checked=chosen == value,
            key=f"{value}-{chosen}",
            class_name="mt-1 size-4 shrink-0 accent-[var(--brand)]",
        ),
        rx.el.span(
            rx.el.span(words, class_name="block text-base font-medium"),
            rx.el.span(note, class_name="block text-sm text-muted"),
        ),
        class_name=(
            "flex min-h-11 flex-1 cursor-pointer gap-3 rounded-control border border-edge/60 p-3 "
            "hover:bg-hover has-[:checked]:border-brand has-[:checked]:bg-brand-soft"
        ),
    )
