"""The time step: a month of days, and the times of one of them."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.booking.rows import DayCell
from loom_app.ui.booking.times import Calendar, TimesState
from loom_app.ui.booking.wait_panel import wait_panel
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.directory.rows import TimeRow
from loom_app.ui.text import t

Choose = Callable[[Any], Any]
_STAY = {"preventScrollReset": True, "replace": True}
_DAY = "relative flex aspect-square max-h-12 w-full items-center justify-center rounded-control "
_FREE = (
    "bg-brand-soft font-semibold text-brand-ink hover:bg-brand hover:text-on-brand "
    "aria-[current=date]:bg-brand aria-[current=date]:text-on-brand"
)
_SLOT = (
    "flex min-h-12 w-full flex-col items-center justify-center rounded-control border px-2 py-1.5 "
    "tabular "
)
_OPEN = (
    f"{_SLOT} border-edge/60 bg-surface transition-colors hover:border-brand hover:bg-brand-soft "
    "hover:text-brand-ink"
)
_GONE = f"{_SLOT} border-line bg-sunken text-muted line-through"
# taken, and can be waited for
_FULL = (
    "border border-dashed border-edge/60 hover:bg-hover hover:text-ink "
    "aria-[current=date]:border-solid aria-[current=date]:border-brand "
    "aria-[current=date]:text-ink"
)


def _weekdays() -> rx.Component:
    names = (
        (t("Mo"), t("Monday")),
        (t("Tu"), t("Tuesday")),
        (t("We"), t("Wednesday")),
        (t("Th"), t("Thursday")),
        (t("Fr"), t("Friday")),
        (t("Sa"), t("Saturday")),
        (t("Su"), t("Sunday")),
    )
    heads = [
        rx.el.span(short, title=long, class_name="py-1 text-center text-xs font-medium text-muted")
        for short, long in names
    ]
    return rx.el.div(*heads, aria_hidden="true", class_name="grid grid-cols-7 gap-1")


def _day(cell: rx.Var[DayCell]) -> rx.Component:
    day: Any = cell
    over = rx.cond(day.over, "max-sm:hidden", "")  # room on a phone for what can be chosen
    dot = rx.cond(
        day.today,
        rx.el.span(class_name="absolute bottom-1.5 size-1 rounded-full bg-current"),
        rx.fragment(),
    )
    return rx.match(
        day.kind,
        (
            "free",
            rx.el.a(
                day.number,
                dot,
                href=day.href,
                aria_label=day.label,
                aria_current=rx.cond(day.chosen, "date", "false"),
                class_name=f"{_DAY} text-sm tabular transition-colors {_FREE}",
                custom_attrs={**_STAY},
            ),
        ),
        (
            "full",
            rx.el.a(
                day.number,
                dot,
                href=day.href,
                aria_label=day.label,
                aria_current=rx.cond(day.chosen, "date", "false"),
                class_name=f"{_DAY} text-sm tabular text-muted transition-colors {_FULL}",
                custom_attrs={**_STAY},
            ),
        ),
        (
            "none",
            rx.el.span(
                day.number,
                dot,
                aria_hidden="true",
                class_name=f"{_DAY} text-sm tabular text-muted {over}",
            ),
        ),
        rx.el.span(class_name=f"{_DAY} {over}", aria_hidden="true"),
    )


def _turn(icon_name: str, label: str, href: Any) -> rx.Component:
    look = "inline-flex size-11 items-center justify-center rounded-control"
    return rx.cond(
        href,
        rx.el.a(
            icon(icon_name),
            href=href,
            aria_label=label,
            class_name=f"{look} text-ink hover:bg-hover",
            custom_attrs={**_STAY},
        ),
        rx.el.span(class_name=look, aria_hidden="true"),
    )


def calendar(state: type[Calendar]) -> rx.Component:
    """One month; only days with a free time can be chosen."""
    return card(
        rx.el.div(
            _turn("chevron-left", t("Previous month"), state.previous_href),
            rx.cond(
                state.month_label,
                rx.el.h2(
                    state.month_label, aria_live="polite", class_name="text-base font-semibold"
                ),
                bone("h-6 w-32"),
            ),
            _turn("chevron-right", t("Next month"), state.next_href),
            class_name="flex items-center justify-between",
        ),
        _weekdays(),
        rx.cond(
            state.loaded,
            rx.el.div(
                rx.foreach(state.days, _day),
                class_name="grid grid-cols-7 gap-1",
            ),
            loading(
                *(bone("aspect-square max-h-12 w-full") for _ in range(35)),
                class_name="grid grid-cols-7 gap-1",
            ),
        ),
        class_name="flex flex-col gap-2 p-4 md:p-5",
    )


def _note(words: Any) -> rx.Component:
    return rx.cond(
        words, rx.el.span(words, class_name="text-xs font-normal opacity-90"), rx.fragment()
    )


def _time(row: rx.Var[TimeRow], choose: Choose | None) -> rx.Component:
    seen: Any = row
    inside = (
        rx.el.span(seen.label, class_name="text-base font-semibold"),
        _note(seen.other),
        _note(seen.seats),
    )
    spoken = rx.cond(seen.seats, f"{seen.label}, {seen.seats}", seen.label)
    gone = t("{time}, just taken", time=seen.label)
    taken = rx.el.button(*inside, type="button", disabled=True, aria_label=gone, class_name=_GONE)
    if choose is None:
        # by the browser and not the router: it leaves the frame that it stands in
        free = A.create(*inside, href=seen.href, target="_top", aria_label=spoken, class_name=_OPEN)
    else:
        free = rx.el.button(
            *inside,
            type="button",
            aria_label=spoken,
            on_click=choose(seen.instant),
            class_name=_OPEN,
        )
    return rx.el.li(rx.cond(seen.free, free, taken))


def _no_times(state: type[Calendar]) -> rx.Component:
    return rx.cond(
        state.next_free_href,
        rx.el.div(
            rx.el.p(t("No free times this month."), class_name="text-base text-muted"),
            rx.el.a(
                t("Go to the next free day"),
                href=state.next_free_href,
                class_name="font-medium text-brand-ink underline underline-offset-4",
                custom_attrs={**_STAY},
            ),
            class_name="flex flex-col gap-2",
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


def _day_times(state: type[Calendar], choose: Choose | None) -> rx.Component:
    return rx.el.section(
        rx.el.h2(state.day_label, class_name="text-base font-semibold"),
        rx.el.ul(
            rx.foreach(state.times, lambda row: _time(row, choose)),
            class_name="grid grid-cols-2 gap-2 min-[360px]:grid-cols-3 md:grid-cols-2",
        ),
        aria_live="polite",
        class_name="flex flex-col gap-3",
    )


def _zones(state: type[Calendar]) -> rx.Component:
    return rx.el.div(
        icon("globe", 18, class_name="mt-0.5"),
        rx.cond(state.zones_note, rx.el.span(state.zones_note), bone("mt-1 h-4 w-56")),
        class_name="flex gap-2 text-sm text-muted",
    )


def picker(state: type[Calendar], choose: Choose | None = None) -> rx.Component:
    """The zones, the month and the times of a day; `choose(instant)` is what a click does. Without
    it the times are links, for the whole window."""
    return rx.fragment(
        _zones(state),
        rx.el.div(
            calendar(state),
            rx.cond(
                state.loaded,
                rx.cond(
                    state.times,
                    _day_times(state, choose),
                    rx.cond(state.day_full, _taken(state), _no_times(state)),
                ),
                rx.fragment(),
            ),
            class_name="grid items-start gap-4 md:grid-cols-[minmax(0,1fr)_15rem] md:gap-6",
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
        class_name="flex flex-col gap-4 p-4 sm:flex-row sm:items-center md:p-5",
    )
    gone = alert(t("{time} has been taken meanwhile. These are free:", time=row.label))
    return rx.cond(row.instant, rx.cond(row.free, here, gone), rx.fragment())


def time_step() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("When suits you?"), class_name="display text-2xl"),
        alert(TimesState.errors["starts_at"]),
        _wanted(),
        picker(TimesState, TimesState.choose),
        wait_panel(),
        class_name="flex flex-col gap-3 sm:gap-5",
    )
