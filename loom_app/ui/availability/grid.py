"""The week as a picture that is drawn on. Everything in it stands in the list, too, which is the
way by keyboard, by screen reader and on a phone."""

from typing import Any

import reflex as rx

from loom_app.ui.availability.rows import BlockRow, DayRow
from loom_app.ui.availability.state import AvailabilityState
from loom_app.ui.design.browser.draw_week import DrawWeek
from loom_app.ui.design.card import card
from loom_app.ui.text import t

HOUR_PX = 24
_EDGE = "absolute inset-x-0 h-2 cursor-ns-resize"


def _block(item: rx.Var[BlockRow]) -> rx.Component:
    row: Any = item
    return rx.el.div(
        rx.el.div(custom_attrs={"data-edge": "start"}, class_name=f"{_EDGE} top-0"),
        rx.el.span(row.words, class_name="pointer-events-none"),
        rx.el.div(custom_attrs={"data-edge": "end"}, class_name=f"{_EDGE} bottom-0"),
        key=row.at,
        custom_attrs={"data-at": row.at, "data-start": row.start, "data-end": row.end},
        style={"top": row.top, "height": row.height},
        class_name=rx.cond(row.seldom, "border-dashed ", "border-solid ")
        + (
            "absolute inset-x-0.5 cursor-grab overflow-hidden rounded-[6px] border border-brand"
            " bg-brand-soft px-1.5 py-0.5 text-xs font-medium text-brand-ink tabular"
        ),
    )


def _column(item: rx.Var[DayRow]) -> rx.Component:
    day: Any = item
    return rx.el.div(
        rx.el.p(day.short, class_name="pb-1 text-center text-sm font-medium"),
        rx.el.div(
            rx.foreach(day.blocks, _block),
            custom_attrs={"data-day": day.weekday},
            style={
                "height": f"{24 * HOUR_PX}px",
                "backgroundImage": "linear-gradient(var(--line) 1px, transparent 1px)",
                "backgroundSize": f"100% {2 * HOUR_PX}px",
            },
            class_name="relative cursor-crosshair select-none border-l border-line",
        ),
        key=day.weekday,
        class_name="min-w-0 flex-1",
    )


def week_grid() -> rx.Component:
    """Only where there is a mouse and room for seven columns."""
    clock = rx.el.div(
        *(
            rx.el.span(
                f"{hour:02d}:00",
                style={"top": f"{hour * HOUR_PX}px"},
                class_name="absolute right-2 -translate-y-1/2 text-xs text-muted tabular",
            )
            for hour in range(0, 25, 2)
        ),
        class_name="relative mt-6 w-12 shrink-0",
    )
    return card(
        rx.el.p(
            t("Draw hours with the mouse, move them, pull their edges. Or type them below."),
            class_name="mb-4 text-sm text-muted",
        ),
        DrawWeek.create(
            clock,
            rx.foreach(AvailabilityState.days, _column),
            id="week-grid",
            on_drawn=AvailabilityState.drawn,
            custom_attrs={"aria-hidden": "true"},
            class_name="flex",
        ),
        class_name="hidden p-5 pb-7 md:block",
    )
