"""The times of a day by its parts: all of them on a desk; on a phone one part at a time, so that
the others stand a thumb's width away and not a screen below."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.month_grid import NOT_IN_MONTH_VIEW
from loom_app.ui.booking.rows import DayPart
from loom_app.ui.directory.rows import TimeRow
from loom_app.ui.text import t

Choose = Callable[[Any], Any]
_SLOT = (
    "flex min-h-11 w-full flex-col items-center justify-center rounded-control border px-1 py-0.5 "
    "text-center leading-tight tabular md:min-h-12 "
)
_OPEN = (
    f"{_SLOT} border-edge/60 bg-surface transition-colors hover:border-brand hover:bg-brand-soft "
    "hover:text-brand-ink"
)
_GONE = f"{_SLOT} border-line bg-sunken text-muted line-through"
_CHOICE = (
    "relative inline-flex h-11 items-center justify-center gap-1.5 rounded-[7px] px-1 text-sm "
    "font-medium text-muted transition-colors has-[:checked]:bg-surface has-[:checked]:text-ink "
    "has-[:checked]:ring-1 has-[:checked]:ring-line has-[:focus-visible]:outline-2 "
    "has-[:focus-visible]:outline-focus"
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


def _choice(item: rx.Var[DayPart]) -> rx.Component:
    """The browser keeps which one is chosen: what comes and goes meanwhile does not turn it."""
    part: Any = item
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="part-of-day",
            value=part.key,
            default_checked=part.opened,
            aria_label=part.spoken,
            class_name="sr-only",
        ),
        part.label,
        rx.el.span(part.count, aria_hidden="true", class_name="text-xs tabular"),
        key=part.key,
        class_name=_CHOICE,
    )


def _part(state: type[Calendar], item: rx.Var[DayPart], choose: Choose | None) -> rx.Component:
    part: Any = item
    alone = state.parts.length() == 1
    chosen = rx.match(
        part.key,
        ("morning", "max-md:group-has-[[value=morning]:checked]/parts:flex"),
        ("afternoon", "max-md:group-has-[[value=afternoon]:checked]/parts:flex"),
        "max-md:group-has-[[value=evening]:checked]/parts:flex",
    )
    grid = "grid grid-cols-3 gap-2 sm:grid-cols-6 md:grid-cols-3"
    shown = rx.cond(alone, "flex", f"flex max-md:hidden {chosen}")
    return rx.el.div(
        rx.cond(
            alone,
            rx.fragment(),
            rx.el.h3(part.label, class_name="text-sm font-medium text-muted max-md:hidden"),
        ),
        rx.el.ul(
            rx.foreach(
                state.times,
                lambda row: rx.cond(row.part == part.key, _time(row, choose), rx.fragment()),
            ),
            aria_label=part.label,
            class_name=rx.cond(
                part.many, f"{grid} min-[340px]:grid-cols-5", f"{grid} min-[340px]:grid-cols-4"
            ),
        ),
        key=part.key,
        class_name=f"{shown} flex-col gap-2",
    )


def day_times(state: type[Calendar], choose: Choose | None) -> rx.Component:
    """`choose(instant)` is what a click does; without it the times are links."""
    parts = rx.el.div(
        rx.foreach(state.parts, _choice),
        role="radiogroup",
        aria_label=t("Part of the day"),
        class_name=(
            "grid auto-cols-fr grid-flow-col gap-1 rounded-control bg-sunken p-1 md:hidden"
        ),
    )
    return rx.el.section(
        rx.el.h2(state.day_label, class_name="text-base font-semibold"),
        rx.cond(state.parts.length() > 1, parts, rx.fragment()),
        rx.foreach(state.parts, lambda part: _part(state, part, choose)),
        key=state.day_label,  # another day begins where its own first free time is
        aria_live="polite",
        class_name=f"group/parts flex flex-col gap-2 md:gap-3 {NOT_IN_MONTH_VIEW}",
    )
