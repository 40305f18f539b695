"""The list of conversations: what to show of it, what was found, and what to do with a row."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import Hit, Piece
from loom_app.ui.chat.card import row, shown
from loom_app.ui.chat.find_state import WORDS_MAX, FindState
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.start import new_message
from loom_app.ui.design.badge import chip
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import search_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.text import t

_ITEM = (
    "flex min-h-11 w-full items-center gap-3 rounded-control px-3 text-base text-ink hover:bg-hover"
)
chosen = InboxState.chosen


def piece(one: rx.Var[Piece]) -> rx.Component:
    return rx.cond(
        one.hit,
        rx.el.mark(one.text, class_name="rounded-sm bg-accent-soft text-accent-ink"),
        rx.el.span(one.text),
    )


def _filters() -> rx.Component:
    kinds = (("unread", t("Unread")), ("files", t("With files")), ("archived", t("Archived")))
    return rx.el.div(
        *(
            chip(words, chosen=InboxState.show == kind, on_click=InboxState.filter(kind))
            for kind, words in kinds
        ),
        role="group",
        aria_label=t("Show"),
        class_name="flex gap-2 overflow-x-auto px-3 pb-2 [scrollbar-width:none]",
    )


def _search() -> rx.Component:
    return search_field(
        t("Search messages and people"),
        placeholder=t("Search"),
        max_length=WORDS_MAX,
        default_value=FindState.words,
        on_change=FindState.find.debounce(200),
        key=FindState.turn,
        auto_complete="off",
        class_name="mx-3 mb-2",
    )


@rx.memo
def found_message(rest: rx.RestProp, *, hit: rx.Var[Hit]) -> rx.Component:
    """Leads to the message, in its conversation."""
    return rx.el.li(
        rx.el.a(
            rx.el.span(
                rx.el.span(hit.where, class_name="truncate text-sm font-medium"),
                rx.el.span(hit.time, class_name="ml-auto shrink-0 text-xs text-muted tabular"),
                class_name="flex items-baseline gap-2",
            ),
            rx.el.span(
                rx.el.span(hit.who, ": "),
                rx.foreach(hit.pieces, piece),
                dir="auto",
                class_name="line-clamp-2 text-sm text-muted",
            ),
            href=f"/messages/{hit.conversation_id}?at={hit.number}",
            on_click=FindState.go(hit.conversation_id, hit.number),
            class_name="flex min-h-11 flex-col gap-0.5 rounded-control px-3 py-2 hover:bg-hover",
        ),
        rest,
    )


def _part(title: str, *children: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="px-3 pb-1 pt-3 text-xs font-semibold text-muted"),
        rx.el.ul(*children, class_name="flex flex-col gap-0.5"),
    )


def _found() -> rx.Component:
    nothing = empty_state(
        "search-x",
        t("Nothing found"),
        button(t("Clear the search"), kind="secondary", on_click=FindState.clear),
        detail=t("Try a name, or another word of the message."),
    )
    people = _part(t("Conversations"), rx.foreach(FindState.cards, row))
    messages = _part(
        t("Messages"), rx.foreach(FindState.hits, lambda hit: found_message(hit=hit, key=hit.id))
    )
    more = rx.el.p(
        t("There are more. Type another word to narrow it down."),
        class_name="px-3 py-2 text-sm text-muted",
    )
    return rx.cond(
        (FindState.cards.length() > 0) | (FindState.hits.length() > 0),
        rx.fragment(
            rx.cond(FindState.cards.length() > 0, people, rx.fragment()),
            rx.cond(FindState.hits.length() > 0, messages, rx.fragment()),
            rx.cond(FindState.more, more, rx.fragment()),
        ),
        nothing,
    )


def _nothing() -> rx.Component:
    everything = button(t("Show all messages"), kind="secondary", on_click=InboxState.filter("all"))
    return rx.match(
        InboxState.show,
        ("unread", empty_state("mail-check", t("You have read everything"), everything)),
        ("archived", empty_state("archive", t("Nothing is archived"), everything)),
        ("files", empty_state("paperclip", t("No files were shared yet"), everything)),
        empty_state(
            "message-circle",
            t("No messages yet"),
            link_button(t("Find a coach"), "/coaches"),
            detail=t(
                "Ask a coach a question, or book a session: the conversation opens by itself."
            ),
        ),
    )


def _list() -> rx.Component:
    more = rx.cond(
        InboxState.has_more,
        button(t("Show more"), kind="ghost", on_click=InboxState.load_more, class_name="w-full"),
        rx.fragment(),
    )
    rows = rx.el.ul(rx.foreach(shown(), row), class_name="flex flex-col gap-0.5")
    return rx.cond(shown().length() > 0, rx.fragment(rows, more), _nothing())


def _action(icon_name: str, words: Any, event: Any) -> rx.Component:
    return rx.el.button(icon(icon_name, 20), words, type="button", on_click=event, class_name=_ITEM)


def _menu() -> rx.Component:
    """What to do with the chosen row: the same dialog for all, from below on a phone."""
    one = chosen.id
    unread = (chosen.unread > 0) | chosen.marked
    return dialog(
        chosen.name,
        rx.el.div(
            rx.cond(
                unread,
                _action("mail-open", t("Mark as read"), InboxState.mark_unread(one, False)),
                _action("mail", t("Mark as unread"), InboxState.mark_unread(one, True)),
            ),
            rx.cond(
                chosen.pinned,
                _action("pin-off", t("Unpin"), InboxState.pin(one, False)),
                _action("pin", t("Pin to the top"), InboxState.pin(one, True)),
            ),
            rx.cond(
                chosen.archived,
                _action("archive-restore", t("Back to the list"), InboxState.archive(one, False)),
                _action("archive", t("Archive"), InboxState.archive(one, True)),
            ),
            rx.cond(
                chosen.muted,
                _action("bell", t("Unmute"), InboxState.mute(one, "off")),
                rx.fragment(
                    _action("bell-off", t("Mute for an hour"), InboxState.mute(one, "hour")),
                    _action("bell-off", t("Mute until tomorrow"), InboxState.mute(one, "tomorrow")),
                    _action("bell-off", t("Mute for good"), InboxState.mute(one, "always")),
                ),
            ),
            class_name="-mx-3 mt-3 flex flex-col",
        ),
        opened=InboxState.choosing,
        on_open_change=InboxState.close_menu,
    )


def inbox() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t("Messages"), class_name="text-xl font-semibold"),
            new_message(),
            class_name="flex h-16 shrink-0 items-center justify-between px-3",
        ),
        rx.el.div(_search(), _filters(), class_name="shrink-0"),
        rx.el.nav(
            rx.cond(
                InboxState.loaded,
                rx.cond(FindState.words != "", _found(), _list()),
                skeleton_rows(6),
            ),
            aria_label=t("Conversations"),
            class_name="flex-1 overflow-y-auto px-2 pb-4",
        ),
        _menu(),
        class_name="flex h-full flex-col",
    )
