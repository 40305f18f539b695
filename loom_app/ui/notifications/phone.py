"""The part of the settings about text messages; not there where the platform sends none."""

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import text_field
from loom_app.ui.notifications.phone_state import PhoneState
from loom_app.ui.text import t

state = PhoneState
_FORM = "mt-4 flex max-w-[480px] flex-col items-start gap-4"


def _give() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            text_field(
                t("Mobile number"),
                "number",
                type="tel",
                auto_complete="tel",
                required=True,
                hint=t("With its country, such as +49 1512 3456789. We send a code there."),
                error=state.errors.get("number", ""),
            ),
            class_name="w-full",
        ),
        button(t("Send me a code"), kind="secondary", type="submit"),
        on_submit=state.ask,
        class_name=_FORM,
    )


def _prove() -> rx.Component:
    return rx.el.form(
        rx.el.p(t("We have sent a code to {number}.", number=state.number), role="status"),
        rx.el.div(
            text_field(
                t("Code"),
                "code",
                input_mode="numeric",
                auto_complete="one-time-code",
                required=True,
                max_length=10,
                hint=t("Six digits, good for ten minutes."),
                error=state.errors.get("code", ""),
            ),
            class_name="w-full",
        ),
        rx.el.div(
            button(t("Confirm"), type="submit"),
            button(t("Another number"), kind="ghost", on_click=state.remove),
            class_name="flex flex-wrap gap-2",
        ),
        on_submit=state.confirm,
        class_name=_FORM,
    )


def _given() -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.stage == "stopped",
            rx.el.p(
                t("{number} answered STOP. Answer START from it to go on.", number=state.number),
                class_name="text-base font-medium",
            ),
            rx.el.p(state.number, class_name="text-base font-medium tabular"),
        ),
        button(t("Remove"), kind="secondary", on_click=state.remove),
        class_name="mt-4 flex flex-wrap items-center gap-4",
    )


def phone_card() -> rx.Component:
    inside = card(
        rx.el.h2(t("By text message"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("A few words and a link for what cannot wait. Answer STOP to end them."),
            class_name="mt-1 text-base text-muted",
        ),
        rx.match(state.stage, ("code", _prove()), ("on", _given()), ("stopped", _given()), _give()),
    )
    return rx.cond(state.there, inside, rx.fragment())
