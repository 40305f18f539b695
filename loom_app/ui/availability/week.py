"""The week as a list, and the dates on which it does not hold: of a coach, or of a place."""

from typing import Any

import reflex as rx

from loom_app.ui.availability.rows import RHYTHMS, DayRow, ExceptionRow, HourRow
from loom_app.ui.design.button import button, icon_button, text_link
from loom_app.ui.design.card import card, section
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import INPUT, checkbox, select_control, text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.tabs import segmented
from loom_app.ui.text import t


def _time(label: Any, value: Any, handler: Any) -> rx.Component:
    return rx.el.input(
        type="time",
        value=value,
        aria_label=label,
        on_change=handler,
        class_name=(
            f"{INPUT} min-w-0 flex-1 tabular max-sm:px-2 max-sm:text-sm sm:w-36 sm:flex-none"
        ),
    )


def _date(
    state: Any, label: Any, value: Any, weekday: Any, at: Any, *, first: bool
) -> rx.Component:
    handler = state.set_from if first else state.set_to
    return rx.el.label(
        rx.el.span(label, class_name="text-sm font-medium"),
        rx.el.input(
            type="date",
            value=value,
            on_change=lambda typed: handler(weekday, at, typed),
            class_name=f"{INPUT} min-w-0 tabular max-sm:px-2 max-sm:text-sm",
        ),
        class_name="flex min-w-0 flex-col gap-1.5",
    )


def _copying(state: Any) -> rx.Component:
    """Which days shall have the same hours?"""

    def box(item: rx.Var[DayRow]) -> rx.Component:
        day: Any = item
        name = rx.Var.create("copy") + day.weekday.to_string()
        return rx.cond(
            day.weekday == state.copying,
            rx.fragment(),
            checkbox(day.name, name, field_id=name, default_checked=day.weekday < 5),
        )

    return dialog(
        t("Copy to other days"),
        rx.el.form(
            rx.foreach(state.days, box),
            button(t("Copy"), type="submit", class_name="mt-2"),
            on_submit=state.copy_day,
            class_name="mt-4 flex flex-col gap-2",
        ),
        text=t("Their hours are replaced. Undo brings them back."),
        opened=state.copying >= 0,
        on_open_change=state.ask_copy(-1),
    )


def _seldom(state: Any, weekday: Any, item: Any) -> rx.Component:
    """Only every second week, only from or until a date."""
    return rx.fragment(
        select_control(
            RHYTHMS,
            value=item.rhythm,
            aria_label=t("How often"),
            on_change=lambda value: state.set_rhythm(weekday, item.at, value),
            wrap_class="w-full sm:w-64",
        ),
        rx.el.details(
            rx.el.summary(
                icon("calendar-range", 16),
                t("Only from or until a date"),
                class_name=(
                    "flex h-11 cursor-pointer items-center gap-1.5 text-sm text-muted"
                    " hover:text-ink"
                ),
            ),
            rx.el.div(
                _date(state, t("First date"), item.valid_from, weekday, item.at, first=True),
                _date(state, t("Last date"), item.valid_to, weekday, item.at, first=False),
                class_name="grid grid-cols-2 gap-2 pb-2",
            ),
            open=(item.valid_from != "") | (item.valid_to != ""),
            class_name="w-full sm:w-auto",
        ),
    )


def _hour(state: Any, day: Any, item: Any, *, seldom: bool) -> rx.Component:
    weekday = day.weekday
    return rx.el.li(
        rx.el.div(
            _time(
                t("{day}, from", day=day.name),
                item.start,
                lambda value: state.set_start(weekday, item.at, value),
            ),
            rx.el.span("–", aria_hidden="true", class_name="text-muted"),
            _time(
                t("{day}, to", day=day.name),
                item.end,
                lambda value: state.set_end(weekday, item.at, value),
            ),
            icon_button(
                "trash-2",
                t("Remove these hours"),
                on_click=state.remove(weekday, item.at),
            ),
            class_name="flex w-full items-center gap-2 sm:w-auto",
        ),
        _seldom(state, weekday, item) if seldom else rx.fragment(),
        key=item.at,
        class_name="flex flex-wrap items-center gap-2",
    )


