"""`/staff/call-off/<person>`: what somebody has coming, what it would give back, and its end."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button, text_link
from loom_app.ui.design.card import card, section
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.shell.nav import UNLISTED
from loom_app.ui.staff.call_off_state import CallOffState, ComingRow, PartRow
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.session import question_buttons, reason_fields
from loom_app.ui.text import t

state = CallOffState


def _coming(item: rx.Var[ComingRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            text_link(row.title, row.href, class_name="font-medium"),
            rx.el.span(row.when, class_name="text-sm text-muted tabular"),
            class_name="flex flex-wrap items-baseline justify-between gap-x-4",
        ),
        rx.el.p(row.who, class_name="text-sm text-muted", dir="auto"),
        rx.el.p(row.words, class_name="text-base"),
        rx.el.p(row.rule, class_name="text-sm text-muted"),
        key=row.id,
        class_name="flex flex-col gap-1 py-4 first:pt-0 last:pb-0",
    )


def _ahead() -> rx.Component:
    nothing = rx.el.p(t("Nothing is booked."), class_name="text-base text-muted")
    act = rx.cond(
        state.suspended,
        rx.el.div(
            button(t("Cancel all of them"), kind="danger", on_click=state.ask),
            rx.cond(
                state.running,
                rx.el.p(
                    t("If nothing goes on above, confirm it again: nothing is cancelled twice."),
                    class_name="text-base text-muted",
                ),
                rx.fragment(),
            ),
            class_name="mt-5 flex flex-wrap items-center gap-3",
        ),
        rx.el.p(
            t("Only of somebody who is suspended all of them are cancelled at once."),
            class_name="mt-5 text-base text-muted",
        ),
    )
    listed = rx.fragment(
        rx.el.p(state.total, class_name="mb-4 text-base font-medium tabular"),
        rx.el.ul(rx.foreach(state.rows, _coming), class_name="divide-y divide-line"),
        act,
    )
    return section(
        t("Sessions to come"),
        card(rx.cond(state.rows.length() > 0, listed, nothing)),
        note=t("What is paid back, and by which rule, if they were cancelled now."),
    )


def _part(item: rx.Var[PartRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            text_link(row.title, row.href),
            rx.el.span(row.when, class_name="text-sm text-muted tabular"),
            class_name="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3",
        ),
        rx.el.span(row.back, class_name="text-sm tabular"),
        badge(row.state, row.tone),
        key=row.id,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-1 py-3 first:pt-0 last:pb-0",
    )


def _before() -> rx.Component:
    shown = section(
        t("Called off"),
        card(
            rx.el.p(state.progress, role="status", class_name="mb-4 text-base font-medium"),
            rx.el.ul(rx.foreach(state.parts, _part), class_name="divide-y divide-line"),
        ),
        note=state.last,
    )
    return rx.cond(state.parts.length() > 0, shown, rx.fragment())


def _question() -> rx.Component:
    form = rx.el.form(
        rx.el.p(state.total, class_name="rounded-control bg-sunken px-4 py-3 text-base tabular"),
        reason_fields(state.errors, t("They read it on the pages of their sessions.")),
        question_buttons(t("Cancel all of them"), state.working),
        on_submit=state.call_off,
        no_validate=True,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(
        t("Cancel all their sessions?"),
        form,
        text=t(
            "Each by itself, with what is in the list. It goes on when you leave the page, and"
            " nobody can undo it. Everybody concerned has a mail."
        ),
        opened=state.asking,
        on_open_change=state.turn,
        alert=True,
    )


def call_off_page() -> rx.Component:
    gone = message_page(
        "search-x",
        t("This person is not here"),
        t("The account may have been deleted."),
        action=link_button(
            t("All people"), "/admin/people/list", custom_attrs={"reloadDocument": True}
        ),
    )
    here = rx.el.div(
        page_heading(
            t("Sessions of {name}", name=state.name),
            t("What they have booked, and what others have booked with them."),
        ),
        rx.el.div(_before(), _ahead(), class_name="flex max-w-[48rem] flex-col gap-8"),
    )
    return staff_frame(
        "sessions.override",
        rx.cond(state.loaded, rx.cond(state.missing, gone, here), card(skeleton_rows(4))),
        _question(),
        place=UNLISTED,
    )
