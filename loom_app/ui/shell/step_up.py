"""The question "is it still you?", above whatever page it comes up on."""

import reflex as rx

from loom_app.ui.auth.confirm_state import ConfirmState
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import text_field
from loom_app.ui.problems import StepUp
from loom_app.ui.text import t


def proof_field(by: rx.Var[str], error: rx.Var) -> rx.Component:
    """The code of the second factor where there is one, else the password."""
    return rx.cond(
        by == "code",
        text_field(
            t("Code"),
            "secret",
            field_id="field-proof-code",
            auto_complete="one-time-code",
            hint=t("Six digits from your app, or one of your recovery codes."),
            error=error,
        ),
        text_field(
            t("Your password"),
            "secret",
            field_id="field-proof-password",
            type="password",
            auto_complete="current-password",
            error=error,
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        proof_field(StepUp.by, ConfirmState.errors.get("secret", "")),
        rx.el.div(
            button(t("Not now"), kind="secondary", on_click=StepUp.dismiss(False)),
            button(t("Confirm"), type="submit", busy=ConfirmState.busy),
            class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=ConfirmState.confirm,
        no_validate=True,
        class_name="mt-4 flex flex-col gap-5",
    )


def step_up_dialog() -> rx.Component:
    elsewhere = link_button(t("Sign in once more"), StepUp.href, class_name="mt-5 w-full sm:w-auto")
    return dialog(
        t("Confirm that it is you"),
        rx.cond(StepUp.by == "provider", elsewhere, _form()),
        text=t("This changes money or security, so we ask once more. It holds for 15 minutes."),
        opened=StepUp.asked,
        on_open_change=StepUp.dismiss,
    )
