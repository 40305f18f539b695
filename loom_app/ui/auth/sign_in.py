"""`/sign-in` and its second step: native forms, as password managers like them."""

import reflex as rx

from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.auth.state import SignInState
from loom_app.ui.auth.ways import ways_in
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.field import checkbox, text_field
from loom_app.ui.shell.native import native_form
from loom_app.ui.text import t


def sign_in() -> rx.Component:
    return narrow(
        t("Welcome back"),
        t("Sign in to your sessions and messages."),
        rx.cond(SignInState.problem != "", notice(SignInState.problem), rx.fragment()),
        native_form(
            rx.el.input(type="hidden", name="next", value=SignInState.next_path, read_only=True),
            text_field(t("Email"), "email", type="email", auto_complete="username", required=True),
            text_field(
                t("Password"),
                "password",
                type="password",
                auto_complete="current-password",
                required=True,
            ),
            rx.el.div(
                checkbox(t("Keep me signed in on this device"), "remember"),
                text_link(t("Forgot your password?"), "/forgot", class_name="py-2 text-sm"),
                class_name="flex flex-wrap items-center justify-between gap-x-4",
            ),
            button(t("Sign in"), type="submit", class_name="w-full"),
            action="/auth/sign-in",
            class_name="flex flex-col gap-5",
        ),
        ways_in(SignInState.ways),
        below=rx.fragment(
            t("New here?"),
            " ",
            text_link(t("Create an account"), SignInState.sign_up_href),
        ),
    )


def sign_in_code() -> rx.Component:
    """`/sign-in/code`: the second step, for who has a second factor."""
    return narrow(
        t("Enter your code"),
        t("Your app shows six digits. A recovery code works, too."),
        rx.cond(SignInState.problem != "", notice(SignInState.problem), rx.fragment()),
        native_form(
            text_field(
                t("Code"), "code", auto_complete="one-time-code", required=True, auto_focus=True
            ),
            button(t("Sign in"), type="submit", class_name="w-full"),
            action="/auth/code",
            class_name="flex flex-col gap-5",
        ),
        below=text_link(t("Begin again"), "/sign-in"),
    )
