"""`/sign-up`: name, address, password, which side, time zone."""

import reflex as rx

from loom_app.ui.auth.parts import narrow, zone_options
from loom_app.ui.auth.state import SignUpState
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.text import t


def _side(value: str, words: str, note: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="role",
            value=value,
            default_checked=SignUpState.role == value,
            key=f"{value}-{SignUpState.role}",
            class_name="mt-1 size-4 shrink-0 accent-[var(--brand)]",
        ),
        rx.el.span(
            rx.el.span(words, class_name="block text-base font-medium"),
            rx.el.span(note, class_name="block text-sm text-muted"),
        ),
        class_name=(
            "flex min-h-11 flex-1 cursor-pointer gap-3 rounded-control border border-edge/60 p-3 "
            "hover:bg-hover has-[:checked]:border-brand has-[:checked]:bg-brand-soft"
        ),
    )


def _strength() -> rx.Component:
    """Four bars and the words for them."""
    bars = [
        rx.el.span(
            class_name=rx.cond(
                SignUpState.score > i,
                rx.cond(
                    SignUpState.score >= 3,
                    "h-1 flex-1 rounded-full bg-good",
                    "h-1 flex-1 rounded-full bg-accent",
                ),
                "h-1 flex-1 rounded-full bg-line",
            )
        )
        for i in range(4)
    ]
    return rx.el.div(
        rx.el.div(*bars, class_name="flex gap-1.5", aria_hidden="true"),
        rx.el.p(SignUpState.strength, class_name="min-h-5 text-sm text-muted", aria_live="polite"),
        class_name="-mt-2 flex flex-col gap-1",
    )


def sign_up() -> rx.Component:
    errors = SignUpState.errors
    form = rx.el.form(
        rx.el.fieldset(
            rx.el.legend(t("What brings you here?"), class_name="mb-1.5 text-sm font-medium"),
            rx.el.div(
                _side("client", t("I want coaching"), t("Find, book and talk")),
                _side("coach", t("I am a coach"), t("Offer sessions")),
                class_name="flex flex-col gap-2 sm:flex-row",
            ),
        ),
        text_field(t("Name"), "name", auto_complete="name", error=errors.get("name", "")),
        text_field(
            t("Email"),
            "email",
            type="email",
            auto_complete="email",
            error=errors.get("email", ""),
        ),
        text_field(
            t("Password"),
            "password",
            type="password",
            auto_complete="new-password",
            hint=t("At least 12 characters. A short sentence works well."),
            error=errors.get("password", ""),
            on_change=SignUpState.judge.debounce(300),
        ),
        _strength(),
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
        below=rx.fragment(
            t("Have an account?"), " ", text_link(t("Sign in"), SignUpState.sign_in_href)
        ),
    )
