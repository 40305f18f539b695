"""The second factor on the security page: off, being set up, on, and its recovery codes."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.copy_text import copy_text, is_copied
from loom_app.ui.design.browser.print_page import PRINTED, print_page
from loom_app.ui.design.button import button, button_class
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.session import Viewer
from loom_app.ui.settings.second_factor_state import SecondFactorState
from loom_app.ui.shell.native import native_form
from loom_app.ui.text import t, tn

state = SecondFactorState


def _off() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t(
                "A code from an app on your phone, beside your password. Who steals the password"
                " alone does not get in."
            ),
            class_name="text-base text-muted",
        ),
        rx.el.div(
            button(t("Set it up"), icon_name="shield-check", on_click=state.begin),
        ),
        class_name="mt-1 flex flex-col gap-4",
    )


def _setting_up() -> rx.Component:
    return rx.el.div(
        rx.el.ol(
            rx.el.li(
                t(
                    "Open an authenticator app, such as Aegis, 2FAS, 1Password or Google"
                    " Authenticator, and scan this:"
                ),
                rx.el.img(
                    src=state.picture,
                    alt=t("QR code for your authenticator app"),
                    class_name="mt-3 size-52 rounded-control border border-line bg-white",
                ),
                rx.el.p(
                    t("Or type this key:"),
                    " ",
                    rx.el.code(state.secret, class_name="break-words font-mono text-sm"),
                    class_name="mt-3 text-sm text-muted",
                ),
            ),
            rx.el.li(
                t("Enter the six digits that it shows now:"),
                rx.el.form(
                    text_field(
                        t("Code"),
                        "code",
                        field_id="field-first-code",
                        auto_complete="one-time-code",
                        input_mode="numeric",
                        error=state.errors.get("code", ""),
                    ),
                    rx.el.div(
                        button(t("Switch it on"), type="submit"),
                        button(t("Cancel"), kind="ghost", on_click=state.cancel),
                        class_name="flex flex-wrap gap-3",
                    ),
                    on_submit=state.confirm,
                    no_validate=True,
                    class_name="mt-3 flex max-w-[320px] flex-col gap-4",
                ),
            ),
            class_name="flex list-decimal flex-col gap-6 pl-5 text-base",
        ),
        class_name="mt-4",
    )


def _line(words: rx.Var[str]) -> rx.Component:
    return rx.el.li(words, key=words)


def _codes() -> rx.Component:
    copied = is_copied(state.codes_text)
    return rx.el.div(
        rx.el.p(
            t(
                "Keep these recovery codes where you find them without your phone. Each opens your"
                " account once. They are shown only now."
            ),
            class_name="text-base",
        ),
        rx.el.ul(
            rx.foreach(state.codes, _line),
            aria_label=t("Recovery codes"),
            class_name=(
                f"{PRINTED} grid gap-x-8 gap-y-2 rounded-control bg-sunken p-4 font-mono text-sm "
                "sm:grid-cols-2 sm:w-fit"
            ),
        ),
        rx.el.div(
            button(
                rx.cond(copied, t("Copied"), t("Copy")),
                kind="secondary",
                size="sm",
                icon_name="copy",
                custom_attrs={"onClick": copy_text(state.codes_text)},
            ),
            rx.el.a(
                icon("download", 18),
                rx.el.span(t("Download")),
                href=state.codes_file,
                download="loom-recovery-codes.txt",
                custom_attrs={"reloadDocument": True},
                class_name=button_class("secondary", "sm"),
            ),
            button(
                t("Print"),
                kind="secondary",
                size="sm",
                icon_name="printer",
                custom_attrs={"onClick": print_page()},
            ),
            class_name="flex flex-wrap gap-3",
        ),
        # posted by the browser: this sign-in may do more now, and gets another cookie
        native_form(
            rx.el.input(type="hidden", name="next", value="/settings/security", read_only=True),
            button(t("I have kept them"), type="submit"),
            action="/auth/renew",
        ),
        class_name="mt-4 flex flex-col gap-4",
    )


def _ask(title: Any, text: Any, trigger: rx.Component, action: Any, on_click: Any) -> rx.Component:
    return dialog(
        title,
        trigger=trigger,
        text=text,
        alert=True,
        actions=(
            dialog_close(button(t("Keep it as it is"), kind="secondary")),
            dialog_close(button(action, kind="danger", on_click=on_click)),
        ),
    )


def _on() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t("On since {day}.", day=state.since),
            " ",
            tn("{n} recovery code is left.", "{n} recovery codes are left.", state.codes_left),
            class_name="text-base text-muted",
        ),
        rx.el.div(
            _ask(
                t("Make new recovery codes?"),
                t("The old ones open nothing any more."),
                button(t("New recovery codes"), kind="secondary"),
                t("Make new codes"),
                state.new_codes,
            ),
            button(t("Use another app"), kind="secondary", on_click=state.begin),
            rx.cond(
                state.staff,
                rx.fragment(),
                _ask(
                    t("Switch the second factor off?"),
                    t("Your password alone opens your account then. Other devices are signed out."),
                    button(t("Switch off"), kind="ghost"),
                    t("Switch it off"),
                    state.remove,
                ),
            ),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="mt-1 flex flex-col gap-4",
    )


def second_factor_card() -> rx.Component:
    shown = rx.cond(state.since != "", _on(), _off())
    return card(
        rx.el.h2(
            rx.el.span(t("Second factor")),
            rx.cond(state.since != "", badge(t("On"), tone="good"), rx.fragment()),
            class_name="flex items-center gap-2 text-lg font-semibold",
        ),
        rx.cond(
            Viewer.losing != "",
            rx.el.div(
                rx.el.p(
                    t(
                        "Our staff was told that you lost it. By a link in your mailbox it can be"
                        " taken away from {when} on. If you have not lost it, stop this, and choose"
                        " a new password.",
                        when=Viewer.losing,
                    ),
                    class_name="text-base text-warn",
                ),
                button(t("I have not lost it: stop"), kind="danger", on_click=state.keep),
                role="status",
                class_name="mt-3 flex flex-col items-start gap-3 rounded-control bg-warn-soft p-3",
            ),
            rx.fragment(),
        ),
        rx.cond(
            state.wanted,
            rx.el.p(
                t("You are of staff, so this comes first: without it, staff pages stay closed."),
                role="status",
                class_name="mt-3 rounded-control bg-warn-soft p-3 text-base text-warn",
            ),
            rx.fragment(),
        ),
        rx.cond(
            state.codes.length() > 0,
            _codes(),
            rx.cond(state.picture != "", _setting_up(), shown),
        ),
        id="second-factor",
    )
