"""One thing to book, with its length, place and price; the whole card is the way in, but
for what its coach cannot sell yet."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.card import CARD
from loom_app.ui.design.icon import icon
from loom_app.ui.directory.rows import OfferingRow
from loom_app.ui.text import t

_ROW = f"{CARD} flex items-center gap-4 p-4 sm:p-5"


def place_icon(name: Any) -> rx.Component:
    return rx.match(
        name,
        ("phone", icon("phone", 16)),
        ("in_person", icon("map-pin", 16)),
        icon("video", 16),
    )


@rx.memo
def offering_card(rest: rx.RestProp, *, row: rx.Var[OfferingRow]) -> rx.Component:
    seen: Any = row
    said = rx.el.div(
        rx.el.h3(seen.name, class_name="text-base font-semibold"),
        rx.el.p(seen.description, class_name="line-clamp-2 text-sm text-muted"),
        rx.el.p(
            rx.el.span(
                icon("clock", 16),
                seen.duration,
                class_name="inline-flex items-center gap-1.5",
            ),
            rx.el.span(
                place_icon(seen.place_icon),
                seen.place,
                class_name="inline-flex items-center gap-1.5",
            ),
            class_name="flex flex-wrap gap-x-4 gap-y-1 pt-1 text-sm text-muted",
        ),
        rx.cond(seen.terms, rx.el.p(seen.terms, class_name="text-sm text-muted"), rx.fragment()),
        class_name="flex min-w-0 flex-1 flex-col gap-1",
    )
    price = rx.el.span(seen.price, class_name="text-base font-semibold tabular")
    return rx.el.li(
        rx.cond(
            seen.closed,
            rx.el.div(
                said,
                rx.el.div(
                    price,
                    badge(t("Not bookable yet"), "plain"),
                    class_name="flex shrink-0 flex-col items-end gap-1.5",
                ),
                class_name=_ROW,
            ),
            rx.el.a(
                said,
                price,
                icon("chevron-right", 20, class_name="text-muted"),
                href=seen.href,
                class_name=f"{_ROW} transition-colors hover:border-edge",
            ),
        ),
        rest,
    )
