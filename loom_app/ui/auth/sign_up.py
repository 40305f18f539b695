"""`/sign-up`: name, address, password, which side, time zone."""

import reflex as rx

from loom_app.ui.auth.parts import narrow, side_choice, zone_options
from loom_app.ui.auth.state import SignUpState
from loom_app.ui.auth.strength import new_password_field
from loom_app.ui.auth.ways import ways_in
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.text import t


def sign_up() -> rx.Component:
    errors = SignUpState.errors
    form = rx.el.form(
        side_choice(SignUpState.role),
        text_field(t("Name"), "name", auto_complete="name", error=errors.get("name", "")),
        text_field(
            t("Email"),
            "email",
            type="email",
            auto_complete="email",
            error=errors.get("email", ""),
        ),
        new_password_field(t("Password"), error=errors.get("password", "")),
        select_field(
            t("Time zone"),
            "zone",
            zone_options(),
            default_value=SignUpState.zone,
            key=SignUpState.zone,
            error=errors.get("zone", ""),
        ),
        button(t("Create account"), type="submit", busy=SignUpState.busy, class_name="w-full"),
        on_submit=SignUpState.submit,
        no_validate=True,
        class_name="flex flex-col gap-5",
    )
    return narrow(
        t("Create your account"),
        t("One account for booking, talking and keeping track."),
        form,
        ways_in(SignUpState.ways),
        below=rx.fragment(
            t("Have an account?"), " ", text_link(t("Sign in"), SignUpState.sign_in_href)
        ),
    )
