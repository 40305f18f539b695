"""`/invitation`: what the mailed link opens."""

from typing import Any

import reflex as rx

from loom_app.ui.auth.parts import narrow, notice, zone_options
from loom_app.ui.auth.strength import new_password_field
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button, link_button, text_link
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import checkbox, select_field, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.invitations.answer_state import AnswerState
from loom_app.ui.shell.frame import focus_frame
from loom_app.ui.shell.native import native_form
from loom_app.ui.text import t

state = AnswerState


def _from() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            avatar(state.inviter.initials, state.inviter.hue, state.inviter.avatar_url, size="lg"),
            rx.el.div(
                rx.el.p(state.inviter.name, class_name="text-lg font-semibold", dir="auto"),
                rx.el.p(
                    rx.cond(
                        state.role != "",
                        t("invites you to the staff as {role}.", role=state.role),
                        t("invites you to be coached here."),
                    ),
                    class_name="text-base text-muted",
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-4",
        ),
        rx.cond(
            state.note.length() > 0,
            rx.el.blockquote(
                rx.foreach(state.note, rx.el.p),
                class_name="flex flex-col gap-2 border-l-2 border-accent pl-4 text-base",
                dir="auto",
            ),
            rx.fragment(),
        ),
        class_name="mb-6 flex flex-col gap-4",
    )


def _join() -> rx.Component:
    errors = state.errors
    return native_form(
        rx.el.input(type="hidden", name="token", value=state.token, read_only=True),
        rx.el.p(
            t("Your account will have the address"),
            " ",
            rx.el.strong(state.email, class_name="[overflow-wrap:anywhere] font-semibold"),
            ".",
            class_name="text-base",
        ),
        text_field(
            t("Name"),
            "name",
            default_value=state.name,
            auto_complete="name",
            error=errors.get("name", ""),
        ),
        # what a password manager keeps it under
        rx.el.input(
            type="email",
            name="email",
            value=state.email,
            auto_complete="username",
            read_only=True,
            hidden=True,
        ),
        new_password_field(t("Password"), error=errors.get("password", "")),
        select_field(
            t("Time zone"),
            "zone",
            zone_options(),
            default_value=state.zone,
            key=state.zone,
            error=errors.get("zone", ""),
        ),
        button(t("Accept and create account"), type="submit", class_name="w-full"),
        action="/auth/invitation",
        key=state.token,
        no_validate=True,
        class_name="flex flex-col gap-5",
    )


def _accept() -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.mine,
            rx.fragment(),
            notice(
                t(
                    "It was sent to {email}, and you are signed in with another address. Accept it"
                    " with this account?",
                    email=state.email,
                ),
                tone="plain",
            ),
        ),
        button(t("Accept"), on_click=state.accept, class_name="w-full"),
    )


def _sign_in() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.strong(state.email, class_name="[overflow-wrap:anywhere] font-semibold"),
            " ",
            t("has an account already."),
            class_name="mb-4 text-base",
        ),
        link_button(t("Sign in to accept"), state.sign_in_href, class_name="w-full"),
    )


def _decline() -> rx.Component:
    return dialog(
        t("Decline the invitation?"),
        rx.el.form(
            checkbox(
                t("Do not invite me again"),
                "never_again",
                hint=t("Nobody on Loom can send an invitation to this address any more."),
            ),
            rx.el.div(
                dialog_close(button(t("Back"), kind="secondary")),
                button(t("Decline"), kind="danger", type="submit"),
                class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.decline,
            class_name="mt-4 flex flex-col gap-5",
        ),
        trigger=button(t("No, thank you"), kind="ghost", class_name="w-full"),
        alert=True,
    )


def _open(content: rx.Component) -> rx.Component:
    return rx.fragment(_from(), content, rx.el.div(_decline(), class_name="mt-3"))


def _end(icon_name: str, words: Any, detail: Any, *actions: rx.Component) -> rx.Component:
    return empty_state(
        icon_name,
        words,
        rx.el.div(*actions, class_name="flex flex-wrap justify-center gap-3"),
        detail=detail,
        heading=True,
    )


def answer_page() -> rx.Component:
    home = link_button(t("To the start page"), "/", kind="secondary")
    card = narrow(
        t("You are invited"),
        t("Loom: sessions, messages and plans with your coach."),
        rx.cond(state.problem != "", notice(state.problem), rx.fragment()),
        rx.cond(
            state.loaded,
            _open(rx.match(state.step, ("join", _join()), ("sign_in", _sign_in()), _accept())),
            skeleton_lines(6),
        ),
        below=rx.cond(
            state.step == "join",
            rx.fragment(
                t("Have an account with another address?"),
                " ",
                text_link(t("Sign in"), state.sign_in_href),
            ),
            rx.fragment(),
        ),
    )
    accepted = rx.cond(
        state.role != "",
        _end(
            "badge-check",
            t("You belong to the staff now"),
            t("What you may do stands in the menu of your account."),
            link_button(t("Go on"), "/sessions"),
        ),
        _end(
            "badge-check",
            t("You work with {name} now", name=state.inviter.name),
            t("Write to each other, or book a first session."),
            link_button(t("Open your messages"), "/messages"),
            link_button(t("Find a time"), "/coaches", kind="secondary"),
        ),
    )
    return rx.match(
        state.step,
        ("accepted", focus_frame(accepted)),
        (
            "declined",
            focus_frame(_end("circle-slash", t("Declined"), t("Nothing else happens."), home)),
        ),
        (
            "over",
            focus_frame(
                _end(
                    "hourglass",
                    t("This invitation is over"),
                    t(
                        "It was used, withdrawn, or is too old. Ask {name} for a new one.",
                        name=state.inviter.name,
                    ),
                    home,
                )
            ),
        ),
        (
            "missing",
            focus_frame(
                _end(
                    "link-2-off",
                    t("This link is not complete"),
                    t("Open it from the mail once more."),
                    home,
                )
            ),
        ),
        card,
    )
