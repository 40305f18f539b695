"""`/staff/people`: somebody cannot get in, or somebody else got in."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.card import card, facts
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import text_area, text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.people_state import PeopleState
from loom_app.ui.text import t

state = PeopleState


def _asking() -> rx.Component:
    return card(
        rx.el.form(
            rx.el.div(
                text_field(
                    t("Email of their account"),
                    "email",
                    type="email",
                    auto_complete="off",
                    error=state.errors["email"],
                    hint=t("That you looked stands in the trail, where they see it, too."),
                ),
                class_name="min-w-0 flex-1",
            ),
            button(t("Look up"), type="submit", class_name="sm:mt-6.5"),
            on_submit=state.find,
            no_validate=True,
            class_name="flex flex-col gap-3 sm:flex-row sm:items-start",
        ),
    )


def _question(what: str, title: Any, text: Any, action: Any, on_submit: Any) -> rx.Component:
    return dialog(
        title,
        rx.el.form(
            text_area(
                t("Reason"),
                "reason",
                field_id=f"field-reason-{what}",
                hint=t("Why, and how you know that it is they who ask. It stands in the trail."),
                error=state.errors["reason"],
                max_length=300,
                rows="3",
            ),
            rx.el.div(
                dialog_close(button(t("Cancel"), kind="secondary")),
                button(action, kind="danger", type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=on_submit,
            no_validate=True,
            class_name="mt-4",
        ),
        text=text,
        opened=state.asking == what,
        on_open_change=state.turn,
        alert=True,
    )


def _person() -> rx.Component:
    one = state.person
    return card(
        rx.el.h2(one.name, class_name="text-lg font-semibold", dir="auto"),
        rx.el.p(one.email, class_name="mb-4 break-all text-base text-muted"),
        facts(
            (t("With us since"), one.since),
            (t("Signed in"), one.sign_ins),
            (t("Password"), one.password),
            (t("Second factor"), one.factor),
        ),
        rx.cond(
            one.waits != "",
            rx.el.p(
                one.waits,
                role="status",
                class_name="mt-4 rounded-control bg-warn-soft p-3 text-base text-warn",
            ),
            rx.fragment(),
        ),
        rx.cond(
            one.may_help,
            rx.el.div(
                button(t("End all sign-ins"), kind="secondary", on_click=state.ask("end")),
                rx.cond(
                    one.can_reset,
                    button(
                        t("They lost their second factor"),
                        kind="secondary",
                        on_click=state.ask("reset"),
                    ),
                    rx.fragment(),
                ),
                class_name="mt-5 flex flex-wrap gap-3",
            ),
            rx.el.p(
                t("This is you, or somebody who may do more than you: an owner has to help."),
                class_name="mt-5 text-base text-muted",
            ),
        ),
    )


def people_page() -> rx.Component:
    return staff_frame(
        "people.help",
        page_heading(
            t("Help people back in"),
            t("For who cannot get in, or thinks that somebody else did."),
        ),
        rx.cond(
            state.loaded,
            rx.el.div(
                _asking(),
                rx.cond(state.person.id > 0, _person(), rx.fragment()),
                class_name="flex max-w-[48rem] flex-col gap-6",
            ),
            card(skeleton_rows(2)),
        ),
        _question(
            "end",
            t("End all their sign-ins?"),
            t("Every device is signed out within seconds. They get a mail, and may sign in again."),
            t("End all sign-ins"),
            state.end,
        ),
        _question(
            "reset",
            t("Did they lose app and codes?"),
            t(
                "Be sure that it is they: call a number that you know, or see them. They get a mail"
                " with a link that opens in a day, and need their password. Until then anybody with"
                " the app, the mail or an open device can stop it."
            ),
            t("Begin"),
            state.reset_factor,
        ),
    )
