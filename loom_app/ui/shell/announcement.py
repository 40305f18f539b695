"""One line above every page: what the platform says to everybody, until it is put away."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import icon_button
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.text import t

_LINE = "flex items-center gap-3 px-4 py-1 text-sm min-h-11 md:px-8"
_LOOKS = {
    "info": ("bg-info-soft text-info", "info"),
    "good": ("bg-good-soft text-good", "party-popper"),
    "warn": ("bg-warn-soft text-warn", "triangle-alert"),
}


def _line(kind: str) -> rx.Component:
    looks, icon_name = _LOOKS[kind]
    words: Any = NoticeState.text
    return rx.el.div(
        icon(icon_name, 18, class_name="shrink-0"),
        rx.el.p(words, class_name="min-w-0 flex-1 break-words", dir="auto"),
        rx.cond(
            NoticeState.dismissible,
            icon_button("x", t("Put away"), on_click=NoticeState.dismiss),
            rx.fragment(),
        ),
        class_name=f"{_LINE} {looks}",
    )


def announcement() -> rx.Component:
    """Read out when it comes while a page is open."""
    shown = (NoticeState.text != "") & (
        (NoticeState.put_away != NoticeState.mark) | ~NoticeState.dismissible
    )
    words = rx.match(NoticeState.kind, *((kind, _line(kind)) for kind in _LOOKS), _line("info"))
    inside = rx.el.p(
        icon("construction", 18, class_name="shrink-0"),
        t("Closed for maintenance. You are let in; most people are not."),
        class_name=f"{_LINE} bg-warn-soft text-warn",
    )
    return rx.el.div(
        rx.cond(NoticeState.inside, inside, rx.fragment()),
        rx.cond(shown, words, rx.fragment()),
        role="status",
        class_name="empty:hidden",
    )
