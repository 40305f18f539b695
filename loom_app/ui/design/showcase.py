"""All of the design system on one page, so that it can be looked at in one screenshot."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar, presence_dot
from loom_app.ui.design.badge import TONES, badge, chip, tag
from loom_app.ui.design.button import button, icon_button, link_button, text_link
from loom_app.ui.design.card import card, card_link, facts, section
from loom_app.ui.design.countdown import countdown
from loom_app.ui.design.dialog import dialog, dialog_close, drawer
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import (
    checkbox,
    search_field,
    select_field,
    text_area,
    text_field,
)
from loom_app.ui.design.icon import icon
from loom_app.ui.design.menu import menu, menu_action, menu_line, menu_link
from loom_app.ui.design.skeleton import skeleton_lines, skeleton_rows
from loom_app.ui.design.table import cell, row, row_link, table
from loom_app.ui.design.tabs import segmented, stepper, tabs
from loom_app.ui.design.toast import toast_region
from loom_app.ui.design.tokens import COLOURS, TYPE

_ROW = "flex flex-wrap items-center gap-3"
_GRID = "grid gap-6 md:grid-cols-2"


def _colours() -> rx.Component:
    swatches = [
        rx.el.div(
            rx.el.div(
                style={"background": f"var(--{name})"},
                class_name="h-12 rounded-control border border-line",
            ),
            rx.el.p(name, class_name="text-xs text-muted"),
            class_name="space-y-1",
        )
        for name in COLOURS
    ]
    return rx.el.div(*swatches, class_name="grid grid-cols-4 gap-3 sm:grid-cols-6 lg:grid-cols-10")


def _type() -> rx.Component:
    lines = [
        rx.el.p(
            f"{size}/{leading} A quiet room, a clear question",
            style={"fontSize": f"{size}px", "lineHeight": f"{leading}px"},
        )
        for size, leading in TYPE.values()
    ]
    return rx.el.div(
        rx.el.p("Fraunces, on public pages", class_name="display hero"),
        *lines,
        class_name="space-y-2 overflow-hidden",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            button("Book session"),
            button("Book session", icon_name="calendar-check"),
            button("Working", busy=rx.Var.create(True)),
            button("Not now", kind="secondary"),
            button("Cancel session", kind="danger"),
            button("Skip", kind="ghost"),
            icon_button("ellipsis", "More"),
            class_name=_ROW,
        ),
        rx.el.div(
            button("Large", size="lg", icon_after="arrow-right"),
            button("Small", size="sm", kind="secondary"),
            link_button("A link", "#", kind="secondary"),
            text_link("Inside a sentence", "#"),
            class_name=_ROW,
        ),
        class_name="flex flex-col gap-4",
    )


def _fields() -> rx.Component:
    return rx.el.div(
        text_field("Name", "name", hint="As people should see it", placeholder="Ada Lovelace"),
        text_field("Email", "email", error="This address is missing its @", type="email"),
        select_field("Language", "language", [("en", "English"), ("de", "German")]),
        search_field("Search coaches", placeholder="Name or specialty", name="q"),
        text_area(
            "What would you like to talk about?", "agenda", optional=True, hint="A line will do"
        ),
        checkbox("Remind me by mail", "remind", hint="A day and an hour before"),
        class_name=_GRID,
    )


def _small_things() -> rx.Component:
    return rx.el.div(
        rx.el.div(*(badge(tone, tone) for tone in TONES), class_name=_ROW),
        rx.el.div(
            chip("Leadership", chosen=True),
            chip("Career"),
            tag("Sleep"),
            tag("Focus"),
            class_name=_ROW,
        ),
        rx.el.div(
            *(avatar("AL", hue, size="md") for hue in (20, 80, 150, 200, 260, 320)),
            avatar("BK", 40, size="lg"),
            avatar("CM", 150, size="sm"),
            presence_dot(rx.Var.create(True), "Online"),
            class_name=_ROW,
        ),
        rx.el.div(
            segmented("View", [("Month", True, None), ("Week", False, None), ("Day", False, None)]),
            countdown("We keep this time for you for", 599, name="demo-countdown"),
            class_name=_ROW,
        ),
        stepper(["Offering", "Time", "Details", "Review"], 2),
        tabs(
            "Sessions", [("Upcoming", "#", True), ("Past", "#a", False), ("Cancelled", "#b", False)]
        ),
        class_name="flex flex-col gap-5",
    )


def _above() -> rx.Component:
    return rx.el.div(
        dialog(
            "Cancel this session?",
            trigger=button("Open a dialog", kind="secondary"),
            text="You get the full 90 € back, for it is more than a day away.",
            actions=(
                dialog_close(button("Keep it", kind="secondary")),
                dialog_close(button("Cancel session", kind="danger")),
            ),
            alert=True,
        ),
        drawer(
            "Filters",
            skeleton_lines(),
            trigger=button("Open a drawer", kind="secondary"),
            side="right",
        ),
        menu(
            "demo-menu",
            "Demo menu",
            rx.el.span(icon("ellipsis", 20), class_name="flex size-11 items-center justify-center"),
            menu_link("settings", "Settings", "#"),
            menu_line(),
            menu_action("log-out", "Sign out"),
            place="right-4 top-14",
        ),
        class_name=_ROW,
    )


def _cards() -> rx.Component:
    return rx.el.div(
        card(
            facts(
                ("When", "Tomorrow, 14:00 your time"),
                ("With", "Ada Lovelace"),
                ("Price", "90.00 €"),
            )
        ),
        card_link(
            rx.el.p("Deep dive", class_name="text-lg font-semibold"),
            rx.el.p("90 minutes, by video", class_name="text-muted"),
            href="#",
        ),
        class_name=_GRID,
    )


def _table() -> rx.Component:
    people = [("Ada Lovelace", "Confirmed", "90.00 €"), ("Ben Okri", "Completed", "1,120.00 €")]
    rows = [
        row(cell(row_link(who, "#")), cell(badge(state, "good")), cell(money, numeric=True))
        for who, state, money in people
    ]
    return table("Payments", ["Client", "State", "Amount"], rx.fragment(*rows), numeric=(2,))


def _toasts() -> rx.Component:
    shown = [
        {"id": "1", "kind": "success", "text": "Hours saved"},
        {"id": "2", "kind": "error", "text": "That time was just taken. Pick another."},
    ]
    return toast_region(rx.Var.create(shown).to(list[dict[str, str]]), lambda _toast_id: rx.noop())


def showcase() -> rx.Component:
    parts: list[tuple[str, Any]] = [
        ("Colour", _colours()),
        ("Type", _type()),
        ("Buttons", _buttons()),
        ("Fields", _fields()),
        ("Small things", _small_things()),
        ("Cards", _cards()),
        ("Table", _table()),
        ("Above the page", _above()),
        ("Loading", rx.el.div(skeleton_rows(2), skeleton_lines(), class_name=_GRID)),
        (
            "Nothing yet",
            empty_state(
                "calendar-days",
                "No sessions yet",
                link_button("Find a coach", "/coaches"),
                detail="When you book one, it appears here.",
            ),
        ),
    ]
    return rx.el.main(
        rx.el.h1("Design", class_name="display text-3xl"),
        *(section(title, content) for title, content in parts),
        _toasts(),
        class_name="mx-auto flex max-w-page flex-col gap-12 px-4 py-10 md:px-8",
    )
