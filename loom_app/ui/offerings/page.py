"""`/offerings`: what can be booked, and what is put aside."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.shelf import archived, archived_row, row_link, row_list, said
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.earnings.parts import banner
from loom_app.ui.offerings.state import OfferingsState, OfferRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _offer(item: rx.Var[OfferRow]) -> rx.Component:
    row: Any = item
    problem = rx.el.span(row.problem, class_name="text-warn empty:hidden")
    price = rx.el.span(row.price, class_name="text-base font-medium tabular")
    return row_link(said(row.name, row.facts, problem), price, href=row.href, key=row.id)


def _shelved(item: rx.Var[OfferRow]) -> rx.Component:
    row: Any = item
    return archived_row(said(row.name, row.facts), OfferingsState.restore(row.id), row.id)


def _nothing() -> rx.Component:
    return rx.cond(
        OfferingsState.has_profile,
        empty_state(
            "layers",
            t("You offer nothing yet"),
            link_button(t("New offering"), "/offerings/new"),
            detail=t("An offering says how long you meet, where, and what it costs."),
        ),
        empty_state(
            "user-round-pen",
            t("First say who you are"),
            link_button(t("Write your profile"), "/profile"),
            detail=t("Then add what you offer."),
        ),
    )


def _list() -> rx.Component:
    to_account = link_button(t("Open your account"), "/earnings/account", kind="secondary")
    return rx.el.div(
        banner(OfferingsState.account_note, to_account),
        row_list(OfferingsState.rows, _offer, _nothing()),
        archived(OfferingsState.archived, _shelved, t("Cannot be booked; what was booked stays.")),
        class_name="flex max-w-[48rem] flex-col gap-10",
    )


def offerings_page() -> rx.Component:
    return app_frame(
        page_heading(
            t("Offerings"),
            t("What people can book with you."),
            rx.el.div(
                link_button(
                    t("Public profile"), "/profile", kind="secondary", icon_name="user-round"
                ),
                link_button(
                    t("Templates"), "/offerings/templates", kind="secondary", icon_name="copy"
                ),
                link_button(
                    t("Packages"), "/offerings/packages", kind="secondary", icon_name="package"
                ),
                link_button(t("Places"), "/places", kind="secondary", icon_name="map-pin"),
                link_button(t("New offering"), "/offerings/new", icon_name="plus"),
                class_name="flex flex-wrap gap-3",
            ),
        ),
        rx.cond(OfferingsState.loaded, _list(), card(skeleton_rows(3))),
        place="offerings",
    )
