"""The open conversation: who it is with, what was said, and the line to write on."""

import reflex as rx

from loom_app.ui.chat.message import bubble, waiting
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.browser.attention import Attention
from loom_app.ui.design.browser.compose import Compose
from loom_app.ui.design.browser.in_view import InView
from loom_app.ui.design.browser.outbox import Outbox, unsent
from loom_app.ui.design.button import icon_button, link_button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.session import Viewer
from loom_app.ui.text import t

thread = ChatState.thread


def _head() -> rx.Component:
    dot = rx.match(
        ChatState.here,
        ("online", "bg-good"),
        ("away", "bg-warn"),
        "bg-edge",
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
        avatar(thread.initials, thread.hue, thread.avatar_url, size="sm"),
        rx.el.div(
            rx.el.h1(thread.name, class_name="truncate text-base font-semibold"),
            rx.el.p(
                rx.el.span(class_name=rx.Var.create("size-2 rounded-full ") + dot.to(str)),
                rx.el.span(ChatState.here_words),
                class_name="flex items-center gap-1.5 text-xs text-muted",
                aria_live="polite",
            ),
            class_name="min-w-0",
        ),
        class_name="flex h-16 shrink-0 items-center gap-3 border-b border-line px-2 md:px-4",
    )


def _messages() -> rx.Component:
    """Newest at the bottom, and staying there, by a reversed column: no script scrolls."""
    return rx.el.div(
        rx.el.ol(
            rx.cond(
                ChatState.has_older,
                rx.el.li(
                    InView.create(
                        bone("h-8 w-40 mx-auto"), id="older", on_in_view=ChatState.load_older
                    ),
                    key=ChatState.older.length().to_string(),
                    class_name="list-none py-2",
                ),
                rx.fragment(),
            ),
            rx.foreach(ChatState.older, lambda m: bubble(message=m, key=m.id)),
            rx.foreach(ChatState.recent, lambda m: bubble(message=m, key=m.id)),
            rx.foreach(
                unsent(ChatState.conversation_id, ChatState.recent, ChatState.settled), waiting
            ),
            class_name="mx-auto flex w-full max-w-[46rem] flex-col px-3 pb-4 pt-4 md:px-6",
            aria_label=t("Messages"),
        ),
        class_name=(
            "flex min-h-0 flex-1 flex-col-reverse overflow-y-auto [overflow-anchor:none] "
            "overscroll-contain"
        ),
        role="log",
        aria_live="polite",
        tab_index=0,
    )


def _compose() -> rx.Component:
    return Compose.create(
        rx.el.label(t("Message"), html_for="compose", class_name="sr-only"),
        rx.el.textarea(
            id="compose",
            name="body",
            rows="1",
            max_length=4000,
            placeholder=t("Write a message"),
            class_name=(
                "max-h-40 min-h-11 flex-1 resize-none rounded-2xl border border-edge bg-surface "
                "px-4 py-2.5 text-base leading-6 text-ink placeholder:text-muted "
                "[field-sizing:content]"
            ),
        ),
        icon_button("send-horizontal", t("Send"), kind="primary", type="submit"),
        id="compose-form",
        person=Viewer.me.id,
        conversation=ChatState.conversation_id,
        class_name=(
            "mx-auto flex w-full max-w-[46rem] shrink-0 items-end gap-2 px-3 pb-3 pt-2 md:px-6 "
            "pb-[max(0.75rem,env(safe-area-inset-bottom))]"
        ),
    )


def helpers() -> rx.Component:
    """What runs beside the thread: messages on their way, and whether somebody looks."""
    return rx.fragment(
        Outbox.create(
            person=Viewer.me.id,
            settled=ChatState.settled,
            refused=ChatState.refused,
            opened=ChatState.opened,
            on_send=ChatState.send.temporal,
            hidden=True,
        ),
        Attention.create(ready=ChatState.status == "ready", on_change=ChatState.look, hidden=True),
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
    ready = rx.fragment(_head(), _messages(), _compose())
    missing = empty_state(
        "message-circle-off",
        t("This conversation is not here"),
        link_button(t("All messages"), "/messages"),
        detail=t("It may have moved. Your other messages are in the list."),
        heading=True,
    )
    return rx.match(
        ChatState.status,
        ("ready", ready),
        ("missing", missing),
        ("loading", _loading()),
        _loading(),
    )
