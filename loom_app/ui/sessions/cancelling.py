"""Cancelling a session, and those that follow it in its series: the question before it."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import checkbox, text_area
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.rows import Said
from loom_app.ui.text import t


def _scope() -> rx.Component:
    """Of a series: this one, or all from here on, each with what it gives back."""
    return rx.el.fieldset(
        rx.el.legend(t("Which sessions?"), class_name="mb-1 text-sm font-medium"),
        scope_choice(
            SessionState.scope, "one", t("Only this session"), SessionState.choose_scope("one")
        ),
        scope_choice(
            SessionState.scope,
            "following",
            t("This and all following"),
            SessionState.choose_scope("following"),
        ),
        rx.cond(
            SessionState.scope == "following",
            rx.el.ol(
                rx.foreach(SessionState.following, _gives_back),
                class_name="mt-2 max-h-72 overflow-y-auto rounded-control bg-sunken px-4",
            ),
            rx.fragment(),
        ),
        class_name="mb-4",
    )


def scope_choice(
    chosen: Any, value: str, words: str, choose: Any, name: str = "scope"
) -> rx.Component:
    """One of the ways to change or cancel; the whole line is the target."""
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=value,
            checked=chosen == value,
            on_change=choose,
            class_name="size-5 shrink-0 accent-[var(--brand)]",
        ),
        rx.el.span(words, class_name="text-base"),
        class_name="flex min-h-11 cursor-pointer items-center gap-3",
    )


def _gives_back(item: rx.Var[Said]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.p(one.what, class_name="text-base tabular"),
        rx.el.p(one.words, class_name="text-sm text-muted"),
        class_name="border-b border-line py-2.5 last:border-b-0",
    )


def cancel_dialog() -> rx.Component:
    """The button, and the question with what each session gives back."""
    shown: Any = SessionState.session
    seat = shown.group & ~SessionState.coaching
    form = rx.el.form(
        rx.cond(SessionState.following.length() > 1, _scope(), rx.fragment()),
        text_area(
            t("A word to the other side"),
            "reason",
            optional=True,
            max_length=500,
            rows="3",
            error=SessionState.errors["reason"],
        ),
        rx.cond(
            (shown.unpaid != "") & (SessionState.scope == "one"),
            rx.el.div(
                checkbox(t("Because the rest was not paid"), "unpaid"),
                rx.el.p(
                    t(
                        "Then the policy holds as if your client cancelled. {words}",
                        words=shown.unpaid,
                    ),
                    class_name="mt-1 text-sm text-muted",
                ),
                class_name="mt-4",
            ),
            rx.fragment(),
        ),
        rx.el.div(
            dialog_close(button(t("Keep it"), kind="secondary")),
            button(
                rx.cond(
                    SessionState.scope == "following",
                    t("Cancel {n} sessions", n=SessionState.following.length()),
                    rx.cond(seat, t("Give it back"), t("Cancel session")),
                ),
                kind="danger",
                type="submit",
                busy=SessionState.working,
            ),
            class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=SessionState.cancel,
        class_name="mt-4",
    )
    return dialog(
        rx.cond(
            SessionState.scope == "following",
            t("Cancel these sessions?"),
            rx.cond(seat, t("Give your seat back?"), t("Cancel this session?")),
        ),
        form,
        text=rx.cond(SessionState.scope == "following", "", shown.refund),
        trigger=button(
            rx.cond(seat, t("Give your seat back"), t("Cancel session")),
            kind="ghost",
            class_name="!text-bad",
        ),
        opened=SessionState.asking,
        on_open_change=SessionState.ask,
        alert=True,
    )
