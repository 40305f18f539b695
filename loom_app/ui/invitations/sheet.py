"""`/invitations/many`: a CSV of people, looked through before anything is sent."""

from typing import Any

import reflex as rx

from loom_app.ui.auth.parts import notice
from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.file_drop import file_drop
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.design.table import cell, table
from loom_app.ui.invitations.sheet_state import LineRow, SheetState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.shell.native import backend
from loom_app.ui.text import t

state = SheetState


def _choose() -> rx.Component:
    return card(
        rx.cond(
            state.errors.get("file", "") != "",
            notice(state.errors.get("file", "")),
            rx.fragment(),
        ),
        file_drop(
            t("Choose a CSV file, or drop it here"),
            t("Columns email, name and note; up to 500 people. Nothing is sent yet."),
            id="sheet",
            accept=".csv,.tsv,.txt,text/csv",
            url=backend("/files/invitations"),
            most=500_000,
            too_large=t("Choose a file of up to 500 people."),
            failed=t("The file could not be sent. Check your connection."),
            on_done=state.uploaded,
        ),
    )


def _line(item: rx.Var[LineRow]) -> rx.Component:
    row: Any = item
    return rx.el.tr(
        cell(row.line, numeric=True),
        cell(
            rx.el.span(row.email, class_name="block [overflow-wrap:anywhere] font-medium"),
            rx.el.span(row.name, class_name="block text-muted", dir="auto"),
            rx.el.span(row.note, class_name="line-clamp-2 max-w-96 text-sm text-muted", dir="auto"),
        ),
        cell(
            rx.cond(
                row.problem != "",
                rx.el.span(
                    badge(t("Left out"), tone="warn"),
                    rx.el.span(row.problem, class_name="mt-1 block text-sm"),
                ),
                badge(t("Will be sent"), tone="good"),
            )
        ),
        key=row.line,
    )


def _preview() -> rx.Component:
    return rx.el.div(
        card(
            rx.el.p(
                rx.el.strong(state.good, class_name="font-semibold"),
                " ",
                t("will be invited"),
                ", ",
                rx.el.strong(state.bad, class_name="font-semibold"),
                " ",
                t("are left out."),
                class_name="text-base",
                role="status",
            ),
            rx.cond(
                state.left_words != "",
                rx.el.p(state.left_words, class_name="mt-1 text-base text-bad"),
                rx.fragment(),
            ),
            rx.el.div(
                rx.cond(
                    (state.good > 0) & (state.left_words == ""),
                    button(
                        state.send_words, icon_name="send", busy=state.busy, on_click=state.send
                    ),
                    rx.fragment(),
                ),
                button(t("Choose another file"), kind="secondary", on_click=state.drop),
                class_name="mt-4 flex flex-col gap-3 sm:flex-row",
            ),
        ),
        table(
            t("People in the file"),
            [t("Row"), t("Person"), t("What happens")],
            rx.foreach(state.rows, _line),
            numeric=(0,),
        ),
        class_name="flex flex-col gap-5",
    )


def sheet_page() -> rx.Component:
    return app_frame(
        back_link(t("Invitations"), "/invitations"),
        page_heading(t("Invite many"), t("From a table that you keep anyway.")),
        rx.cond(
            state.loaded,
            rx.cond(state.rows.length() > 0, _preview(), _choose()),
            card(skeleton_rows(4)),
        ),
        place="invitations",
    )
