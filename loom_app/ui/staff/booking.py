"""`/staff/book`: staff books for anybody with any coach."""

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.card import card, facts
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.sessions.behalf import order_form
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.text import t

state = BehalfState


def _booked() -> rx.Component:
    box = rx.el.p(
        state.booked, class_name="rounded-control bg-good-soft p-4 text-base text-good enter"
    )
    return rx.el.div(
        rx.cond(state.booked, box, rx.fragment()), role="status", class_name="empty:hidden"
    )


def _asking() -> rx.Component:
    return card(
        rx.el.form(
            text_field(
                t("Email of the client"),
                "client",
                type="email",
                auto_complete="off",
                error=state.errors["client"],
            ),
            text_field(
                t("Email of the coach"),
                "coach",
                type="email",
                auto_complete="off",
                error=state.errors["coach"],
                hint=t("That you looked stands in the trail, where both see it, too."),
            ),
            button(t("Look up"), type="submit", class_name="sm:self-start"),
            on_submit=state.find,
            no_validate=True,
            key=state.form_key,
            class_name="flex flex-col gap-5",
        ),
        class_name="p-5",
    )


def _order() -> rx.Component:
    nothing = empty_state(
        "layers",
        t("This coach has no offerings"),
        button(t("Somebody else"), kind="secondary", on_click=state.look_again),
        detail=t("What can be booked, the coach has to offer first."),
    )
    return rx.el.div(
        card(facts((t("Client"), state.pair[0]), (t("Coach"), state.pair[1])), class_name="p-5"),
        rx.cond(state.offerings.length() > 0, card(order_form(), class_name="p-5"), nothing),
        class_name="flex flex-col gap-4",
    )


def staff_booking_page() -> rx.Component:
    return staff_frame(
        "sessions.override",
        page_heading(
            t("Book for anybody"),
            t("Any time that is free for both. They get mail, and the client may cancel as usual."),
        ),
        rx.el.div(
            _booked(),
            rx.cond(
                state.loaded,
                rx.cond(state.pair.length() > 0, _order(), _asking()),
                card(skeleton_rows(3)),
            ),
            class_name="flex max-w-[40rem] flex-col gap-4",
        ),
    )
