"""`/sessions/<id>/move`: another time, with what changes said before it happens."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.occurrences import occurrence_list
from loom_app.ui.booking.slots import picker
from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import text_area, text_field
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.sessions.cancelling import scope_choice
from loom_app.ui.sessions.move_state import MoveState
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t


def _change(words: Any, value: Any, look: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(words, class_name="text-sm text-muted"),
        rx.el.dd(value, class_name=f"text-base {look}"),
    )


def change_dialog(state: Any, leave: str, *, ask_scope: bool = False) -> rx.Component:
    """What changes, before it happens: `state` is a Together with old, new, asking, working, ask
    and move. `ask_scope`: of a series, which sessions, in the dialog itself."""
    many = state.scope == "following"
    one = rx.el.dl(
        _change(t("From"), state.old, "text-muted line-through"),
        _change(t("To"), state.new, "font-medium"),
        class_name="mb-5 flex flex-col gap-3 rounded-control bg-sunken p-4",
    )
    form = rx.el.form(
        _scope(state) if ask_scope else rx.fragment(),
        rx.cond(many, _changes(state), one),
        rx.el.div(alert(state.errors["starts_at"]), class_name="mb-4 empty:hidden"),
        text_area(
            t("A word to the other side"),
            "reason",
            optional=True,
            max_length=500,
            rows="3",
            error=state.errors["reason"],
        ),
        rx.el.div(
            dialog_close(button(leave, kind="secondary")),
            button(
                rx.cond(many, t("Move these sessions"), t("Move session")),
                type="submit",
                busy=state.working,
            ),
            class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=state.move,
        class_name="mt-4 flex flex-col",
    )
    return dialog(
        rx.cond(many, t("Move these sessions?"), t("Move this session?")),
        form,
        text=t("The other side gets mail with a new calendar file."),
        opened=state.asking,
        on_open_change=state.ask,
    )


def _any_time() -> rx.Component:
    """For coaches: outside their hours, too."""
    form = rx.el.form(
        rx.el.div(
            text_field(
                t("Day and time"), "at", type="datetime-local", error=MoveState.errors["at"]
            ),
            class_name="min-w-0 flex-1",
        ),
        button(t("Take this time"), kind="secondary", type="submit"),
        on_submit=MoveState.choose_other,
        class_name="flex flex-col gap-3 sm:flex-row sm:items-end",
    )
    return rx.cond(
        MoveState.coaching,
        card(
            rx.el.h2(t("Another time"), class_name="text-base font-semibold"),
            rx.el.p(
                t("You may move it to any time that is free, outside your hours as well."),
                class_name="mb-4 mt-1 text-sm text-muted",
            ),
            form,
        ),
        rx.fragment(),
    )


def _scope(state: Any) -> rx.Component:
    """Nothing where there is no series."""
    asked = rx.el.fieldset(
        rx.el.legend(t("Which sessions?"), class_name="text-sm font-medium"),
        scope_choice(state.scope, "one", t("Only this session"), state.choose_scope("one")),
        scope_choice(
            state.scope,
            "following",
            t("All {n} from here on", n=state.following),
            state.choose_scope("following"),
        ),
        class_name="mb-4",
    )
    return rx.cond(state.following > 1, asked, rx.fragment())


def _changes(state: Any) -> rx.Component:
    """Every session that moves, and a choice for those that cannot go there."""
    return rx.el.div(
        occurrence_list(state.changes, state.pick),
        class_name="mb-5 max-h-80 overflow-y-auto rounded-control bg-sunken px-4",
    )


def _whole() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t("Move “{title}”", title=MoveState.title), class_name="display text-2xl"),
            rx.el.p(t("Now: {when}", when=MoveState.old), class_name="mt-1 text-base text-muted"),
        ),
        _scope(MoveState),
        picker(MoveState, MoveState.choose),
        _any_time(),
        change_dialog(MoveState, t("Another time")),
        class_name="flex max-w-3xl flex-col gap-5",
    )


def _shut() -> rx.Component:
    return message_page(
        "calendar-x",
        t("This session cannot be moved"),
        MoveState.why_not,
        action=link_button(t("Back to the session"), MoveState.back),
    )


def move_page() -> rx.Component:
    missing = message_page(
        "calendar-x",
        t("This session is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your sessions"), "/sessions"),
    )
    ghost = loading(bone("h-96 rounded-card"), class_name="max-w-3xl")
    return app_frame(
        back_link(t("The session"), MoveState.back),
        rx.match(
            MoveState.phase, ("here", _whole()), ("missing", missing), ("shut", _shut()), ghost
        ),
        place="sessions",
    )
