"""`/lost-second-factor`: going on without it, or saying that it was somebody else who asked."""

import reflex as rx

from loom_app.ui.auth.lost_factor_state import LostFactorState
from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.design.button import button, link_button, text_link
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.text import t

state = LostFactorState


def _choice() -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.is_due,
            rx.fragment(
                rx.el.p(
                    t(
                        "Your app and your recovery codes open nothing after this, and every device"
                        " is signed out. Then sign in by your password."
                    ),
                    class_name="text-base",
                ),
                button(
                    t("Go on without my second factor"),
                    on_click=state.finish,
                    class_name="w-full",
                ),
            ),
            rx.el.p(
                t(
                    "It waits for a day, so that nobody else gets in by this way. Come back from"
                    " {when} on, by the same link.",
                    when=state.due,
                ),
                class_name="text-base",
            ),
        ),
        rx.el.p(
            t("You have not lost it, or it was not you who asked?"),
            class_name="border-t border-line pt-5 text-base",
        ),
        button(t("Stop it"), kind="danger", on_click=state.stop, class_name="w-full"),
        class_name="flex flex-col gap-5",
    )


def _done() -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.done == "gone",
            rx.el.p(
                t("Your second factor is gone. Sign in, and set up a new app soon."),
                class_name="text-base",
            ),
            rx.el.p(
                t(
                    "It is stopped; your second factor stays. If somebody else asked, choose a new"
                    " password."
                ),
                class_name="text-base",
            ),
        ),
        link_button(t("Sign in"), "/sign-in", class_name="mt-5 w-full"),
        role="status",
    )


def lost_factor() -> rx.Component:
    again = link_button(t("Sign in"), "/sign-in", class_name="w-full")
    form = rx.cond(state.token != "", _choice(), again)
    return narrow(
        t("Your lost second factor"),
        t("Our staff was told that you lost your app and your recovery codes."),
        rx.cond(state.problem != "", notice(state.problem), rx.fragment()),
        rx.cond(state.done != "", _done(), rx.cond(state.loaded, form, skeleton_lines(3))),
        below=text_link(t("Choose a new password"), "/forgot"),
    )
