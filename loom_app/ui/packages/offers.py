"""`/offerings/packages` and `/offerings/packages/<id>`: the packages that a coach offers."""

from typing import Any

import reflex as rx

from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state, message_page
from loom_app.ui.design.field import checkbox, text_field
from loom_app.ui.design.shelf import (
    archived,
    archived_row,
    archiving,
    back_link,
    editor_end,
    row_link,
    row_list,
    said,
)
from loom_app.ui.design.skeleton import skeleton_lines, skeleton_rows
from loom_app.ui.packages.offers_state import (
    LIST,
    Choice,
    PackageOfferRow,
    PackageOffersState,
    PackageOfferState,
)
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

offer = PackageOfferState.offer
errors = PackageOfferState.errors


def _facts(row: Any) -> rx.Component:
    offerings = rx.el.span(row.offerings, class_name="block truncate")
    problem = rx.el.span(row.problem, class_name="text-warn empty:hidden")
    return said(row.name, row.terms, offerings, problem)


def _offer(item: rx.Var[PackageOfferRow]) -> rx.Component:
    row: Any = item
    price = rx.el.span(row.price, class_name="text-base font-medium tabular")
    return row_link(_facts(row), price, href=row.href, key=row.id)


def _shelved(item: rx.Var[PackageOfferRow]) -> rx.Component:
    row: Any = item
    return archived_row(_facts(row), PackageOffersState.restore(row.id), row.id)


def _nothing() -> rx.Component:
    return rx.cond(
        PackageOffersState.can_offer,
        empty_state(
            "package",
            t("You offer no packages yet"),
            link_button(t("New package"), f"{LIST}/new"),
            detail=t("Several sessions for one price, to be booked one by one."),
        ),
        empty_state(
            "layers",
            t("First offer a session"),
            link_button(t("New offering"), "/offerings/new"),
            detail=t("A package holds sessions of what you offer and what has a price."),
        ),
    )


def _list() -> rx.Component:
    return rx.el.div(
        row_list(PackageOffersState.rows, _offer, _nothing()),
        archived(
            PackageOffersState.archived, _shelved, t("Cannot be bought; what was bought stays.")
        ),
        class_name="flex max-w-[48rem] flex-col gap-10",
    )


def package_offers_page() -> rx.Component:
    return app_frame(
        back_link(t("Offerings"), "/offerings"),
        page_heading(
            t("Packages"),
            t("Several sessions at once, for a better price."),
            rx.el.div(
                link_button(t("Sold"), "/packages", kind="secondary", icon_name="users-round"),
                link_button(t("New package"), f"{LIST}/new", icon_name="plus"),
                class_name="flex flex-wrap gap-3",
            ),
        ),
        rx.cond(PackageOffersState.loaded, _list(), card(skeleton_rows(3))),
        place="offerings",
    )


def _number(label: Any, name: str, value: Any, **more: Any) -> rx.Component:
    return text_field(
        label,
        name,
        default_value=value,
        error=errors[name],
        input_mode="decimal",
        auto_complete="off",
        **more,
    )


def _choice(item: rx.Var[Choice]) -> rx.Component:
    row: Any = item
    name: Any = f"offering-{row.id}"
    return rx.el.li(
        checkbox(row.name, name, hint=row.facts, field_id=name, default_checked=row.chosen),
        key=row.id,
    )


def _form() -> rx.Component:
    archive = archiving(
        t("Archive this package?"),
        t("Nobody can buy it any more. Who has bought it keeps it."),
        PackageOfferState.archive,
        opened=PackageOfferState.asking,
        ask=PackageOfferState.ask,
    )
    return rx.el.form(
        card(
            text_field(
                t("Name"), "name", default_value=offer.name, error=errors["name"], max_length=80
            ),
            rx.el.div(
                _number(t("Sessions"), "sessions", offer.sessions),
                _number(
                    t("Price of all"),
                    "price_minor",
                    offer.price,
                    hint=t("In the currency of its offerings."),
                ),
                _number(
                    t("Months"), "months", offer.months, hint=t("So long after it was bought.")
                ),
                class_name="grid gap-4 sm:grid-cols-3",
            ),
            rx.el.fieldset(
                rx.el.legend(t("For any of these"), class_name="mb-2 text-sm font-medium"),
                rx.el.ul(
                    rx.foreach(PackageOfferState.choices, _choice),
                    class_name="flex flex-col gap-2",
                ),
            ),
            alert(errors["offering_ids"]),
            alert(errors["currency"]),
            class_name="flex flex-col gap-5 p-5 md:p-6",
        ),
        rx.el.p(
            t(
                "You earn each session's part when it took place. What is not used in time is"
                " yours; what you give back goes to how it was paid."
            ),
            class_name="text-sm text-muted",
        ),
        editor_end(
            t("Save package"),
            LIST,
            rx.cond((offer.id > 0) & ~offer.archived, archive, rx.fragment()),
            busy=PackageOfferState.working,
            errors=PackageOfferState.errors,
        ),
        on_submit=PackageOfferState.save,
        no_validate=True,
        key=PackageOfferState.form_key,
        class_name="flex max-w-[40rem] flex-col gap-4",
    )


def package_offer_page() -> rx.Component:
    missing = message_page(
        "package",
        t("This package is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your packages"), LIST),
    )
    return app_frame(
        back_link(t("Packages"), LIST),
        page_heading(rx.cond(offer.id > 0, offer.name, t("New package"))),
        rx.match(
            PackageOfferState.phase,
            ("here", _form()),
            ("missing", missing),
            card(skeleton_lines(8)),
        ),
        place="offerings",
    )
