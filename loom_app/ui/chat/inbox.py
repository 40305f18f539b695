"""The list of conversations, and starting one."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import ConversationCard, Reachable
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button, icon_button, link_button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.text import t


def _face(person: Any, here: Any) -> rx.Component:
    return rx.el.span(
        avatar(person.initials, person.hue, person.avatar_url),
        rx.cond(
            here == "online",
            rx.el.span(
                rx.el.span(t("Online"), class_name="sr-only"),
                class_name=(
                    "absolute bottom-0 right-0 size-3 rounded-full border-2 border-canvas bg-good"
                ),
            ),
            rx.fragment(),
        ),
        class_name="relative shrink-0",
    )


@rx.memo
def conversation_row(rest: rx.RestProp, *, card: rx.Var[ConversationCard]) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            _face(card, card.presence),
            rx.el.span(
                rx.el.span(
                    rx.el.span(card.name, class_name="truncate text-base font-medium"),
                    rx.el.span(card.time, class_name="shrink-0 text-xs text-muted tabular"),
                    class_name="flex items-baseline justify-between gap-3",
                ),
                rx.el.span(
                    rx.el.span(card.preview, class_name="truncate text-sm text-muted"),
                    rx.cond(
                        card.unread > 0,
                        rx.el.span(
                            card.unread,
                            rx.el.span(t("unread"), class_name="sr-only"),
                            class_name=(
                                "flex h-5 min-w-5 shrink-0 items-center justify-center "
                                "rounded-full bg-brand px-1.5 text-xs font-semibold text-on-brand"
                            ),
                        ),
                        rx.fragment(),
                    ),
                    class_name="flex items-center justify-between gap-3",
                ),
                class_name="min-w-0 flex-1",
            ),
            href=f"/messages/{card.id}",
            aria_current=rx.cond(ChatState.conversation_id == card.id, "page", "false"),
            class_name=(
                "flex min-h-16 items-center gap-3 rounded-control px-3 py-2.5 hover:bg-hover "
                "aria-[current=page]:bg-brand-soft"
            ),
        ),
        rest,
    )


def _person(person: rx.Var[Reachable]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            avatar(person.initials, person.hue, person.avatar_url, size="sm"),
            rx.el.span(person.name, class_name="truncate text-base"),
            type="button",
            on_click=InboxState.start(person.id),
            class_name=(
                "flex min-h-12 w-full items-center gap-3 rounded-control px-2 text-left "
                "hover:bg-hover"
            ),
        ),
        key=person.id,
    )


def _new_message() -> rx.Component:
    nobody = rx.el.div(
        rx.el.p(t("You can write to your coaches and clients, and to any coach in the directory.")),
        link_button(t("Find a coach"), "/coaches", kind="secondary", class_name="mt-4"),
    )
    people = rx.el.ul(
        rx.foreach(InboxState.people, _person), class_name="-mx-2 flex flex-col gap-1"
    )
    return dialog(
        t("New message"),
        rx.cond(InboxState.people.length() > 0, people, nobody),
        trigger=icon_button("square-pen", t("New message")),
        opened=InboxState.choosing,
        on_open_change=InboxState.choose,
    )


def inbox() -> rx.Component:
    empty = empty_state(
        "message-circle",
        t("No messages yet"),
        link_button(t("Find a coach"), "/coaches"),
        detail=t("Ask a coach a question, or book a session: the conversation opens by itself."),
    )
    rows = rx.el.ul(
        rx.foreach(InboxState.cards, lambda card: conversation_row(card=card, key=card.id)),
        class_name="flex flex-col gap-0.5",
    )
    more = rx.cond(
        InboxState.has_more,
        button(t("Show more"), kind="ghost", on_click=InboxState.load_more, class_name="w-full"),
        rx.fragment(),
    )
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t("Messages"), class_name="text-xl font-semibold"),
            _new_message(),
            class_name="flex h-16 shrink-0 items-center justify-between px-3",
        ),
        rx.el.nav(
            rx.cond(
                InboxState.loaded,
                rx.cond(InboxState.cards.length() > 0, rx.fragment(rows, more), empty),
                skeleton_rows(6),
            ),
            aria_label=t("Conversations"),
            class_name="flex-1 overflow-y-auto px-2 pb-4",
        ),
        class_name="flex h-full flex-col",
    )
