"""What somebody keeps, and the editor of one thing of it: rows that lead there, a shelf for what is
put aside, the way back."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.show_wrong import ShowWrong
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, card_link, section
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t


def back_link(words: Any, href: Any, **props: Any) -> rx.Component:
    """The way up, above the heading."""
    return rx.el.a(
        icon("arrow-left", 18),
        words,
        href=href,
        class_name=(
            "inline-flex h-11 items-center gap-2 rounded-control text-sm font-medium text-muted "
            "hover:text-ink"
        ),
        **props,
    )


def said(name: Any, *lines: Any) -> rx.Component:
    """What a row is about: its name, and quieter lines below."""
    return rx.el.div(
        rx.el.p(name, class_name="truncate text-base font-medium"),
        *(rx.el.p(line, class_name="text-sm text-muted") for line in lines),
        class_name="min-w-0 flex-1",
    )


def row_link(facts: rx.Component, *end: rx.Component, href: Any, key: Any) -> rx.Component:
    """A row that leads to its editor as a whole."""
    return rx.el.li(
        card_link(
            facts,
            *end,
            icon("chevron-right", 20, class_name="text-muted"),
            href=href,
            class_name="flex items-center gap-4 p-4 md:px-5",
        ),
        key=key,
    )


def row_list(rows: Any, row: Any, nothing: rx.Component) -> rx.Component:
    """The rows, or what to do where there are none."""
    return rx.cond(
        rows.length() > 0,
        rx.el.ul(rx.foreach(rows, row), class_name="flex flex-col gap-3"),
        nothing,
    )


def archived(rows: Any, row: Any, note: Any) -> rx.Component:
    """What is put aside; nothing where there is none."""
    return rx.cond(
        rows.length() > 0,
        section(
            t("Archived"),
            card(rx.el.ul(rx.foreach(rows, row), class_name="divide-y divide-line -my-2")),
            note=note,
        ),
        rx.fragment(),
    )


def archived_row(facts: rx.Component, restore: Any, key: Any) -> rx.Component:
    return rx.el.li(
        facts,
        button(t("Bring back"), kind="secondary", size="sm", on_click=restore),
        key=key,
        class_name="flex items-center gap-4 py-3",
    )


def archiving(title: Any, text: Any, archive: Any, *, opened: Any, ask: Any) -> rx.Component:
    """The button, and the question before it."""
    return dialog(
        title,
        text=text,
        trigger=button(t("Archive"), kind="ghost", class_name="text-bad"),
        actions=(
            dialog_close(button(t("Keep it"), kind="secondary")),
            button(t("Archive"), kind="danger", on_click=archive),
        ),
        opened=opened,
        on_open_change=ask,
        alert=True,
    )


def editor_end(
    words: Any, back: str, *end: rx.Component, busy: Any, errors: Any, **save: Any
) -> rx.Component:
    """The last line of an editor: save, go back without, and what else there is. Where `errors` are
    left after saving, the first field that is wrong comes into sight."""
    return rx.el.div(
        ShowWrong.create(errors=errors, busy=busy, class_name="hidden"),
        button(words, type="submit", busy=busy, **save),
        link_button(t("Back without saving"), back, kind="ghost"),
        rx.el.div(class_name="flex-1"),
        *end,
        class_name="flex flex-wrap gap-3",
    )
