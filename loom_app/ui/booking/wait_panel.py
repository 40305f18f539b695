"""The panel below the times: what is full, and the way into the line."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.waiting import FullRow, WaitingState
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import select_control
from loom_app.ui.text import t
from loom_app.ui.waitlist.rows import WaitRow

_LINE = "flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3"


def _way(words: Any, label: Any, handler: Any) -> rx.Component:
    """What is full, and for who is signed in the button to wait for it."""
    return rx.el.li(
        rx.el.span(words, class_name="text-base tabular"),
        rx.cond(
            WaitingState.signed_in,
            button(label, kind="secondary", size="sm", on_click=handler),
            rx.fragment(),
        ),
        class_name=_LINE,
    )


def _group(item: rx.Var[FullRow]) -> rx.Component:
    row: Any = item
    return _way(
        t("{time}: every seat is taken", time=row.label),
        t("Wait for a seat at {time}", time=row.label),
        WaitingState.wait_for_seat(row.instant),
    )


def _taken(control_id: str) -> rx.Component:
    """One of the times of the day that somebody else has."""
    state: Any = WaitingState
    return rx.el.li(
        rx.el.label(t("A time that is taken"), html_for=control_id, class_name="text-base"),
        rx.cond(
            state.signed_in,
            rx.el.span(
                select_control(
                    state.taken,
                    "h-11 md:h-9 py-0 tabular",
                    "w-28",
                    value=state.wanted,
                    on_change=state.want,
                    custom_attrs={"id": control_id},
                ),
                button(
                    t("Wait for this time"),
                    kind="secondary",
                    size="sm",
                    on_click=state.wait_for_time,
                ),
                class_name="flex flex-wrap items-center gap-2",
            ),
            rx.fragment(),
        ),
        class_name=_LINE,
    )


def _mine(item: rx.Var[WaitRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.span(t("You wait: {wish}", wish=row.wish), class_name="text-base tabular"),
        rx.el.span(
            badge(row.place, "brand"),
            button(t("Stop waiting"), kind="ghost", size="sm", on_click=WaitingState.leave(row.id)),
            class_name="flex items-center gap-2",
        ),
        key=row.id,
        class_name=_LINE,
    )


def _lines(control_id: str) -> rx.Component:
    return rx.fragment(
        rx.cond(
            WaitingState.offered,
            link_button(
                t("A time is kept for you"),
                "/waitlist",
                icon_after="arrow-right",
                class_name="mt-3",
            ),
            rx.fragment(),
        ),
        rx.el.ul(
            rx.foreach(WaitingState.mine, _mine),
            rx.foreach(WaitingState.groups, _group),
            rx.cond(WaitingState.taken.length() > 0, _taken(control_id), rx.fragment()),
            rx.cond(
                WaitingState.day,
                _way(
                    t("{day}: every time is taken", day=WaitingState.day_label),
                    t("Wait for this day"),
                    WaitingState.wait_for_day,
                ),
                rx.fragment(),
            ),
            rx.cond(
                WaitingState.any_time,
                _way(
                    t("Nothing is free for now"),
                    t("Wait for any time"),
                    WaitingState.wait_for_any,
                ),
                rx.fragment(),
            ),
            class_name="mt-2 divide-y divide-line",
        ),
        rx.cond(
            WaitingState.signed_in,
            rx.fragment(),
            link_button(t("Sign in to wait"), WaitingState.sign_in_href, kind="secondary"),
        ),
    )


def _sheet(how: str) -> rx.Component:
    """On a phone the times have the screen, and the waitlist is a line below them."""
    words = rx.cond(
        WaitingState.offered,
        t("A time is kept for you"),
        rx.cond(WaitingState.mine.length() > 0, t("You are in line"), t("Wait for a taken time")),
    )
    return dialog(
        t("Waitlist"),
        _lines("taken-time-below"),
        text=how,
        trigger=button(
            words, kind="ghost", icon_name="hourglass", class_name="self-center md:hidden"
        ),
    )


def wait_panel() -> rx.Component:
    """Nothing while there is nothing to wait for."""
    how = t("When a time is free, the first in line has half an hour to book it.")
    times: Any = TimesState.times
    return rx.cond(
        WaitingState.shown,
        rx.fragment(
            card(
                rx.el.h2(t("Waitlist"), class_name="text-base font-semibold"),
                rx.el.p(how, class_name="mt-1 text-sm text-muted"),
                _lines("taken-time"),
                class_name=rx.cond(times, "p-4 md:p-5 max-md:hidden", "p-4 md:p-5"),
            ),
            rx.cond(times, _sheet(how), rx.fragment()),
        ),
        rx.fragment(),
    )
