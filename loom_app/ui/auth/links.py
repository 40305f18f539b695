"""`/forgot`, `/reset`, `/new-address`, `/undo-address`: what begins and ends with a mail."""

from typing import Any

import reflex as rx

from loom_app.ui.auth.check_mail import mailbox
from loom_app.ui.auth.link_state import ForgotState, LinkState
from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.auth.strength import new_password_field
from loom_app.ui.design.button import button, link_button, text_link
from loom_app.ui.design.field import text_field
from loom_app.ui.text import t


def forgot() -> rx.Component:
    form = rx.el.form(
        text_field(t("Email"), "email", type="email", auto_complete="username", required=True),
        button(t("Send me a link"), type="submit", busy=ForgotState.busy, class_name="w-full"),
        on_submit=ForgotState.send,
        class_name="flex flex-col gap-5",
    )
    sent = rx.el.div(
        rx.el.p(
            t("If this address has an account, a link is on its way. It works for one hour."),
            class_name="text-base",
        ),
        rx.el.p(
            t("Nothing there after some minutes? Look in the spam folder."),
            class_name="mt-2 text-base text-muted",
        ),
        role="status",
    )
    return narrow(
        t("Forgot your password?"),
        t("We send you a link, and you choose a new one."),
        rx.cond(ForgotState.sent, sent, form),
        below=rx.fragment(
            rx.el.p(text_link(t("Back to signing in"), "/sign-in")),
            rx.cond(ForgotState.sent, mailbox(), rx.fragment()),
        ),
    )


def reset() -> rx.Component:
    form = rx.el.form(
        # password managers keep the new password under the name that stands beside it
        new_password_field(t("New password"), error=LinkState.errors.get("password", "")),
        button(t("Save password"), type="submit", busy=LinkState.busy, class_name="w-full"),
        on_submit=LinkState.choose,
        no_validate=True,
        class_name="flex flex-col gap-5",
    )
    return _opened(
        t("Choose a new password"),
        t("Every device that is signed in now will be signed out."),
        form,
        done=_done(t("Your password is changed. Sign in with it."), t("Sign in"), "/sign-in"),
        again=link_button(t("Ask for a new link"), "/forgot", class_name="w-full"),
    )


def new_address() -> rx.Component:
    return _opened(
        t("Confirm your new address"),
        t("Mail goes there, and you sign in with it, from now on."),
        button(t("Confirm this address"), on_click=LinkState.take_address, class_name="w-full"),
        done=_done(
            t("This is your address now. We told the former one."),
            t("Open your security settings"),
            "/settings/security",
        ),
        again=link_button(t("Open your security settings"), "/settings/security"),
    )


def undo_address() -> rx.Component:
    return _opened(
        t("Take your address back"),
        t("Every device is signed out, and we mail you a link for a new password."),
        button(
            t("This was not me: take it back"),
            kind="danger",
            on_click=LinkState.undo_address,
            class_name="w-full",
        ),
        done=_done(
            t("Your address is back. Open the mail we sent you and choose a new password."),
            t("Sign in"),
            "/sign-in",
        ),
        again=link_button(t("Sign in"), "/sign-in", class_name="w-full"),
    )


def _opened(
    title: Any, note: Any, form: rx.Component, *, done: rx.Component, again: rx.Component
) -> rx.Component:
    """The form while the link is good; what came of it; or how to get another."""
    return narrow(
        title,
        note,
        rx.cond(LinkState.problem != "", notice(LinkState.problem), rx.fragment()),
        rx.cond(LinkState.done, done, rx.cond(LinkState.token != "", form, again)),
        below=text_link(t("Back to signing in"), "/sign-in"),
    )


def _done(words: Any, action: Any, href: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(words, class_name="text-base"),
        link_button(action, href, class_name="mt-5 w-full"),
        role="status",
    )
