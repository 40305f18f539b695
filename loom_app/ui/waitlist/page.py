"""`/waitlist`: a time that is kept for you, what you wait for, and who waits for you."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.countdown import countdown
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.sessions.page import views
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t
from loom_app.ui.waitlist.rows import LineRow, WaitRow
from loom_app.ui.waitlist.state import WaitlistState

_ROW = "flex flex-col gap-3 py-4 first:pt-0 last:pb-0 sm:flex-row sm:items-center"


def _who(row: Any, name: Any, *lines: Any) -> rx.Component:
    return rx.el.div(
        avatar(row.initials, row.hue, row.avatar_url, size="md"),
        rx.el.div(
            rx.el.p(name, class_name="truncate text-base font-medium"),
            *(rx.el.p(line, class_name="text-sm text-muted tabular") for line in lines),
            class_name="min-w-0 flex-1",
        ),
        class_name="flex min-w-0 flex-1 items-center gap-3",
    )


def _offer() -> rx.Component:
    row: Any = WaitlistState.offer
    return card(
        _who(row, row.title, row.when, row.coach),
        countdown(
            t("We keep this time for you for"),
            row.seconds,
            name="offer-left",
            on_end=WaitlistState.over,
        ),
        rx.el.div(
            button(t("Book this time"), on_click=WaitlistState.take(row.id)),
            button(t("Let it go"), kind="secondary", on_click=WaitlistState.decline(row.id)),
            class_name="flex flex-col gap-3 sm:flex-row",
        ),
        class_name="flex flex-col gap-4 p-5",
    )


def _wait(item: rx.Var[WaitRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        _who(
            row,
            row.title,
            rx.el.span(
                rx.el.span(row.wish, class_name="block"), rx.el.span(row.coach, class_name="block")
            ),
            row.note,
        ),
        rx.el.div(
            badge(row.place, "brand"),
            link_button(t("See times"), row.href, kind="ghost", size="sm"),
            button(
                t("Stop waiting"),
                kind="ghost",
                size="sm",
                on_click=WaitlistState.leave(row.id),
                aria_label=t("Stop waiting for {what}", what=row.title),
            ),
            class_name="flex flex-wrap items-center gap-2",
        ),
        key=row.id,
        class_name=_ROW,
    )


def _line(item: rx.Var[LineRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.span(row.number, class_name="w-6 shrink-0 text-base text-muted tabular"),
        _who(row, row.name, row.wish, row.since),
        rx.cond(row.offered, badge(row.offered, "warn"), rx.fragment()),
        key=row.id,
        class_name=f"{_ROW} max-sm:flex-row max-sm:flex-wrap max-sm:items-center",
    )


def _part(title: Any, words: Any, rows: rx.Component) -> rx.Component:
    return card(
        rx.el.h2(title, class_name="text-lg font-semibold"),
        rx.el.p(words, class_name="mt-1 text-sm text-muted"),
        rx.el.ol(rows, class_name="mt-4 divide-y divide-line"),
        class_name="p-5",
    )


def _whole() -> rx.Component:
    none = empty_state(
        "hourglass",
        t("You wait for nothing"),
        link_button(t("Find a coach"), "/coaches", kind="secondary"),
        detail=t("Where a group, a day or a coach is full, you can wait for a time."),
    )
    return rx.el.div(
        rx.el.div(
            rx.cond(WaitlistState.offer.id, _offer(), rx.fragment()),
            aria_live="polite",
            class_name="flex flex-col gap-4 empty:hidden",
        ),
        rx.cond(
            WaitlistState.waits,
            _part(
                t("What you wait for"),
                t("When a time is free, the first in line has half an hour to book it."),
                rx.foreach(WaitlistState.waits, _wait),
            ),
            rx.fragment(),
        ),
        rx.cond(
            WaitlistState.line,
            _part(
                t("Who waits for you"),
                t("What becomes free is offered in this order, to whom it fits."),
                rx.foreach(WaitlistState.line, _line),
            ),
            rx.fragment(),
        ),
        rx.cond(
            (WaitlistState.waits.length() + WaitlistState.line.length() > 0)
            | (WaitlistState.offer.id > 0),
            rx.fragment(),
            rx.cond(
                WaitlistState.coaching,
                empty_state(
                    "hourglass",
                    t("Nobody waits"),
                    detail=t("Who waits for a seat, a day or any time of yours stands here."),
                ),
                none,
            ),
        ),
        class_name="mt-5 flex flex-col gap-4",
    )


def waitlist_page() -> rx.Component:
    return app_frame(
        page_heading(t("Sessions"), "\u00a0"),
        views("waitlist"),
        rx.cond(WaitlistState.loaded, _whole(), rx.el.div(skeleton_rows(3), class_name="mt-5")),
        place="sessions",
    )
