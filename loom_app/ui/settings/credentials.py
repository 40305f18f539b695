"""The parts of the security page that change how one signs in: password and address."""

import reflex as rx

from loom_app.ui.auth.strength import new_password_field
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.card import card
from loom_app.ui.design.field import text_field
from loom_app.ui.settings.security_state import SecurityState
from loom_app.ui.settings.ways_state import WaysState
from loom_app.ui.shell.native import native_form
from loom_app.ui.text import t


def password_card() -> rx.Component:
    return card(
        rx.el.h2(t("Password"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("A new one signs out every other device."),
            class_name="mt-1 text-base text-muted",
        ),
        rx.cond(WaysState.password, _password_form(), _no_password()),
    )


def _no_password() -> rx.Component:
    return rx.el.p(
        t("You have none: you sign in by another service."),
        " ",
        text_link(t("Set one by a mailed link"), "/forgot"),
        class_name="mt-3 text-base",
    )


def _password_form() -> rx.Component:
    errors = SecurityState.errors
    return native_form(
        # for password managers, which keep a password under its name
        rx.el.input(
            type="email",
            auto_complete="username",
            value=SecurityState.email,
            read_only=True,
            aria_hidden="true",
            tab_index=-1,
            class_name="hidden",
        ),
        text_field(
            t("Current password"),
            "current",
            type="password",
            auto_complete="current-password",
            required=True,
            error=errors.get("current", ""),
        ),
        new_password_field(
            t("New password"), error=errors.get("password", ""), field_id="field-new-password"
        ),
        rx.el.div(button(t("Change password"), kind="secondary", type="submit")),
        action="/auth/password",
        class_name="mt-5 flex max-w-[480px] flex-col gap-5",
    )


def address_card() -> rx.Component:
    errors = SecurityState.errors
    form = rx.el.form(
        text_field(
            t("New email address"),
            "email",
            field_id="field-new-email",
            type="email",
            auto_complete="email",
            error=errors.get("email", ""),
        ),
        rx.el.div(button(t("Send a link there"), kind="secondary", type="submit")),
        on_submit=SecurityState.ask_address,
        no_validate=True,
        class_name="mt-5 flex max-w-[480px] flex-col gap-5",
    )
    sent = rx.el.p(
        t(
            "Open the link in the mail to {email}. Until then nothing changes.",
            email=SecurityState.asked,
        ),
        role="status",
        class_name="mt-4 text-base",
    )
    return card(
        rx.el.h2(t("Email address"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("You sign in with {email}, and mail goes there.", email=SecurityState.email),
            class_name="mt-1 break-words text-base text-muted",
        ),
        rx.cond(SecurityState.asked != "", sent, form),
    )
