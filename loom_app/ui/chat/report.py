"""The dialog that tells staff what is wrong with a message or a person."""

import reflex as rx

from loom_app.ui.chat.report_state import ReportState
from loom_app.ui.design.button import button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import select_field, text_area
from loom_app.ui.text import t


def report_dialog() -> rx.Component:
    """Once a page; `ReportState.about_message` and `about_person` open it."""
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
