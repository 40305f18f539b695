"""`/appeal`: why somebody was warned or is suspended, until when, and the way to say that it is
wrong. A refused sign-in leads here, and the mail."""

import reflex as rx

from loom_app.ui.auth.appeal_state import AppealState
from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.field import text_area
from loom_app.ui.design.quote import quoted
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.text import t

state = AppealState


def _form() -> rx.Component:
    return rx.el.form(
        text_area(
            t("Why is it wrong?"),
            "words",
            error=state.errors.get("words", ""),
            hint=t("Somebody else than who decided reads it, and answers by mail."),
            max_length=1000,
            rows="5",
        ),
        button(t("Send appeal"), type="submit", class_name="w-full"),
        on_submit=state.send,
        no_validate=True,
        class_name="flex flex-col gap-5 border-t border-line pt-5",
    )


def _decision() -> rx.Component:
    return rx.el.div(
        rx.el.h2(
            rx.match(
                state.kind,
                ("suspend", t("Your account is suspended")),
                ("hide", t("Our team took a message of yours back")),
                t("A warning from our team"),
            ),
            class_name="text-lg font-semibold",
        ),
        rx.cond(
            state.until != "",
            rx.el.p(state.until, class_name="text-base font-medium"),
            rx.fragment(),
        ),
        rx.el.p(t("This is why:"), class_name="text-base"),
        quoted(state.words),
        rx.el.div(
            rx.cond(
                state.stands != "",
                rx.el.p(state.stands, class_name="text-base font-medium"),
                rx.fragment(),
            ),
            rx.cond(
                (state.answer != "") & (state.stands != ""),
                rx.el.p(state.answer, class_name="mt-2 whitespace-pre-line text-base", dir="auto"),
                rx.fragment(),
            ),
            role="status",
        ),
        rx.cond(state.may_appeal, _form(), rx.fragment()),
        class_name="flex flex-col gap-4",
    )


def appeal_page() -> rx.Component:
    nothing = link_button(t("To the first page"), "/", kind="secondary", class_name="w-full")
    return narrow(
        t("A decision of our team"),
        t("You read this because it is about you. Nobody else has this link."),
        rx.cond(state.problem != "", notice(state.problem), rx.fragment()),
        rx.cond(state.loaded, rx.cond(state.kind != "", _decision(), nothing), skeleton_lines(4)),
    )
