"""One thing to book, with its length, place and price; the whole card is the way in, but
for what its coach cannot sell yet. Of many, a phone shows a line each."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import icon_button, link_button
from loom_app.ui.design.card import CARD
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.icon import icon
from loom_app.ui.directory.rows import OfferingRow
from loom_app.ui.text import t

FEW = 3  # cards of so many fit a phone
_LINE = "max-sm:group-data-[many=true]/offers:"  # of many, on a phone
_ROW = (
    f"{CARD} flex min-w-0 flex-1 items-center gap-4 p-4 sm:p-5 {_LINE}gap-2 {_LINE}rounded-none "
    f"{_LINE}border-0 {_LINE}bg-transparent {_LINE}px-3 {_LINE}py-1.5"
)
_ASIDE = f"{_LINE}hidden"


def place_icon(name: Any) -> rx.Component:
    return rx.match(
        name,
        ("phone", icon("phone", 16)),
        ("in_person", icon("map-pin", 16)),
        icon("video", 16),
    )


def _facts(row: Any) -> rx.Component:
    return rx.el.p(
        rx.el.span(
            icon("clock", 16),
            row.duration,
            class_name="inline-flex items-center gap-1.5",
        ),
        rx.el.span(
            place_icon(row.place_icon),
            row.place,
            class_name="inline-flex items-center gap-1.5",
        ),
        class_name=f"flex flex-wrap gap-x-4 gap-y-1 pt-1 text-sm text-muted {_LINE}pt-0",
    )


def _more(row: Any) -> rx.Component:
    """What a line has no room for."""
    sheet = dialog(
        row.name,
        _facts(row),
        rx.el.p(row.description, class_name="mt-3 whitespace-pre-line text-base empty:hidden"),
        rx.el.p(row.terms, class_name="mt-3 text-sm text-muted empty:hidden"),
        rx.el.p(row.price, class_name="mt-3 text-base font-semibold tabular"),
        rx.cond(
            row.closed,
            rx.fragment(),
            link_button(t("Choose a time"), row.href, size="lg", class_name="mt-5 w-full"),
        ),
        trigger=icon_button(
            "info",
            t("More about {name}", name=row.name),
        ),
    )
    more = rx.el.div(sheet, class_name=f"hidden {_LINE}block")
    return rx.cond((row.description != "") | (row.terms != ""), more, rx.fragment())


@rx.memo
def offering_card(rest: rx.RestProp, *, row: rx.Var[OfferingRow]) -> rx.Component:
    seen: Any = row
    said = rx.el.div(
        rx.el.h3(seen.name, class_name="text-base font-semibold"),
        rx.el.p(seen.description, class_name=f"line-clamp-2 text-sm text-muted {_ASIDE}"),
        _facts(seen),
        rx.cond(
            seen.terms,
            rx.el.p(seen.terms, class_name=f"text-sm text-muted {_ASIDE}"),
            rx.fragment(),
        ),
        class_name=f"flex min-w-0 flex-1 flex-col gap-1 {_LINE}gap-0",
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
                icon("chevron-right", 20, class_name=f"text-muted {_ASIDE}"),
                href=seen.href,
                class_name=f"{_ROW} transition-colors hover:border-edge",
            ),
        ),
        _more(seen),
        rest,
        class_name="flex items-center",
    )


def offering_list(rows: Any) -> rx.Component:
    """To choose one of them; on a phone also of many within one screen."""
    many = "max-sm:data-[many=true]:"
    return rx.el.ul(
        rx.foreach(rows, lambda row: offering_card(row=row, key=row.id)),
        custom_attrs={"data-many": rx.cond(rows.length() > FEW, "true", "false")},
        class_name=(
            f"group/offers flex flex-col gap-3 {many}gap-0 {many}divide-y {many}divide-line"
            f" {many}overflow-hidden {many}rounded-card {many}border {many}border-line"
            f" {many}bg-surface"
        ),
    )
