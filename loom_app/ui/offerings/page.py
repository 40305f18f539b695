"""`/offerings`: what can be booked, and what is put aside."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, card_link, section
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.earnings.parts import banner
from loom_app.ui.offerings.state import OfferingsState, OfferRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _facts(row: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(row.name, class_name="truncate text-base font-medium"),
        rx.el.p(row.facts, class_name="text-sm text-muted"),
        class_name="min-w-0 flex-1",
    )


def _offer(item: rx.Var[OfferRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card_link(
            _facts(row),
            rx.el.span(row.price, class_name="text-base font-medium tabular"),
            icon("chevron-right", 20, class_name="text-muted"),
            href=row.href,
            class_name="flex items-center gap-4 p-4 md:px-5",
        ),
        key=row.id,
    )


def _shelved(item: rx.Var[OfferRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        _facts(row),
        button(
            t("Bring back"),
            kind="secondary",
            size="sm",
            on_click=OfferingsState.restore(row.id),
        ),
        key=row.id,
        class_name="flex items-center gap-4 py-3",
    )


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
        rx.cond(
            OfferingsState.rows.length() > 0,
            rx.el.ul(rx.foreach(OfferingsState.rows, _offer), class_name="flex flex-col gap-3"),
            _nothing(),
        ),
        rx.cond(
            OfferingsState.archived.length() > 0,
            section(
                t("Archived"),
                card(
                    rx.el.ul(
                        rx.foreach(OfferingsState.archived, _shelved),
                        class_name="divide-y divide-line -my-2",
                    )
                ),
                note=t("Cannot be booked; what was booked stays."),
            ),
            rx.fragment(),
        ),
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
                link_button(t("New offering"), "/offerings/new", icon_name="plus"),
                class_name="flex flex-wrap gap-3",
            ),
        ),
        rx.cond(OfferingsState.loaded, _list(), card(skeleton_rows(3))),
        place="offerings",
    )
