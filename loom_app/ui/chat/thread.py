"""The open conversation: who it is with, what was said, and the line to write on."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import MessageView
from loom_app.ui.chat.attach import file_helpers
from loom_app.ui.chat.card import group_face
from loom_app.ui.chat.composer import composer
from loom_app.ui.chat.message import bubble, card_as_of, status_of, waiting
from loom_app.ui.chat.message_menu import message_menu
from loom_app.ui.chat.message_state import MessageState
from loom_app.ui.chat.panel import panel_button
from loom_app.ui.chat.search import search_button, thread_search
from loom_app.ui.chat.state import ChatState
from loom_app.ui.chat.typing import typing_line
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.browser import window
from loom_app.ui.design.browser.attention import Attention
from loom_app.ui.design.browser.in_view import InView
from loom_app.ui.design.browser.outbox import Outbox, unsent
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.session import Viewer
from loom_app.ui.shell.push import push_offer
from loom_app.ui.text import t, tn

thread = ChatState.thread
_FLOATING = (
    "pointer-events-auto flex h-11 items-center gap-2 rounded-full border border-line bg-surface "
    "px-4 text-sm font-medium shadow-float hover:bg-hover"
)


def _head() -> rx.Component:
    dot = rx.match(
        ChatState.here,
        ("online", "bg-good"),
        ("away", "bg-warn"),
        ("offline", "bg-edge"),
        "hidden",  # where one may not know
    )
    return rx.el.header(
        rx.el.a(
            icon("arrow-left", 20),
            rx.el.span(t("All messages"), class_name="sr-only"),
            href="/messages",
            class_name=(
                "flex size-11 items-center justify-center rounded-control hover:bg-hover lg:hidden"
            ),
        ),
        rx.cond(
            thread.kind == "pair",
            avatar(thread.initials, thread.hue, thread.avatar_url, size="sm"),
            group_face(thread.hue, "size-9"),
        ),
        rx.el.div(
            rx.el.h1(thread.name, class_name="truncate text-base font-semibold"),
            rx.cond(
                thread.kind == "pair",
                rx.el.p(
                    rx.el.span(class_name=rx.Var.create("size-2 rounded-full ") + dot.to(str)),
                    rx.el.span(ChatState.here_words),
                    class_name="flex items-center gap-1.5 text-xs text-muted",
                    aria_live="polite",
                ),
                rx.el.p(
                    tn("{n} person", "{n} people", thread.people), class_name="text-xs text-muted"
                ),
            ),
            class_name="min-w-0 flex-1",
        ),
        search_button(),
        panel_button(),
        class_name="flex h-16 shrink-0 items-center gap-3 border-b border-line px-2 md:px-4",
    )


def _row(rows: Any, message: Any, index: Any) -> rx.Component:
    return bubble(
        message=message,
        day=window.day_of(rows, index),
        lead=window.leads(rows, index),
        news=window.begins_at(rows, index, thread.first_unread),
        status=status_of(message),
        as_of=card_as_of(message),
        key=message.id,
        id="m" + message.number.to_string(),
    )


def _further(name: str, load: Any) -> rx.Component:
    """Loads what lies beyond an end of the window as soon as that end comes near."""
    return rx.el.li(
        InView.create(bone("h-8 w-40 mx-auto"), id=name, on_in_view=load),
        key=name + window.held("first", int).to_string() + window.held("last", int).to_string(),
        class_name="list-none py-2",
    )


def _seen_by() -> rx.Component:
    """In a group: who has read the newest message."""
    names = window.readers_of_last(ChatState.readers)
    return rx.cond(
        names != "",
        rx.el.li(
            icon("eye", 14),
            rx.el.span(t("Seen by {names}", names=names), class_name="truncate"),
            class_name="mt-1 flex list-none items-center justify-end gap-1 text-xs text-muted",
        ),
        rx.fragment(),
    )


def _messages() -> rx.Component:
    """Newest at the bottom, and staying there, by a reversed column: no script scrolls."""
    rows = window.held("rows", list[MessageView])
    first, last = window.held("first", int), window.held("last", int)
    return rx.el.div(
        rx.el.ol(
            rx.cond(
                window.held("start", bool) | (first == 0),
                rx.fragment(),
                _further("older", ChatState.load_older(first)),
            ),
            rx.foreach(rows, lambda message, index: _row(rows, message, index)),
            rx.cond(
                window.held("end", bool),
                rx.fragment(
                    _seen_by(),
                    rx.foreach(unsent(ChatState.conversation_id, rows), waiting),
                    rx.cond(
                        ChatState.held != "",
                        rx.el.li(
                            ChatState.held,
                            class_name="mt-1 list-none self-end text-sm text-muted",
                            role="status",
                        ),
                        rx.fragment(),
                    ),
                ),
                _further("newer", ChatState.load_newer(last)),
            ),
            class_name="mx-auto flex w-full max-w-[46rem] flex-col px-3 pb-4 pt-4 md:px-6",
            aria_label=t("Messages"),
        ),
        id="thread-scroll",
        class_name=("flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain"),
        role="log",
        aria_live="polite",
        tab_index=0,
    )


def _to_newest() -> rx.Component:
    """The way back from the past."""
    fresh = window.held("fresh", int)
    return rx.cond(
        window.held("end", bool),
        rx.fragment(),
        rx.el.div(
            rx.el.button(
                icon("arrow-down", 16),
                rx.cond(fresh > 0, tn("{n} new message", "{n} new messages", fresh), t("Newest")),
                type="button",
                on_click=ChatState.jump_to_newest,
                class_name=_FLOATING,
            ),
            class_name="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center",
        ),
    )


def _to_unread() -> rx.Component:
    """To where one stopped reading, when that lies above what is loaded."""
    above = (thread.first_unread > 0) & (window.held("first", int) > thread.first_unread)
    return rx.cond(
        above,
        rx.el.div(
            rx.el.button(
                icon("arrow-up", 16),
                t("First unread"),
                type="button",
                on_click=ChatState.jump(thread.first_unread),
                class_name=_FLOATING,
            ),
            class_name="pointer-events-none absolute inset-x-0 top-3 z-10 flex justify-center",
        ),
        rx.fragment(),
    )


def carrier() -> rx.Component:
    """Brings messages on their way; also where no thread is open, for they wait for a network."""
    return Outbox.create(
        person=Viewer.me.id,
        settled=ChatState.settled,
        refused=ChatState.refused,
        opened=ChatState.opened,
        early=ChatState.early,
        on_send=ChatState.send.temporal,
        on_edit=MessageState.edit.temporal,
        hidden=True,
    )


def helpers() -> rx.Component:
    """What runs beside the thread: messages on their way, and whether somebody looks."""
    return rx.fragment(
        window.Window.create(
            feed=ChatState.feed, page=ChatState.page, on_gap=ChatState.catch_up, hidden=True
        ),
        carrier(),
        Attention.create(
            ready=ChatState.status == "ready",
            opened=ChatState.opened,
            on_change=ChatState.look,
            on_leave=ChatState.close,
            hidden=True,
        ),
        file_helpers(),
    )


def _loading() -> rx.Component:
    rows = [
        bone("h-10 w-2/3 rounded-2xl self-start"),
        bone("h-16 w-1/2 rounded-2xl self-end"),
        bone("h-10 w-1/3 rounded-2xl self-start"),
        bone("h-10 w-1/2 rounded-2xl self-end"),
    ]
    return loading(*rows, class_name="mx-auto flex w-full max-w-[46rem] flex-col gap-3 p-6")


def open_thread() -> rx.Component:
    ready = rx.fragment(
        _head(),
        thread_search(),
        rx.el.div(
            _to_unread(),
            _messages(),
            _to_newest(),
            class_name="relative flex min-h-0 flex-1 flex-col",
        ),
        typing_line(),
        push_offer(
            t("Hear of the answer, even when Loom is closed?"),
            when=ChatState.settled.length() > 0,
            class_name="border-t border-line",
        ),
        composer(),
        message_menu(),
    )
    missing = empty_state(
        "message-circle-off",
        t("This conversation is not here"),
        link_button(t("All messages"), "/messages"),
        detail=t("It may have moved. Your other messages are in the list."),
        heading=True,
    )
    failed = empty_state(
        "cloud-off",
        t("This conversation could not be read"),
        button(t("Try again"), on_click=ChatState.open),
        detail=t("Nothing is lost. What you wrote waits here and goes out by itself."),
        heading=True,
    )
    return rx.match(
        ChatState.status,
        ("ready", ready),
        ("failed", failed),
        ("missing", missing),
        ("loading", _loading()),
        _loading(),
    )
