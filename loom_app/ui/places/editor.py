"""`/places/new` and `/places/<id>`: an address, when it is open, and its rooms."""

from typing import Any

import reflex as rx

from loom_app.domains.coaches.queries import countries
from loom_app.ui.auth.parts import zone_options
from loom_app.ui.availability.week import dates_that_differ, week_list
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button, icon_button, link_button
from loom_app.ui.design.card import card, section
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import checkbox, select_field, text_area, text_field
from loom_app.ui.design.shelf import archiving, back_link, editor_end
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.places.state import LIST, PlaceState, RoomRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

place = PlaceState.place
errors = PlaceState.errors
FORM = "place-form"


def _line(label: Any, name: str, value: Any, most: int, **more: Any) -> rx.Component:
    return text_field(
        label,
        name,
        default_value=value,
        error=errors[name],
        max_length=most,
        auto_complete="off",
        **more,
    )


def _address() -> rx.Component:
    return card(
        _line(t("Name"), "name", place.name, 80, hint=t("As clients know it: Studio Mitte.")),
        _line(t("Street and number"), "street", place.street, 120),
        rx.el.div(
            _line(t("Postal code"), "postal_code", place.postal_code, 20, optional=True),
            _line(t("City"), "city", place.city, 80),
            class_name="grid gap-5 sm:grid-cols-[10rem_1fr]",
        ),
        rx.el.div(
            select_field(
                t("Country"),
                "country",
                [("", t("Choose")), *countries().items()],
                default_value=place.country,
                error=errors["country"],
            ),
            select_field(
                t("Time zone"),
                "zone",
                zone_options(),
                default_value=place.zone,
                hint=t("Its opening hours are on this clock."),
                error=errors["zone"],
            ),
            class_name="grid gap-5 sm:grid-cols-2",
        ),
        text_area(
            t("Getting there"),
            "directions",
            default_value=place.directions,
            hint=t("Everybody who looks at a booking reads this: no door codes."),
            error=errors["directions"],
            optional=True,
            max_length=1000,
            rows="3",
        ),
        checkbox(
            t("Other coaches meet here, too"),
            "shared",
            hint=t("They can choose it for their offerings. Only you and the staff change it."),
            default_checked=place.shared,
        ),
        class_name="flex flex-col gap-5 p-5 md:p-6",
    )


def _room(item: rx.Var[RoomRow]) -> rx.Component:
    row: Any = item
    name: Any = row.key
    return rx.el.li(
        rx.el.div(
            text_field(
                t("Room"),
                name + "-name",
                field_id=name + "-name",
                default_value=row.name,
                error=row.error,
                max_length=60,
            ),
            text_field(
                t("Persons"),
                name + "-capacity",
                field_id=name + "-capacity",
                default_value=row.capacity,
                error=row.too_few,
                input_mode="numeric",
            ),
            class_name="grid min-w-0 flex-1 grid-cols-[1fr_6rem] gap-3",
        ),
        icon_button(
            "trash-2",
            t("Remove this room"),
            on_click=PlaceState.drop_room(row.key),
            class_name="mt-6",
        ),
        key=row.key,
        class_name="flex items-start gap-2",
    )


def _rooms() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h2(t("Rooms"), class_name="text-base font-semibold"),
            rx.el.p(
                t(
                    "One session at a time in each, with the minutes before and after it. You are"
                    " one of the persons."
                ),
                class_name="text-sm text-muted",
            ),
        ),
        alert(errors["rooms"]),
        rx.cond(
            PlaceState.rooms.length() > 0,
            rx.el.ul(rx.foreach(PlaceState.rooms, _room), class_name="flex flex-col gap-4"),
            rx.el.p(
                t("None: as many meet here at once as there are coaches."),
                class_name="text-base text-muted",
            ),
        ),
        button(
            t("Add a room"),
            kind="secondary",
            icon_name="plus",
            on_click=PlaceState.add_room,
            class_name="self-start",
        ),
        class_name="flex flex-col gap-5 p-5 md:p-6",
    )


def _hours() -> rx.Component:
    return section(
        t("Open"),
        alert(errors["hours"]),
        week_list(PlaceState, seldom=False),
        action=rx.cond(
            PlaceState.can_undo,
            button(t("Undo"), kind="ghost", icon_name="undo-2", on_click=PlaceState.undo),
            rx.fragment(),
        ),
        note=t("A session fits in from its start to its end. 00:00 as an end is midnight."),
    )


def _editor() -> rx.Component:
    archive = archiving(
        t("Archive this place?"),
        t("Nobody can choose it any more. What took place there stays."),
        PlaceState.archive,
        opened=PlaceState.asking,
        ask=PlaceState.ask,
    )
    # dialogs of the hours have forms of their own, so the form of the place ends before them
    return rx.el.div(
        rx.el.form(
            _address(),
            _rooms(),
            id=FORM,
            on_submit=PlaceState.save,
            no_validate=True,
            key=PlaceState.place_key,
            class_name="flex flex-col gap-4",
        ),
        _hours(),
        dates_that_differ(
            PlaceState, t("Other hours, or closed"), t("None. The week holds on every date.")
        ),
        rx.el.div(
            checkbox(
                t("Closed on the public holidays of its country"),
                "holidays",
                default_checked=place.holidays,
                form=FORM,
            ),
            editor_end(
                t("Save place"),
                LIST,
                rx.cond((place.id > 0) & ~place.archived, archive, rx.fragment()),
                busy=PlaceState.working,
                errors=PlaceState.errors,
                form=FORM,
            ),
            class_name="flex flex-col gap-6",
        ),
        class_name="flex max-w-[48rem] flex-col gap-10",
    )


def place_page() -> rx.Component:
    missing = message_page(
        "map-pin",
        t("This place is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your places"), LIST),
    )
    return app_frame(
        back_link(t("Places"), LIST),
        page_heading(rx.cond(place.id > 0, place.name, t("New place"))),
        rx.match(
            PlaceState.phase,
            ("here", _editor()),
            ("missing", missing),
            card(skeleton_lines(8)),
        ),
        place="offerings",
        as_staff="places.edit",
    )