def _day(state: Any, item: Any, *, seldom: bool) -> rx.Component:
    day: Any = item
    error = state.errors[rx.Var.create("day") + day.weekday.to_string()]

    def hour(row: rx.Var[HourRow]) -> rx.Component:
        return _hour(state, day, row, seldom=seldom)

    return rx.el.li(
        rx.el.h3(day.name, class_name="w-28 flex-1 pt-2.5 text-base font-medium sm:flex-none"),
        rx.el.div(
            rx.cond(
                day.hours.length() > 0,
                rx.el.ul(rx.foreach(day.hours, hour), class_name="flex flex-col gap-2"),
                rx.el.p(t("Closed"), class_name="pt-2.5 text-base text-muted"),
            ),
            rx.cond(
                error,
                rx.el.p(
                    icon("circle-alert", 16, class_name="mt-0.5"),
                    rx.el.span(error),
                    role="alert",
                    class_name="flex gap-1.5 text-sm text-bad",
                ),
                rx.fragment(),
            ),
            class_name="order-last flex w-full min-w-0 flex-col gap-2 sm:order-none sm:flex-1",
        ),
        rx.el.div(
            icon_button(
                "plus",
                t("Add hours on {day}", day=day.name),
                on_click=state.add(day.weekday),
            ),
            icon_button(
                "copy",
                t("Copy {day} to other days", day=day.name),
                on_click=state.ask_copy(day.weekday),
            ),
            class_name="flex shrink-0",
        ),
        key=day.weekday,
        class_name="flex flex-wrap items-start gap-x-4 gap-y-1 py-4 sm:flex-nowrap",
    )


def week_list(state: Any, *, seldom: bool = True) -> rx.Component:
    """The days with their intervals, and the dialog that copies one. `state` edits a week;
    `seldom`: an interval may hold every second week, or for a time only."""

    def day(item: rx.Var[DayRow]) -> rx.Component:
        return _day(state, item, seldom=seldom)

    return rx.fragment(
        _copying(state),
        card(rx.el.ul(rx.foreach(state.days, day), class_name="divide-y divide-line -my-2")),
    )


def _exception(state: Any, item: Any) -> rx.Component:
    row: Any = item
    return rx.el.li(
        icon("calendar-off", 20, class_name="text-muted"),
        rx.el.div(
            rx.el.p(row.day, class_name="text-base font-medium"),
            rx.el.p(row.words, class_name="text-sm text-muted tabular"),
            rx.cond(row.booked, text_link(row.booked, row.href, "text-sm"), rx.fragment()),
            class_name="flex-1",
        ),
        icon_button(
            "trash-2",
            t("Remove {day}", day=row.day),
            on_click=state.drop_exception(row.iso),
        ),
        key=row.iso,
        class_name="flex items-center gap-3 py-2",
    )


def _adding(state: Any) -> rx.Component:
    errors = state.errors
    off = state.day_off
    form = rx.el.form(
        text_field(t("Date"), "day", type="date", error=errors["day"]),
        segmented(
            t("What differs"),
            [
                (t("Day off"), off, state.choose_kind(True)),
                (t("Other hours"), ~off, state.choose_kind(False)),
            ],
        ),
        rx.el.div(
            text_field(t("From"), "start", type="time", default_value="10:00"),
            text_field(
                t("To"), "end", type="time", default_value="14:00", error=errors["intervals"]
            ),
            class_name=rx.cond(off, "hidden", "grid grid-cols-2 gap-3"),
        ),
        button(t("Save date"), type="submit"),
        on_submit=state.save_exception,
        no_validate=True,
        key=state.form_key,
        class_name="mt-4 flex flex-col gap-4",
    )
    return dialog(
        t("A date that differs"),
        form,
        text=t("It replaces the weekly hours on that date. Booked sessions stay."),
        trigger=button(t("Add a date"), kind="secondary", icon_name="plus"),
        opened=state.adding,
        on_open_change=state.begin_adding,
    )


def dates_that_differ(state: Any, title: Any, none: Any) -> rx.Component:
    """Dates on which the week does not hold. `state` edits them."""

    def exception(item: rx.Var[ExceptionRow]) -> rx.Component:
        return _exception(state, item)

    return section(
        title,
        card(
            rx.cond(
                state.exceptions.length() > 0,
                rx.el.ul(
                    rx.foreach(state.exceptions, exception),
                    class_name="divide-y divide-line -my-2",
                ),
                rx.el.p(
                    none,
                    class_name="text-base text-muted",
                ),
            )
        ),
        action=_adding(state),
    )
