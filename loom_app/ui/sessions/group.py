"""Who comes to a group: for its coach each person, for a client the names that others show."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.money import titled
from loom_app.ui.sessions.rows import KeptRow, PersonRow, Said
from loom_app.ui.text import t

session = SessionState.session


def _answer(item: rx.Var[Said]) -> rx.Component:
    said: Any = item
    return rx.el.div(
        rx.el.dt(said.what, class_name="text-sm text-muted"),
        rx.el.dd(said.words, class_name="whitespace-pre-line text-base"),
    )


def _person(item: rx.Var[PersonRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            avatar(row.initials, row.hue, row.avatar_url),
            rx.el.div(
                rx.el.p(row.name, class_name="truncate text-base font-medium"),
                rx.el.p(row.payment, class_name="text-sm text-muted tabular"),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(row.missed, badge(t("No-show"), "bad"), rx.fragment()),
            class_name="flex items-center gap-3",
        ),
        rx.cond(
            row.agenda,
            rx.el.p(row.agenda, class_name="whitespace-pre-line text-base"),
            rx.fragment(),
        ),
        rx.cond(
            row.answers.length() > 0,
            rx.el.dl(
                rx.foreach(row.answers.to(list[Said]), _answer), class_name="flex flex-col gap-2"
            ),
            rx.fragment(),
        ),
        rx.cond(
            row.missable,
            button(
                t("Did not come"),
                kind="ghost",
                size="sm",
                aria_label=t("{name} did not come", name=row.name),
                on_click=SessionState.ask_missed(row.seat_id),
                class_name="self-start !text-bad",
            ),
            rx.fragment(),
        ),
        class_name=(
            "flex flex-col gap-3 border-b border-line py-4 first:pt-0 last:border-b-0 last:pb-0"
        ),
    )


def _kept(item: rx.Var[KeptRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        avatar(row.initials, row.hue, row.avatar_url),
        rx.el.div(
            rx.el.p(row.name, class_name="truncate text-base font-medium"),
            rx.el.p(row.until, class_name="text-sm text-muted tabular"),
            class_name="min-w-0 flex-1 basis-40",
        ),
        button(
            t("Take it back"),
            kind="secondary",
            size="sm",
            aria_label=t("Take back the seat of {name}", name=row.name),
            on_click=SessionState.take_back(row.seat_id),
        ),
        key=row.seat_id,
        class_name="flex flex-wrap items-center gap-3",
    )


def _name(name: rx.Var[str]) -> rx.Component:
    return rx.el.li(name, class_name="rounded-full bg-sunken px-3 py-1 text-sm")


def people_card() -> rx.Component:
    """Nothing for a session of two people."""
    shown: Any = session
    people = rx.el.ul(rx.foreach(shown.people, _person), class_name="flex flex-col")
    names = rx.cond(
        shown.companions.length() > 0,
        rx.el.ul(rx.foreach(shown.companions, _name), class_name="flex flex-wrap gap-2"),
        rx.fragment(),
    )
    somebody = (shown.people.length() > 0) | (shown.kept_seats.length() > 0)
    said = (shown.others != "") | (shown.waiting != "") | (shown.minimum != "")
    return rx.cond(
        shown.group & (somebody | said | (shown.companions.length() > 0)),
        rx.fragment(
            titled(
                t("Who comes"),
                rx.cond(shown.people.length() > 0, people, names),
                rx.cond(
                    shown.others,
                    rx.el.p(shown.others, class_name="mt-2 text-base text-muted"),
                    rx.fragment(),
                ),
                rx.cond(
                    shown.kept_seats.length() > 0,
                    rx.el.ul(
                        rx.foreach(shown.kept_seats, _kept),
                        class_name="mt-4 flex flex-col gap-4 rounded-control bg-accent-soft p-4",
                    ),
                    rx.fragment(),
                ),
                rx.cond(
                    shown.waiting,
                    rx.el.p(
                        shown.waiting,
                        " ",
                        rx.el.a(
                            t("See the line"),
                            href="/waitlist",
                            class_name="font-medium text-brand-ink underline underline-offset-4",
                        ),
                        class_name="mt-3 text-sm",
                    ),
                    rx.fragment(),
                ),
                rx.cond(
                    shown.minimum,
                    rx.el.p(shown.minimum, class_name="mt-3 text-sm text-muted"),
                    rx.fragment(),
                ),
            ),
            _missed(),
        ),
        rx.fragment(),
    )


def _missed() -> rx.Component:
    return dialog(
        t("Did they not come?"),
        text=t(
            "They are told. What was paid is yours, a fee that is held on their card is taken, and"
            " nothing else is asked for."
        ),
        actions=(
            dialog_close(button(t("Back"), kind="secondary")),
            button(t("They did not come"), kind="danger", on_click=SessionState.miss),
        ),
        opened=SessionState.missed_seat > 0,
        on_open_change=SessionState.ask_missing,
        alert=True,
    )
