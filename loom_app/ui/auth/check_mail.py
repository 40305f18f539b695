"""`/check-mail` and `/verify`: the mailed link, and a new one."""

import reflex as rx

from loom_app.kit.settings import settings
from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.auth.state import VerifyState
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.field import text_field
from loom_app.ui.shell.native import native_form
from loom_app.ui.text import t


def _new_link() -> rx.Component:
    return native_form(
        text_field(t("Email"), "email", type="email", auto_complete="email", required=True),
        button(t("Send a new link"), kind="secondary", type="submit", class_name="w-full"),
        action="/auth/link",
        class_name="flex flex-col gap-4",
    )


def mailbox() -> rx.Component:
    """Without an SMTP server, mail lands on a page of its own."""
    if settings().production or settings().smtp_url:
        return rx.fragment()
    return rx.el.p(
        t("This server keeps its mail on a page:"),
        " ",
        text_link(t("open the mailbox"), "/dev/mail", custom_attrs={"reloadDocument": True}),
        class_name="text-sm",
    )


def check_mail() -> rx.Component:
    return narrow(
        t("Check your mail"),
        t("We have sent you a link. Open it within 24 hours to go on where you were."),
        rx.cond(
            VerifyState.again,
            notice(t("If that address waits for a link, a new one is on its way."), tone="plain"),
            rx.fragment(),
        ),
        rx.el.p(
            t("Nothing there? Look in the spam folder, or ask for a new link."),
            class_name="mb-4 text-base",
        ),
        _new_link(),
        below=mailbox(),
    )


def verify() -> rx.Component:
    confirm = native_form(
        rx.el.input(type="hidden", name="token", value=VerifyState.token, read_only=True),
        button(t("Confirm and go on"), type="submit", class_name="w-full"),
        action="/auth/verify",
    )
    return narrow(
        t("Confirm your address"),
        t("One press, and your account is ready."),
        rx.cond(VerifyState.problem != "", notice(VerifyState.problem), rx.fragment()),
        rx.cond(VerifyState.token != "", confirm, _new_link()),
        below=text_link(t("Sign in"), "/sign-in"),
    )
