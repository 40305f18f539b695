"""`/sessions/<id>`: when, who, where, what about, what it costs, and what happened."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.countdown import Countdown
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.safety.parts import safety_choices, safety_dialogs
from loom_app.ui.sessions.cancelling import cancel_dialog
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.group import people_card
from loom_app.ui.sessions.missing import missing_dialog
from loom_app.ui.sessions.money import money, payment, titled
from loom_app.ui.sessions.rating import rating_card
from loom_app.ui.sessions.rows import Said
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t

session = SessionState.session


def _line(icon_name: str, words: Any, more: Any = "") -> rx.Component:
    return rx.el.div(
        icon(icon_name, 20, class_name="mt-0.5 text-muted"),
        rx.el.div(
            rx.el.p(words, class_name="text-base"),
            rx.cond(more, rx.el.p(more, class_name="text-sm text-muted"), rx.fragment()),
            class_name="min-w-0",
        ),
        class_name="flex gap-3",
    )


def _place() -> rx.Component:
    shown: Any = session
    return rx.match(
        shown.place_key,
        ("video", rx.fragment(_line("video", shown.place, shown.opens), _door())),
        ("phone", _line("phone", shown.place)),
        rx.fragment(
            _line("map-pin", rx.cond(shown.where, shown.where, shown.place), shown.directions),
            rx.cond(shown.there, _line("clock", shown.there), rx.fragment()),
        ),
    )


def join_button(href: Any, **props: Any) -> rx.Component:
    """A whole new page: only the room's own address may frame the video host."""
    whole = {"reloadDocument": True}
    return link_button(t("Join"), href, icon_name="video", custom_attrs=whole, **props)


def _door() -> rx.Component:
    """Reads the page again when the room opens; draws nothing."""
    return rx.cond(
        session.opens_in > 0,
        Countdown.create(
            id="door", seconds=session.opens_in, on_end=SessionState.load, class_name="hidden"
        ),
        rx.fragment(),
    )


def _head() -> rx.Component:
    shown: Any = session
    return card(
        rx.el.div(
            avatar(shown.initials, shown.hue, shown.avatar_url, size="lg"),
            rx.el.div(
                rx.el.p(shown.role, class_name="text-sm text-muted"),
                rx.el.p(shown.other, class_name="truncate text-lg font-semibold"),
                class_name="min-w-0 flex-1 basis-24",
            ),
            rx.el.span(badge(shown.status, shown.tone)),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2",
        ),
        rx.el.div(
            _line("calendar-days", shown.when, shown.when_other),
            rx.cond(shown.series, _line("repeat", shown.series), rx.fragment()),
            _place(),
            class_name="mt-5 flex flex-col gap-4 border-t border-line pt-5",
        ),
        rx.cond(
            shown.cancelled,
            rx.el.div(
                rx.el.p(shown.cancelled, class_name="text-base font-medium"),
                rx.cond(
                    shown.reason,
                    rx.el.p("“", shown.reason, "”", class_name="text-base text-muted"),
                    rx.fragment(),
                ),
                class_name="mt-5 rounded-control bg-sunken p-4",
            ),
            rx.fragment(),
        ),
        rx.cond(shown.kept, _kept(), rx.fragment()),
        rx.el.div(
            rx.cond(shown.join_href, join_button(shown.join_href), rx.fragment()),
            rx.cond(
                shown.other_id > 0,
                button(
                    t("Write a message"),
                    kind="secondary",
                    icon_name="message-circle",
                    on_click=SessionState.write,
                ),
                rx.fragment(),
            ),
            rx.cond(
                shown.calendar_href,
                _calendars(),
                rx.fragment(),
            ),
            rx.cond(
                shown.move_href,
                link_button(
                    t("Move session"),
                    shown.move_href,
                    kind="secondary",
                    icon_name="calendar-clock",
                ),
                rx.fragment(),
            ),
            rx.cond(
                shown.again_href,
                link_button(
                    t("Book another time"),
                    shown.again_href,
                    kind="secondary",
                    icon_name="calendar-plus",
                ),
                rx.fragment(),
            ),
            rx.cond(shown.can_cancel, cancel_dialog(), rx.fragment()),
            rx.cond(shown.absent_text.length() > 0, missing_dialog(), rx.fragment()),
            class_name="mt-6 flex flex-col gap-3 sm:flex-row sm:flex-wrap",
        ),
    )


