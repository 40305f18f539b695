"""The days that can be chosen: a month on a desk; on a phone one week, or the month alone."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.rows import DayCell
from loom_app.ui.design.card import card
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.text import t

STAY = {"preventScrollReset": True, "replace": True}
# what follows the view stands in an element of the class `group/month` that says `data-view`
IN_WEEK_VIEW = "md:hidden group-data-[view=month]/month:hidden"
NOT_IN_WEEK_VIEW = "max-md:group-data-[view=week]/month:hidden"
NOT_IN_MONTH_VIEW = "max-md:group-data-[view=month]/month:hidden"
_DAY = (
    "relative flex h-11 w-full items-center justify-center rounded-control text-sm tabular "
    "md:aspect-square md:h-auto md:max-h-12 "
)
_FREE = (
    "bg-brand-soft font-semibold text-brand-ink hover:bg-brand hover:text-on-brand "
    "aria-[current=date]:bg-brand aria-[current=date]:text-on-brand"
)
# taken, and can be waited for
_FULL = (
    "border border-dashed border-edge/60 text-muted hover:bg-hover hover:text-ink "
    "aria-[current=date]:border-solid aria-[current=date]:border-brand "
    "aria-[current=date]:text-ink"
)
_GRID = "grid grid-cols-7 gap-0.5 md:gap-1"


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
        rx.el.span(
            short, title=long, class_name="text-center text-xs font-medium text-muted md:py-1"
        )
        for short, long in names
    ]
    return rx.el.div(*heads, aria_hidden="true", class_name=_GRID)


def _day(cell: rx.Var[DayCell]) -> rx.Component:
    day: Any = cell
    dot = rx.cond(
        day.today,
        rx.el.span(class_name="absolute bottom-1.5 size-1 rounded-full bg-current"),
        rx.fragment(),
    )
    beside = rx.cond(day.beside, "md:invisible group-data-[view=month]/month:invisible", "")
    # room on a phone for what can be chosen
    room = rx.cond(day.in_week, "", rx.cond(day.over, "max-md:hidden", NOT_IN_WEEK_VIEW))
    look = f"{_DAY} {beside} {room}"

    def choice(colours: str) -> rx.Component:
        return rx.el.a(
            day.number,
            dot,
            href=day.href,
            aria_label=day.label,
            aria_current=rx.cond(day.chosen, "date", "false"),
            class_name=f"{look} transition-colors {colours}",
            custom_attrs={**STAY},
        )

    return rx.match(
        day.kind,
        ("free", choice(_FREE)),
        ("full", choice(_FULL)),
        (
            "none",
            rx.el.span(day.number, dot, aria_hidden="true", class_name=f"{look} text-muted"),
        ),
        rx.el.span(class_name=look, aria_hidden="true"),
    )


def _turn(icon_name: str, label: str, href: Any, shown: str) -> rx.Component:
    """The way to the week or month beside; without one, its room."""
    look = f"inline-flex size-11 items-center justify-center rounded-control {shown}"
    return rx.cond(
        href,
        rx.el.a(
            icon(icon_name),
            href=href,
            aria_label=label,
            class_name=f"{look} text-ink hover:bg-hover",
            custom_attrs={**STAY},
        ),
        rx.el.span(class_name=look, aria_hidden="true"),
    )


def _other_view(state: type[Calendar]) -> rx.Component:
    """On a phone the name of the month opens it, and closes it again."""
    month = state.view == "month"
    return rx.el.a(
        state.month_label,
        rx.el.span(
            rx.cond(month, t("Show one week"), t("Show the whole month")), class_name="sr-only"
        ),
        rx.cond(month, icon("chevron-up", 16), icon("chevron-down", 16)),
        href=rx.cond(month, state.turns.one_week, state.turns.whole_month),
        class_name=(
            "inline-flex h-11 items-center gap-1.5 rounded-control px-3 text-base font-semibold "
            "hover:bg-hover md:hidden"
        ),
        custom_attrs={**STAY},
    )


def month_grid(state: type[Calendar]) -> rx.Component:
    """Only days with a free time can be chosen, and those that can be waited for."""
    turns: Any = state.turns
    return card(
        rx.el.div(
            _turn("chevron-left", t("Previous week"), turns.week_before, IN_WEEK_VIEW),
            _turn("chevron-left", t("Previous month"), turns.month_before, NOT_IN_WEEK_VIEW),
            rx.cond(
                state.month_label,
                rx.el.h2(
                    rx.el.span(state.month_label, class_name="max-md:hidden"),
                    _other_view(state),
                    aria_live="polite",
                    class_name="text-base font-semibold",
                ),
                bone("h-6 w-32"),
            ),
            _turn("chevron-right", t("Next week"), turns.week_after, IN_WEEK_VIEW),
            _turn("chevron-right", t("Next month"), turns.month_after, NOT_IN_WEEK_VIEW),
            class_name="flex items-center justify-between",
        ),
        _weekdays(),
        rx.cond(
            state.loaded,
            rx.el.div(rx.foreach(state.days, _day), class_name=_GRID),
            loading(
                *(bone("h-11 w-full md:aspect-square md:h-auto md:max-h-12") for _ in range(7)),
                *(bone("w-full max-md:hidden md:aspect-square md:max-h-12") for _ in range(28)),
                class_name=_GRID,
            ),
        ),
        class_name=("flex flex-col gap-1 max-md:border-0 max-md:bg-transparent md:gap-2 md:p-5"),
    )
