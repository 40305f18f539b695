"""The repeat step: the rhythm, every time in a list, and a choice where one cannot be."""

import reflex as rx

from loom_app.ui.booking.details import another_time
from loom_app.ui.booking.occurrences import plan_list
from loom_app.ui.booking.repeating import MOST, RepeatState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.thumb import thumb_bar
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import select_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.text import t


def repeat_offer() -> rx.Component:
    """On the details step: what is repeated, or that it can be."""
    held = BookingState.held
    words = rx.cond(held.series, held.series, t("Meet more than once?"))
    return rx.cond(
        BookingState.repeatable,
        rx.el.div(
            icon("repeat", 20, class_name="text-muted"),
            rx.el.p(words, class_name="min-w-0 flex-1 text-sm sm:text-base"),
            link_button(
                rx.cond(held.series, t("Change"), t("Repeat this session")),
                BookingState.repeat_href,
                kind="secondary",
                size="sm",
            ),
            class_name=(
                "flex max-w-form items-center gap-2 rounded-card bg-sunken px-3 py-1.5 sm:gap-3"
                " sm:p-4"
            ),
        ),
        rx.fragment(),
    )


def _rhythm() -> rx.Component:
    every = [("1", t("Every week")), ("2", t("Every second week"))]
    numbers = [(str(n), str(n)) for n in range(2, MOST + 1)]
    return rx.el.div(
        select_field(
            t("How often"),
            "every",
            every,
            value=RepeatState.every,
            on_change=RepeatState.set_every,
        ),
        select_field(
            t("How many sessions"),
            "times",
            numbers,
            value=RepeatState.times,
            on_change=RepeatState.set_number,
        ),
        class_name="grid max-w-form grid-cols-2 gap-4",
    )


def repeat_step() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("Meet more than once"), class_name="display text-xl sm:text-2xl"),
        _rhythm(),
        rx.el.p(
            rx.cond(RepeatState.coach_words, f"{RepeatState.coach_words} ", ""),
            t("You can cancel or move each session by itself."),
            class_name="text-sm text-muted",
        ),
        rx.cond(
            RepeatState.loaded,
            card(plan_list(RepeatState.rows, RepeatState.pick), class_name="px-2 py-0 sm:px-4"),
            loading(bone("h-44 w-full")),
        ),
        alert(RepeatState.errors["starts_at"], another_time()),
        thumb_bar(
            button(
                RepeatState.label,
                size="lg",
                busy=RepeatState.working,
                on_click=RepeatState.keep,
                class_name="max-sm:flex-1 max-sm:px-3",
            ),
            button(
                t("Only the first"),
                kind="secondary",
                size="lg",
                on_click=RepeatState.alone,
                class_name="max-sm:px-4",
            ),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="flex max-w-[40rem] flex-col gap-2 sm:gap-5",
    )
