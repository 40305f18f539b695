"""`/places`: where one meets clients."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.shelf import (
    archived,
    archived_row,
    back_link,
    row_link,
    row_list,
    said,
)
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.places.state import LIST, PlaceRow, PlacesState
from loom_app.ui.session import Viewer
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _place(item: rx.Var[PlaceRow]) -> rx.Component:
    row: Any = item
    return row_link(said(row.name, row.address, row.rooms), href=row.href, key=row.id)


def _shelved(item: rx.Var[PlaceRow]) -> rx.Component:
    row: Any = item
    return archived_row(said(row.name, row.address), PlacesState.restore(row.id), row.id)


def up_to_offerings() -> rx.Component:
    """Places belong to what one offers; staff who offer nothing come from nowhere."""
    return rx.cond(Viewer.is_coach, back_link(t("Offerings"), "/offerings"), rx.fragment())


def places_page() -> rx.Component:
    nothing = empty_state(
        "map-pin",
        t("No places yet"),
        link_button(t("New place"), f"{LIST}/new"),
        detail=t("An address with opening hours and rooms, where you meet clients in person."),
    )
    return app_frame(
        up_to_offerings(),
        page_heading(
            t("Places"),
            t(
                "Where you meet in person. While a place is closed, or its rooms are full, nobody"
                " can book there."
            ),
            link_button(t("New place"), f"{LIST}/new", icon_name="plus"),
        ),
        rx.cond(
            PlacesState.loaded,
            rx.el.div(
                row_list(PlacesState.rows, _place, nothing),
                archived(
                    PlacesState.archived,
                    _shelved,
                    t("Cannot be chosen; what took place there stays."),
                ),
                class_name="flex max-w-[48rem] flex-col gap-10",
            ),
            card(skeleton_rows(3)),
        ),
        place="offerings",
        as_staff="places.edit",
    )
