"""Who did not come? The coach's question, with what each answer means shown before the click."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.sessions.cancelling import scope_choice
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.text import t

state = SessionState


def _whose() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("Who did not come?"), class_name="sr-only"),
        _way("client", t("My client")),
        _way("coach", t("I, the coach")),
        class_name="mt-3",
    )


def _way(value: str, words: str) -> rx.Component:
    return scope_choice(state.whose, value, words, state.choose_whose(value), name="whose")


def _means() -> rx.Component:
    """What it means for each of the people, read out as it changes."""
    shown: Any = state.session
    each = rx.el.ul(
        rx.foreach(
            shown.absent_text, lambda one: rx.el.li(one, class_name="text-base", dir="auto")
        ),
        class_name="flex flex-col gap-2",
    )
    return rx.el.div(
        rx.cond(state.whose == "coach", each, rx.el.p(shown.missed_text, class_name="text-base")),
        role="status",
        class_name="mt-4 max-h-60 overflow-y-auto rounded-control bg-sunken px-4 py-3",
    )


def missing_dialog() -> rx.Component:
    """The button, and the question. Where a client is noted already, or in a group, whose people
    have a button each, it is about the coach alone."""
    shown: Any = state.session
    own = state.whose == "coach"
    return dialog(
        rx.cond(shown.can_miss, t("Who did not come?"), t("Did you not come?")),
        rx.cond(shown.can_miss, _whose(), rx.fragment()),
        _means(),
        text=rx.cond(
            own,
            rx.cond(
                shown.group,
                t("Everybody who had a seat is told. Nobody can undo it."),
                t("Your client is told. Nobody can undo it."),
            ),
            t("If you find that it was you, you can still say so within a day of the session."),
        ),
        trigger=button(
            rx.cond(shown.can_miss, t("Somebody did not come"), t("I did not come")),
            kind="ghost",
            class_name="!text-bad",
        ),
        actions=(
            dialog_close(button(t("Back"), kind="secondary")),
            rx.cond(
                own,
                button(t("I did not come"), kind="danger", on_click=state.absent),
                button(t("They did not come"), kind="danger", on_click=state.miss),
            ),
        ),
        opened=state.missing,
        on_open_change=state.ask_missing,
        alert=True,
    )
