"""`/offerings/templates` and `/offerings/templates/<id>`: what is booked for clients again."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import CARD, card
from loom_app.ui.design.empty import empty_state, message_page
from loom_app.ui.design.field import select_field, text_area, text_field
from loom_app.ui.design.shelf import back_link, editor_end, row_list
from loom_app.ui.design.skeleton import skeleton_lines, skeleton_rows
from loom_app.ui.offerings.templates_state import LIST, TemplateRow, TemplatesState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

template = TemplatesState.template
errors = TemplatesState.errors


def _row(item: rx.Var[TemplateRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.name, class_name="truncate text-base font-medium"),
            rx.el.p(row.facts, class_name="text-sm text-muted"),
            rx.cond(
                row.agenda,
                rx.el.p(row.agenda, class_name="line-clamp-2 text-sm text-muted"),
                rx.fragment(),
            ),
            class_name="min-w-0 flex-1 max-sm:basis-full",
        ),
        rx.el.div(
            link_button(t("Change"), row.href, kind="ghost", size="sm"),
            link_button(t("Book from it"), row.book_href, kind="secondary", size="sm"),
            class_name="flex gap-2",
        ),
        key=row.id,
        class_name=f"{CARD} flex flex-wrap items-center gap-4 p-4 md:px-5",
    )


def templates_page() -> rx.Component:
    nothing = empty_state(
        "copy",
        t("No templates yet"),
        link_button(t("New template"), f"{LIST}/new"),
        detail=t("A length, a price and an agenda that you book for clients again and again."),
    )
    rows = row_list(TemplatesState.rows, _row, nothing)
    return app_frame(
        back_link(t("Offerings"), "/offerings"),
        page_heading(
            t("Templates"),
            t("Yours alone, for booking for a client."),
            link_button(t("New template"), f"{LIST}/new", icon_name="plus"),
        ),
        rx.el.div(
            rx.cond(TemplatesState.loaded, rows, card(skeleton_rows(3))),
            class_name="max-w-[48rem]",
        ),
        place="offerings",
    )


def _form() -> rx.Component:
    as_is = t("Empty: as the offering has it.")
    return rx.el.form(
        card(
            text_field(
                t("Name"), "name", default_value=template.name, error=errors["name"], max_length=80
            ),
            select_field(
                t("Offering"),
                "offering_id",
                TemplatesState.offerings,
                default_value=template.offering,
                hint=t("Its place, buffers and questions hold."),
                error=errors["offering_id"],
            ),
            rx.el.div(
                text_field(
                    t("Minutes"),
                    "duration_minutes",
                    default_value=template.duration,
                    hint=as_is,
                    input_mode="numeric",
                    optional=True,
                    error=errors["duration_minutes"],
                ),
                text_field(
                    t("Price"),
                    "price_minor",
                    default_value=template.price,
                    hint=as_is,
                    input_mode="decimal",
                    optional=True,
                    error=errors["price_minor"],
                ),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            text_area(
                t("Agenda"),
                "agenda",
                default_value=template.agenda,
                optional=True,
                max_length=2000,
                error=errors["agenda"],
            ),
            class_name="flex flex-col gap-5 p-5 md:p-6",
        ),
        editor_end(
            t("Save template"),
            LIST,
            rx.cond(
                template.id > 0,
                button(
                    t("Delete"), kind="ghost", class_name="!text-bad", on_click=TemplatesState.drop
                ),
                rx.fragment(),
            ),
            busy=TemplatesState.working,
            errors=TemplatesState.errors,
        ),
        on_submit=TemplatesState.save,
        no_validate=True,
        key=TemplatesState.form_key,
        class_name="flex max-w-[40rem] flex-col gap-4",
    )


def template_page() -> rx.Component:
    missing = message_page(
        "copy",
        t("This template is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your templates"), LIST),
    )
    return app_frame(
        back_link(t("Templates"), LIST),
        page_heading(rx.cond(template.id > 0, template.name, t("New template"))),
        rx.match(
            TemplatesState.phase,
            ("here", _form()),
            ("missing", missing),
            card(skeleton_lines(8)),
        ),
        place="offerings",
    )