def _kept() -> rx.Component:
    """What was booked for the client, and is not paid yet."""
    shown: Any = session
    drop = SessionState.drop_kept
    return rx.el.div(
        rx.el.p(shown.kept, class_name="text-base font-medium"),
        rx.cond(
            SessionState.coaching,
            button(t("Take it back"), kind="secondary", on_click=drop),
            rx.el.div(
                button(t("Book this time"), on_click=SessionState.take_kept),
                button(t("No, thank you"), kind="secondary", on_click=drop),
                class_name="flex flex-col gap-3 sm:flex-row",
            ),
        ),
        class_name="mt-5 flex flex-col items-start gap-3 rounded-control bg-accent-soft p-4",
    )


def _calendar(item: rx.Var[Said]) -> rx.Component:
    one: Any = item
    return link_button(
        one.what,
        one.words,
        kind="secondary",
        icon_name="external-link",
        target="_blank",
        rel="noreferrer",
    )


def _calendars() -> rx.Component:
    shown: Any = session
    return dialog(
        t("Add to calendar"),
        rx.el.div(
            rx.foreach(shown.calendar_links, _calendar),
            link_button(
                t("Apple, Thunderbird and others: a file"),
                shown.calendar_href,
                kind="secondary",
                icon_name="download",
                custom_attrs={"reloadDocument": True, "download": True},
            ),
            class_name="mt-5 flex flex-col gap-3",
        ),
        text=rx.el.span(
            t("For all sessions at once, subscribe in the "),
            rx.el.a(t("settings"), href="/settings", class_name="underline underline-offset-4"),
            ".",
        ),
        trigger=button(t("Add to calendar"), kind="secondary", icon_name="calendar-plus"),
    )


def _said(item: rx.Var[Said]) -> rx.Component:
    said: Any = item
    return rx.el.div(
        rx.el.dt(said.what, class_name="text-sm text-muted"),
        rx.el.dd(said.words, class_name="whitespace-pre-line text-base"),
        class_name="flex flex-col gap-0.5",
    )


def _about() -> rx.Component:
    shown: Any = session
    return titled(
        t("What it is about"),
        rx.cond(
            shown.agenda,
            rx.el.p(shown.agenda, class_name="whitespace-pre-line text-base"),
            rx.el.p(t("No agenda was written."), class_name="text-base text-muted"),
        ),
        rx.cond(
            shown.answers.length() > 0,
            rx.el.dl(
                rx.foreach(shown.answers, _said),
                class_name="mt-4 flex flex-col gap-4 border-t border-line pt-4",
            ),
            rx.fragment(),
        ),
    )


def _history() -> rx.Component:
    shown: Any = session
    return titled(
        t("History"),
        rx.el.dl(rx.foreach(shown.history, _said), class_name="flex flex-col gap-3"),
    )


def _ghost() -> rx.Component:
    return loading(
        bone("h-72 rounded-card"), bone("h-40 rounded-card"), class_name="flex flex-col gap-4"
    )


def _back() -> rx.Component:
    return rx.el.a(
        icon("arrow-left", 18),
        t("All sessions"),
        href="/sessions",
        class_name=(
            "inline-flex h-11 items-center gap-2 rounded-control text-sm font-medium text-muted "
            "hover:text-ink"
        ),
    )


def _safety() -> rx.Component:
    shown: Any = session
    return rx.fragment(
        rx.cond(shown.other_id > 0, safety_choices(shown.other_id, shown.other), rx.fragment()),
        safety_dialogs(),
    )


def _whole() -> rx.Component:
    shown: Any = session
    return rx.el.div(
        rx.el.h1(session.title, class_name="text-2xl font-semibold"),
        rx.el.div(
            rx.el.div(
                _head(),
                people_card(),
                rating_card(),
                rx.cond(shown.people.length() > 0, rx.fragment(), _about()),
                class_name="flex min-w-0 flex-col gap-4",
            ),
            rx.el.div(
                rx.cond(shown.price, rx.fragment(payment(), money()), rx.fragment()),
                _history(),
                _safety(),
                class_name="flex flex-col gap-4",
            ),
            class_name="grid gap-4 lg:grid-cols-[1fr_20rem] lg:items-start",
        ),
        class_name="flex flex-col gap-5",
    )


def session_page() -> rx.Component:
    missing = message_page(
        "calendar-x",
        t("This session is not here"),
        t("It may belong to somebody else, or the address is not complete."),
        action=link_button(t("All your sessions"), "/sessions"),
    )
    return app_frame(
        _back(),
        rx.match(SessionState.phase, ("here", _whole()), ("missing", missing), _ghost()),
        leave_for(SessionState.leave_to),
        place="sessions",
    )
