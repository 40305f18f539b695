"""`/`: what Loom is, in one glance, and the way to a coach."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import CARD
from loom_app.ui.design.field import search_field
from loom_app.ui.design.icon import icon
from loom_app.ui.directory.coach_card import coach_grid, ghost_cards
from loom_app.ui.public.state import HomeState
from loom_app.ui.shell.frame import public_frame
from loom_app.ui.text import t

_BAND = "mx-auto w-full max-w-page px-4 md:px-8"


def _search() -> rx.Component:
    return rx.el.form(
        search_field(
            t("What would you like help with?"),
            name="q",
            placeholder=t("Leadership, sleep, a new job…"),
            class_name="flex-1",
        ),
        button(t("Find a coach"), type="submit"),
        on_submit=HomeState.find,
        role="search",
        class_name="flex w-full max-w-form flex-col gap-3 sm:flex-row",
    )


def _bubble(words: str, mine: bool = False) -> rx.Component:
    look = "self-end bg-brand text-on-brand" if mine else "self-start bg-sunken text-ink"
    return rx.el.p(words, class_name=f"max-w-[85%] rounded-2xl px-4 py-2.5 text-sm {look}")


def _picture() -> rx.Component:
    """A session in the making, drawn from the app's own parts; decoration only."""
    times = [("09:00", False), ("10:30", False), ("14:00", True), ("16:30", False)]
    slots = [
        rx.el.span(
            hour,
            class_name=(
                "flex h-10 items-center justify-center rounded-control text-sm font-medium tabular "
                + ("bg-brand text-on-brand" if chosen else "border border-line")
            ),
        )
        for hour, chosen in times
    ]
    booking = rx.el.div(
        rx.el.div(
            avatar("MO", 45, size="md"),
            rx.el.div(
                rx.el.p(t("Finding your next step"), class_name="text-sm font-semibold"),
                rx.el.p(t("50 minutes, by video"), class_name="text-sm text-muted"),
            ),
            class_name="flex items-center gap-3",
        ),
        rx.el.p(t("Tomorrow"), class_name="text-sm font-medium"),
        rx.el.div(*slots, class_name="grid grid-cols-2 gap-2"),
        class_name=f"{CARD} flex w-72 flex-col gap-4 p-5 shadow-float",
    )
    talk = rx.el.div(
        _bubble(t("How did the talk with your team go?")),
        _bubble(t("Better than I feared. They asked for more."), mine=True),
        class_name=f"{CARD} -mt-2 ml-auto flex w-72 flex-col gap-2 p-4 shadow-float",
    )
    return rx.el.div(
        rx.el.div(
            class_name="absolute -right-10 top-6 size-72 rounded-full bg-accent-soft",
        ),
        rx.el.div(
            class_name="absolute -left-4 bottom-0 size-52 rounded-full bg-brand-soft",
        ),
        rx.el.div(booking, talk, class_name="relative w-full max-w-sm"),
        aria_hidden="true",
        class_name="relative hidden justify-center lg:flex",
    )


def _hero() -> rx.Component:
    inside = rx.el.div(
        rx.el.div(
            rx.el.h1(t("Room to think, with someone good at listening"), class_name="display hero"),
            rx.el.p(
                t(
                    "Find a coach who fits, see when they are truly free, and book in a minute. "
                    "Sessions, messages and payments stay in one calm place."
                ),
                class_name="max-w-[46ch] text-lg text-muted",
            ),
            _search(),
            class_name="flex flex-col gap-6",
        ),
        _picture(),
        class_name=(f"{_BAND} grid items-center gap-12 py-14 md:py-24 lg:grid-cols-[1.15fr_1fr]"),
    )
    return rx.el.section(inside, class_name="overflow-x-clip")


def _featured() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("Free soon"), class_name="display text-2xl"),
            link_button(t("All coaches"), "/coaches", kind="ghost", icon_after="arrow-right"),
            class_name="flex items-center justify-between gap-4",
        ),
        rx.cond(HomeState.loaded, coach_grid(HomeState.rows), ghost_cards(6)),
        class_name=f"{_BAND} flex flex-col gap-6 pb-16 [&_a:nth-child(n+4)]:max-sm:hidden",
    )


def _step(icon_name: str, title: str, words: str) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            icon(icon_name, 22),
            class_name=(
                "flex size-12 items-center justify-center rounded-full bg-surface text-brand-ink "
                "border border-line"
            ),
        ),
        rx.el.h3(title, class_name="text-lg font-semibold"),
        rx.el.p(words, class_name="text-base text-muted"),
        class_name="flex flex-col gap-3",
    )


def _how() -> rx.Component:
    steps: list[Any] = [
        _step(
            "compass",
            t("Find who fits"),
            t("Read how people work and what they charge, before you write a word."),
        ),
        _step(
            "calendar-check",
            t("Choose a time that is free"),
            t("Times are live and in your own time zone. We keep yours while you decide."),
        ),
        _step(
            "messages-square",
            t("Keep the thread"),
            t("Write before and between sessions. Cancel a day ahead and get everything back."),
        ),
    ]
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("How it works"), class_name="display text-2xl"),
            rx.el.ol(*steps, class_name="grid gap-8 md:grid-cols-3"),
            class_name=f"{_BAND} flex flex-col gap-8 py-16",
        ),
        class_name="border-y border-line bg-sunken",
    )


def _coaches_too() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("You coach?"), class_name="display text-2xl"),
        rx.el.p(
            t("Set your hours and prices once. Loom takes care of bookings and payments."),
            class_name="max-w-[52ch] text-lg text-muted",
        ),
        link_button(t("Open your practice"), "/sign-up?role=coach", kind="secondary", size="lg"),
        class_name=f"{_BAND} flex flex-col items-start gap-5 py-16 md:py-20",
    )


def home() -> rx.Component:
    return public_frame(_hero(), _featured(), _how(), _coaches_too(), bare=True)
