"""The dialogs of report and block, and the small menu beside a person that opens them."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import select_field, text_area
from loom_app.ui.design.icon import icon
from loom_app.ui.safety.state import BlockState, ReportState
from loom_app.ui.text import t

_CHOICE = (
    "inline-flex min-h-11 items-center gap-2 rounded-control px-3 text-sm font-medium text-muted "
    "hover:bg-hover hover:text-ink"
)


def safety_dialogs() -> rx.Component:
    """Once on every page where somebody can be reported or blocked."""
    return rx.fragment(_report(), _block())


def safety_choices(person_id: Any, name: Any) -> rx.Component:
    """Two quiet buttons, for pages about a person."""
    return rx.el.div(
        rx.el.button(
            icon("flag", 16),
            t("Report"),
            type="button",
            aria_label=t("Report {name}", name=name),
            on_click=ReportState.about_person(person_id),
            class_name=_CHOICE,
        ),
        rx.el.button(
            icon("ban", 16),
            t("Block"),
            type="button",
            aria_label=t("Block {name}", name=name),
            on_click=BlockState.ask(person_id, name),
            class_name=_CHOICE,
        ),
        class_name="flex flex-wrap gap-1",
    )


def _report() -> rx.Component:
    reasons = (
        ("", t("Choose what is wrong")),
        ("harassment", t("It is insulting or threatening")),
        ("spam", t("It is advertising")),
        ("scam", t("It asks for money or secrets")),
        ("unsafe", t("Somebody may be in danger")),
        ("other", t("Something else")),
    )
    form = rx.el.form(
        select_field(
            t("What is wrong?"), "reason", reasons, error=ReportState.errors.get("reason", "")
        ),
        text_area(
            t("What should we know?"),
            "words",
            optional=True,
            max_length=1000,
            error=ReportState.errors.get("words", ""),
        ),
        rx.el.div(
            button(t("Cancel"), kind="ghost", on_click=ReportState.show(False)),
            button(t("Send report"), type="submit"),
            class_name="flex flex-wrap justify-end gap-3",
        ),
        on_submit=ReportState.send,
        no_validate=True,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(
        rx.cond(ReportState.message_id > 0, t("Report this message"), t("Report this person")),
        form,
        text=rx.cond(
            ReportState.message_id > 0,
            t("Staff will see the message and who wrote it. The other is not told."),
            t("Staff will see who it is about. The other is not told."),
        ),
        opened=ReportState.opened,
        on_open_change=ReportState.show,
    )


def _block() -> rx.Component:
    return dialog(
        t("Block {name}?", name=BlockState.name),
        text=t(
            "Neither of you can write to, book or see when the other is here. They are not told."
        ),
        actions=(
            button(t("Cancel"), kind="secondary", on_click=BlockState.show(False)),
            button(t("Block"), kind="danger", on_click=BlockState.block),
        ),
        opened=BlockState.opened,
        on_open_change=BlockState.show,
        alert=True,
    )
