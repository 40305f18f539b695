"""`/book/<slug>/…`: one step a page, the summary beside it, the clock above it."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.details import details_step
from loom_app.ui.booking.repeat import repeat_offer, repeat_step
from loom_app.ui.booking.review import review_step
from loom_app.ui.booking.slots import time_step
from loom_app.ui.booking.state import BookingState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.countdown import countdown
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.design.tabs import stepper
from loom_app.ui.directory.offering_card import offering_list
from loom_app.ui.shell.frame import focus_frame
from loom_app.ui.text import t


def _offering_step() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("What would you like to book?"), class_name="display text-xl sm:text-2xl"),
        rx.el.h2(t("Offerings"), class_name="sr-only"),
        rx.cond(
            BookingState.closed_note,
            rx.el.p(BookingState.closed_note, class_name="text-base text-muted"),
            rx.fragment(),
        ),
        offering_list(BookingState.offerings),
        class_name="flex flex-col gap-3 sm:gap-5",
    )


def _line(icon_name: str, words: Any) -> rx.Component:
    return rx.cond(
        words,
        rx.el.p(
            icon(icon_name, 18, class_name="mt-[3px] text-muted"),
            rx.el.span(words),
            class_name="flex gap-2.5 text-base",
        ),
        rx.fragment(),
    )


def _beside() -> rx.Component:
    """Who and what this is about; a strip on a phone, a card beside the step on a desk."""
    coach, offering = BookingState.coach, BookingState.offering
    return rx.el.aside(
        card(
            rx.el.div(
                rx.el.a(
                    icon("arrow-left"),
                    href=BookingState.back_href,
                    aria_label=BookingState.back_words,
                    class_name=(
                        "-ml-3 -mr-2 inline-flex size-11 shrink-0 items-center justify-center "
                        "rounded-control text-muted hover:text-ink sm:hidden"
                    ),
                ),
                avatar(coach.initials, coach.hue, coach.avatar_url, size="md"),
                rx.el.div(
                    rx.el.p(coach.name, class_name="truncate text-base font-semibold"),
                    rx.el.p(offering.name, class_name="truncate text-sm text-muted"),
                    class_name="min-w-0",
                ),
                class_name="flex items-center gap-2 sm:gap-3",
            ),
            rx.cond(
                offering.name,
                rx.el.div(
                    _line("clock", offering.duration),
                    _line("map-pin", offering.place),
                    _line("calendar-days", BookingState.held.when),
                    _line("repeat", BookingState.held.series),
                    rx.el.p(
                        BookingState.price_words, class_name="pt-1 text-lg font-semibold tabular"
                    ),
                    class_name="mt-4 hidden flex-col gap-2 border-t border-line pt-4 lg:flex",
                ),
                rx.fragment(),
            ),
            class_name=("max-sm:border-0 max-sm:bg-transparent sm:p-4 lg:sticky lg:top-8 lg:p-5"),
        ),
        class_name="lg:order-last",
    )


def _kept() -> rx.Component:
    return rx.cond(
        BookingState.held.seconds > 0,
        countdown(
            t("We keep this time for you for"),
            BookingState.held.seconds,
            brief=t("Kept for you for"),
            name="hold-left",
            on_end=BookingState.hold_over,
        ),
        rx.fragment(),
    )


def _back() -> rx.Component:
    return rx.el.a(
        icon("arrow-left", 18),
        BookingState.back_words,
        href=BookingState.back_href,
        class_name=(
            "inline-flex h-11 items-center gap-2 self-start rounded-control text-sm font-medium "
            "text-muted hover:text-ink max-sm:hidden"  # there it stands beside the coach
        ),
    )


def _task() -> rx.Component:
    line = "flex flex-wrap items-center justify-between gap-2"
    return rx.el.div(
        _beside(),
        rx.el.div(
            rx.el.div(
                _back(),
                _kept(),
                class_name=rx.cond(BookingState.held.seconds > 0, line, f"{line} max-sm:hidden"),
            ),
            rx.match(
                BookingState.place,
                ("time", time_step()),
                ("details", details_step(repeat_offer())),
                ("repeat", repeat_step()),
                ("review", review_step()),
                _offering_step(),
            ),
            class_name="flex min-w-0 flex-col gap-2 sm:gap-4",
        ),
        # a column of a width of its own: a long name is cut, and does not widen a phone's page
        class_name=(
            "grid grid-cols-[minmax(0,1fr)] gap-2 sm:gap-4 sm:pt-2"
            " lg:grid-cols-[minmax(0,1fr)_19rem] lg:gap-10"
        ),
    )


def _ghost() -> rx.Component:
    return loading(
        bone("h-9 w-72 max-w-full"),
        bone("h-28 w-full"),
        bone("h-28 w-full"),
        class_name="flex max-w-[46rem] flex-col gap-5 pt-8",
    )


def _missing() -> rx.Component:
    return message_page(
        "user-x",
        t("This coach is not here"),
        t("The page may have moved, or the coach is not taking bookings now."),
        action=link_button(t("See all coaches"), "/coaches"),
    )


def booking_page() -> rx.Component:
    steps = [t("Offering"), t("Time"), t("Details"), t("Review")]
    return focus_frame(
        rx.match(
            BookingState.phase,
            ("here", _task()),
            ("missing", _missing()),
            _ghost(),
        ),
        top=stepper(steps, BookingState.step_number),
    )
