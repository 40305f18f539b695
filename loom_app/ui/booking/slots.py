"""The time step: the days, the times of one of them, and what can be waited for."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.day_times import Choose, day_times
from loom_app.ui.booking.month_grid import STAY, month_grid
from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.wait_panel import wait_panel
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone
from loom_app.ui.text import t


def _no_times(state: type[Calendar]) -> rx.Component:
    return rx.cond(
        state.none_note,
        rx.el.div(
            rx.el.p(state.none_note, class_name="text-base text-muted"),
            rx.cond(
                state.next_free_href,
                rx.el.a(
                    t("Go to the next free day"),
                    href=state.next_free_href,
                    class_name=(
                        "inline-flex min-h-11 items-center self-start font-medium text-brand-ink "
                        "underline underline-offset-4"
                    ),
                    custom_attrs={**STAY},
                ),
                rx.fragment(),
            ),
            class_name="flex flex-col",
        ),
        empty_state(
            "calendar-x",
            t("Nothing free for now"),
            detail=t("New times appear here as soon as they open."),
        ),
    )


def _taken(state: type[Calendar]) -> rx.Component:
    return rx.el.section(
        rx.el.h2(state.day_label, class_name="text-base font-semibold"),
        rx.el.p(t("Every time of this day is taken."), class_name="text-base text-muted"),
        aria_live="polite",
        class_name="flex flex-col gap-2",
    )


def _zones(state: type[Calendar]) -> rx.Component:
    return rx.el.div(
        icon("globe", 18, class_name="mt-0.5"),
        rx.cond(state.zones_note, rx.el.span(state.zones_note), bone("mt-1 h-4 w-56")),
        class_name="flex gap-2 text-sm leading-snug text-muted",
    )


def picker(state: type[Calendar], choose: Choose | None = None) -> rx.Component:
    """The zones, the month and the times of a day; `choose(instant)` is what a click does. Without
    it the times are links, for the whole window."""
    return rx.fragment(
        _zones(state),
        rx.el.div(
            month_grid(state),
            rx.cond(
                state.loaded,
                rx.cond(
                    state.times,
                    day_times(state, choose),
                    rx.cond(state.day_full, _taken(state), _no_times(state)),
                ),
                rx.fragment(),
            ),
            custom_attrs={"data-view": state.view},
            class_name=(
                "group/month grid grid-cols-[minmax(0,1fr)] items-start gap-2"
                " md:grid-cols-[minmax(0,1fr)_17rem] md:gap-6"
            ),
        ),
    )


def _wanted() -> rx.Component:
    """The time that was chosen before one came here; it is kept from the click on, not before."""
    row: Any = TimesState.wanted
    here = card(
        rx.el.div(
            rx.el.p(t("You chose"), class_name="text-sm text-muted"),
            rx.el.p(row.label, class_name="text-base font-semibold tabular"),
            rx.cond(row.other, rx.el.p(row.other, class_name="text-sm text-muted")),
            class_name="min-w-0 flex-1",
        ),
        button(t("Continue with this time"), on_click=TimesState.choose(row.instant)),
        class_name="flex items-center gap-3 p-3 md:gap-4 md:p-5",
    )
    gone = alert(t("{time} has been taken meanwhile. These are free:", time=row.label))
    return rx.cond(row.instant, rx.cond(row.free, here, gone), rx.fragment())


def time_step() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("When suits you?"), class_name="display text-xl sm:text-2xl"),
        alert(TimesState.errors["starts_at"]),
        _wanted(),
        picker(TimesState, TimesState.choose),
        wait_panel(),
        class_name="flex flex-col gap-2 sm:gap-5",
    )
