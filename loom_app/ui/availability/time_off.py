"""Time off and holidays on the page of hours."""

from typing import Any

import reflex as rx

from loom_app.ui.availability.time_off_state import (
    BookedRow,
    HolidayRow,
    HolidayState,
    TimeOffRow,
    TimeOffState,
)
from loom_app.ui.design.button import button, icon_button
from loom_app.ui.design.card import card, section
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.tabs import segmented
from loom_app.ui.text import t

_LINK = "inline-flex h-11 items-center px-2 text-sm font-medium text-brand hover:underline"


def _booked(item: rx.Var[BookedRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.words, class_name="text-sm tabular"),
            rx.el.p(row.who, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            rx.el.a(
                t("Move"),
                rx.el.span(row.words, class_name="sr-only"),
                href=row.move_href,
                class_name=_LINK,
            ),
            rx.el.a(
                t("See or cancel"),
                rx.el.span(row.words, class_name="sr-only"),
                href=row.href,
                class_name=_LINK,
            ),
            class_name="-ml-2 flex",
        ),
        key=row.id,
        class_name="flex flex-col py-1.5 sm:flex-row sm:items-center sm:gap-3",
    )


def _stretch(item: rx.Var[TimeOffRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            icon("plane", 20, class_name="text-muted"),
            rx.el.div(
                rx.el.p(row.when, class_name="text-base font-medium tabular"),
                rx.el.p(row.reason, class_name="break-words text-sm text-muted"),
                class_name="min-w-0 flex-1",
            ),
            icon_button(
                "trash-2", t("Remove {day}", day=row.when), on_click=TimeOffState.drop(row.id)
            ),
            class_name="flex items-center gap-3",
        ),
        rx.cond(
            row.booked_words,
            rx.el.div(
                rx.el.p(
                    icon("circle-alert", 16, class_name="mt-0.5"),
                    rx.el.span(row.booked_words),
                    class_name="flex gap-1.5 text-sm font-medium",
                ),
                rx.el.ul(rx.foreach(row.booked, _booked), class_name="divide-y divide-line"),
                class_name="mt-1 rounded-control bg-sunken px-4 py-3 sm:ml-8",
            ),
            rx.fragment(),
        ),
        key=row.id,
        class_name="py-2",
    )


def _adding() -> rx.Component:
    errors, whole = TimeOffState.errors, TimeOffState.whole_days
    form = rx.el.form(
        segmented(
            t("How long"),
            [
                (t("Whole days"), whole, TimeOffState.choose_whole(True)),
                (t("From a time to a time"), ~whole, TimeOffState.choose_whole(False)),
            ],
        ),
        *(
            rx.el.div(
                text_field(label, day, type="date", error=errors[day]),
                rx.el.div(
                    text_field(
                        clock_label, clock, type="time", default_value=usual, error=errors[clock]
                    ),
                    class_name=rx.cond(whole, "hidden", ""),
                ),
                class_name=rx.cond(whole, "", "grid grid-cols-[1fr_8rem] gap-3"),
            )
            for label, day, clock_label, clock, usual in (
                (t("First day"), "first_day", t("From"), "start", "09:00"),
                (t("Last day"), "last_day", t("To"), "end", "17:00"),
            )
        ),
        text_field(
            t("Reason"),
            "reason",
            error=errors["reason"],
            hint=t("For you alone. Nobody else reads it."),
            optional=True,
            max_length=200,
        ),
        button(t("Save time off"), type="submit"),
        on_submit=TimeOffState.save,
        no_validate=True,
        key=TimeOffState.form_key,
        class_name="mt-4 flex flex-col gap-4",
    )
    return dialog(
        t("Time off"),
        form,
        text=t("Nobody can book you then. Booked sessions stay, and are listed for you."),
        trigger=button(t("Add time off"), kind="secondary", icon_name="plus"),
        opened=TimeOffState.adding,
        on_open_change=TimeOffState.begin,
    )


def time_off() -> rx.Component:
    """What is to come, with who is booked meanwhile."""
    return section(
        t("Time off"),
        card(
            rx.cond(
                TimeOffState.stretches.length() > 0,
                rx.el.ul(
                    rx.foreach(TimeOffState.stretches, _stretch),
                    class_name="divide-y divide-line -my-2",
                ),
                rx.el.p(
                    t("None planned. Time off wins over everything on this page."),
                    class_name="text-base text-muted",
                ),
            )
        ),
        action=_adding(),
    )


def _holiday(item: rx.Var[HolidayRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=row.off,
                on_change=HolidayState.turn(row.name),
                class_name="size-5 shrink-0 accent-[var(--brand)]",
            ),
            rx.el.span(row.name, class_name="min-w-0 flex-1 break-words text-base"),
            rx.el.span(row.day, class_name="shrink-0 text-sm text-muted tabular"),
            class_name="flex min-h-11 cursor-pointer items-center gap-3 py-1",
        ),
        key=row.name,
    )


def holidays() -> rx.Component:
    """Country, region, and which of their holidays are days off."""
    state = HolidayState
    return section(
        t("Holidays"),
        card(
            rx.el.div(
                select_field(
                    t("Country"),
                    "country",
                    state.countries,
                    value=state.country,
                    on_change=state.choose_country,
                    error=state.errors["country"],
                ),
                rx.cond(
                    state.regions.length() > 0,
                    select_field(
                        t("Region"),
                        "region",
                        state.regions,
                        value=state.region,
                        on_change=state.choose_region,
                        error=state.errors["region"],
                    ),
                    rx.fragment(),
                ),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            rx.cond(
                state.holidays.length() > 0,
                rx.el.fieldset(
                    rx.el.legend(t("Days off"), class_name="mb-1 text-sm font-medium"),
                    rx.el.ul(
                        rx.foreach(state.holidays, _holiday), class_name="divide-y divide-line"
                    ),
                    class_name="mt-5",
                ),
                rx.fragment(),
            ),
            rx.cond(
                state.unsaved,
                button(t("Save holidays"), on_click=state.save, class_name="mt-5"),
                rx.fragment(),
            ),
        ),
        note=t("A ticked day is off each year. Other hours on a date win over a holiday."),
    )
