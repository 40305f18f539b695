"""`/staff/sessions/<id>`: one session with its people and money; staff cancel it for them."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, facts, section
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import text_area
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.sessions.cancelling import scope_choice
from loom_app.ui.shell.nav import UNLISTED
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.notes import note_lines, notes
from loom_app.ui.staff.session_state import SeatRow, StaffSessionState
from loom_app.ui.text import t

state = StaffSessionState
shown = StaffSessionState.session


def _about() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h1(shown.title, class_name="text-2xl font-semibold", dir="auto"),
            badge(shown.status, "plain"),
            class_name="flex flex-wrap items-center gap-3",
        ),
        facts(
            (t("When"), shown.when),
            (t("Coach"), shown.coach),
        ),
        rx.cond(
            shown.told != "",
            rx.el.p(
                t("“{words}”", words=shown.told),
                class_name="whitespace-pre-line break-words text-base",
                dir="auto",
            ),
            rx.fragment(),
        ),
        rx.cond(
            shown.can_cancel,
            rx.el.div(
                button(t("Cancel session"), kind="danger", on_click=state.ask(0)),
                class_name="flex",
            ),
            rx.fragment(),
        ),
        rx.cond(
            shown.may_be_absent,
            rx.el.div(
                button(t("The coach did not come"), kind="secondary", on_click=state.ask_absent),
                class_name="flex",
            ),
            rx.fragment(),
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )


def _seat(item: rx.Var[SeatRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.name, class_name="text-base font-medium", dir="auto"),
            rx.el.p(row.status, " · ", row.price, " · ", row.paid, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            row.can_leave,
            button(
                t("Take the seat back"),
                kind="secondary",
                size="sm",
                on_click=state.ask(row.id),
                aria_label=t("Take back the seat of {name}", name=row.name),
            ),
            rx.fragment(),
        ),
        key=row.id,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0",
    )


def _people() -> rx.Component:
    nobody = rx.el.p(t("Nobody has a seat."), class_name="text-base text-muted")
    listed = rx.el.ul(rx.foreach(state.seats, _seat), class_name="divide-y divide-line")
    return section(t("Who comes"), card(rx.cond(state.seats.length() > 0, listed, nobody)))


def reason_fields(errors: Any, hint: Any) -> rx.Component:
    """Why, for the trail, and what the people are told."""
    return rx.fragment(
        text_area(
            t("A word to everybody who was to come"),
            "words",
            optional=True,
            hint=hint,
            error=errors.get("words", ""),
            max_length=500,
            rows="2",
        ),
        _reason(errors),
    )


def _reason(errors: Any) -> rx.Component:
    return text_area(
        t("Reason"),
        "reason",
        hint=t("For our team. It stands in the trail."),
        error=errors.get("reason", ""),
        max_length=300,
        rows="2",
    )


def question_buttons(words: Any, busy: Any, back: str = t("Keep it")) -> rx.Component:
    """Keep it, or go on."""
    return rx.el.div(
        dialog_close(button(back, kind="secondary")),
        button(words, kind="danger", type="submit", busy=busy),
        class_name="mt-2 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
    )


def _gives() -> rx.Component:
    return rx.el.ul(
        rx.foreach(state.gives, lambda one: rx.el.li(one, class_name="text-base")),
        class_name="max-h-48 overflow-y-auto rounded-control bg-sunken px-4 py-3",
        role="status",
    )


def _question() -> rx.Component:
    form = rx.el.form(
        rx.el.fieldset(
            rx.el.legend(t("Whose doing is it?"), class_name="mb-1 text-sm font-medium"),
            _way("whole", t("The coach's or ours: everything goes back")),
            _way("policy", t("The client's: their policy holds")),
        ),
        _gives(),
        reason_fields(state.errors, t("They read it on the page of the session.")),
        question_buttons(
            rx.cond(state.one > 0, t("Take the seat back"), t("Cancel session")), state.working
        ),
        on_submit=state.cancel,
        no_validate=True,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(
        rx.cond(state.one > 0, t("Take this seat back?"), t("Cancel this session?")),
        form,
        text=t("Nobody can undo it. Everybody concerned has a mail."),
        opened=state.asking & (state.way != "absent"),
        on_open_change=state.turn,
        alert=True,
    )


def _absence() -> rx.Component:
    """The coach did not come: what each client gets, and why we say so."""
    form = rx.el.form(
        _gives(),
        _reason(state.errors),
        question_buttons(t("The coach did not come"), state.working, back=t("Back")),
        on_submit=state.note_absent,
        no_validate=True,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(
        t("Did the coach not come?"),
        form,
        text=t("Everything goes back, and both sides have a mail. Nobody can undo it."),
        opened=state.asking & (state.way == "absent"),
        on_open_change=state.turn,
        alert=True,
    )


def _way(value: str, words: str) -> rx.Component:
    return scope_choice(state.way, value, words, state.choose(value), name="way")


def staff_session_page() -> rx.Component:
    whole = {"reloadDocument": True}
    gone = message_page(
        "search-x",
        t("This session is not here"),
        t("It may never have been, or its number is another."),
        action=link_button(t("All sessions"), "/admin/sessions/list", custom_attrs=whole),
    )
    here = rx.el.div(
        _about(),
        _people(),
        notes(t("Notes"), state, state.notes, t("For others of our team; nobody else reads it.")),
        section(t("What happened"), card(note_lines(state.history))),
        class_name="flex max-w-[48rem] flex-col gap-6",
    )
    return staff_frame(
        "sessions.override",
        back_link(t("All sessions"), "/admin/sessions/list", custom_attrs=whole),
        rx.cond(state.loaded, rx.cond(state.missing, gone, here), card(skeleton_lines(8))),
        _question(),
        _absence(),
        place=UNLISTED,
    )
