"""`/confirm-it-is-you`: for what is no page and so has no dialog, such as a download."""

import reflex as rx

from loom_app.ui.auth.confirm_state import ConfirmState
from loom_app.ui.auth.parts import narrow, notice
from loom_app.ui.auth.ways import ways_in
from loom_app.ui.design.button import button, text_link
from loom_app.ui.shell.native import native_form
from loom_app.ui.shell.step_up import proof_field
from loom_app.ui.text import t


def confirm_page() -> rx.Component:
    return narrow(
        t("Confirm that it is you"),
        t("This changes money or security, so we ask once more. It holds for 15 minutes."),
        rx.cond(ConfirmState.problem != "", notice(ConfirmState.problem), rx.fragment()),
        rx.cond(
            ConfirmState.by == "provider",
            rx.fragment(
                rx.el.p(
                    t("You sign in by another service: do it once more."), class_name="text-base"
                ),
                ways_in(ConfirmState.ways),
            ),
            native_form(
                rx.el.input(
                    type="hidden", name="next", value=ConfirmState.next_path, read_only=True
                ),
                proof_field(ConfirmState.by, ConfirmState.errors.get("secret", "")),
                button(t("Confirm"), type="submit", class_name="w-full"),
                action="/auth/confirm",
                class_name="flex flex-col gap-5",
            ),
        ),
        below=text_link(t("Back to the settings"), "/settings/security"),
    )
