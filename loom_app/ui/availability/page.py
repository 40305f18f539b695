"""`/availability`: the week as a list, and the dates on which it does not hold."""

import reflex as rx

from loom_app.ui.availability.grid import week_grid
from loom_app.ui.availability.state import AvailabilityState
from loom_app.ui.availability.time_off import holidays, time_off
from loom_app.ui.availability.week import dates_that_differ, week_list
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.card import card, section
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _bar() -> rx.Component:
    """Stays in sight while something is not saved."""
    return rx.cond(
        AvailabilityState.changed,
        rx.el.div(
            rx.el.p(
                rx.cond(
                    AvailabilityState.errors.length() > 0,
                    t("Not saved: a day above needs a look"),
                    t("Not saved yet"),
                ),
                class_name="flex-1 text-sm font-medium",
            ),
            rx.cond(
                AvailabilityState.can_undo,
                button(
                    t("Undo"), kind="ghost", icon_name="undo-2", on_click=AvailabilityState.undo
                ),
                rx.fragment(),
            ),
            button(t("Discard"), kind="ghost", on_click=AvailabilityState.discard),
            button(t("Save hours"), on_click=AvailabilityState.save),
            role="status",
            class_name=(
                "sticky bottom-20 z-10 flex items-center gap-3 rounded-card border border-line "
                "bg-surface p-3 pl-5 shadow-float md:bottom-6"
            ),
        ),
        rx.fragment(),
    )


def _week() -> rx.Component:
    return section(
        t("Every week"),
        week_grid(),
        week_list(AvailabilityState),
        _bar(),
        note=t(
            "Clients see only the times that are free. 00:00 as an end is midnight; hours over"
            " midnight go on the next day."
        ),
    )


def availability_page() -> rx.Component:
    return app_frame(
        page_heading(
            t("Hours"),
            rx.el.span(
                rx.cond(
                    AvailabilityState.loaded,
                    t("When you can be booked, in {zone} time.", zone=AvailabilityState.zone),
                    "\u00a0",
                )
            ),
        ),
        rx.cond(
            AvailabilityState.loaded,
            rx.el.div(
                text_link(t("Why is a time closed?"), "/availability/why", "self-start"),
                _week(),
                dates_that_differ(
                    AvailabilityState,
                    t("Dates that differ"),
                    t("None. Your weekly hours hold on every date."),
                ),
                time_off(),
                holidays(),
                class_name="flex max-w-[56rem] flex-col gap-10",
            ),
            card(skeleton_rows(7)),
        ),
        place="availability",
    )
