"""The dialog that begins a conversation: with one person, or as a group."""

import reflex as rx

from loom_app.domains.messaging.queries import Reachable
from loom_app.ui.chat.start_state import StartState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button, icon_button, link_button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t, tn

_ROW = (
    "flex min-h-12 w-full items-center gap-3 rounded-control px-2 text-left hover:bg-hover "
    "aria-pressed:bg-brand-soft"
)


def _person(person: rx.Var[Reachable]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            avatar(person.initials, person.hue, person.avatar_url, size="sm"),
            rx.el.span(person.name, class_name="truncate text-base"),
            type="button",
            on_click=StartState.start(person.id),
            class_name=_ROW,
        ),
        key=person.id,
    )


def _candidate(person: rx.Var[Reachable]) -> rx.Component:
    picked = StartState.picked.contains(person.id)
    return rx.cond(
        person.client,
        rx.el.li(
            rx.el.button(
                avatar(person.initials, person.hue, person.avatar_url, size="sm"),
                rx.el.span(person.name, class_name="truncate text-base"),
                rx.cond(picked, icon("check", 18, class_name="ml-auto text-brand"), rx.fragment()),
                type="button",
                aria_pressed=picked,
                on_click=StartState.pick(person.id),
                class_name=_ROW,
            ),
            key=person.id,
        ),
        rx.fragment(),
    )


def _one() -> rx.Component:
    nobody = rx.el.div(
        rx.el.p(t("You can write to your coaches and clients, and to any coach in the directory.")),
        link_button(t("Find a coach"), "/coaches", kind="secondary", class_name="mt-4"),
    )
    people = rx.el.ul(
        rx.foreach(StartState.people, _person), class_name="-mx-2 flex flex-col gap-1"
    )
    group = rx.el.button(
        rx.el.span(
            icon("users", 18),
            class_name="flex size-9 items-center justify-center rounded-full bg-hover",
        ),
        t("New group"),
        type="button",
        on_click=StartState.gather(True),
        class_name=f"-mx-2 mb-1 {_ROW} font-medium",
    )
    return rx.fragment(
        rx.cond(StartState.clients, group, rx.fragment()),
        rx.cond(StartState.people.length() > 0, people, nobody),
    )


def _group() -> rx.Component:
    return rx.el.form(
        text_field(
            t("Name of the group"),
            "title",
            max_length=80,
            auto_complete="off",
            error=StartState.errors.get("title", ""),
        ),
        rx.el.div(
            rx.el.p(t("Who is in it"), class_name="text-sm font-medium"),
            rx.el.ul(
                rx.foreach(StartState.people, _candidate),
                class_name="-mx-2 mt-1 flex max-h-72 flex-col gap-1 overflow-y-auto",
            ),
            rx.el.p(
                StartState.errors.get("people", ""), role="alert", class_name="text-sm text-bad"
            ),
        ),
        rx.el.div(
            button(t("Back"), kind="ghost", on_click=StartState.gather(False)),
            button(
                rx.cond(
                    StartState.picked.length() > 0,
                    tn(
                        "Start group with {n} person",
                        "Start group with {n} people",
                        StartState.picked.length(),
                    ),
                    t("Start group"),
                ),
                type="submit",
            ),
            class_name="flex flex-wrap justify-end gap-3",
        ),
        on_submit=StartState.create,
        no_validate=True,
        class_name="mt-2 flex flex-col gap-5",
    )


def new_message() -> rx.Component:
    return dialog(
        rx.cond(StartState.grouping, t("New group"), t("New message")),
        rx.cond(StartState.grouping, _group(), _one()),
        trigger=icon_button("square-pen", t("New message")),
        opened=StartState.opened,
        on_open_change=StartState.open,
    )
