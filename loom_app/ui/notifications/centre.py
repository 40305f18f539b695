"""`/notifications`: what happened, in one line each, with the way to it."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import chip
from loom_app.ui.design.button import button, icon_button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.notifications.centre_state import CentreState, NoticeRow, WaitingRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.shell.push import push_offer
from loom_app.ui.text import t

state = CentreState


def _picture(group: Any) -> rx.Component:
    return rx.el.span(
        rx.match(
            group,
            ("messages", icon("message-circle", 20)),
            ("sessions", icon("calendar-days", 20)),
            ("money", icon("wallet", 20)),
            icon("bell", 20),
        ),
        class_name=(
            "flex size-10 shrink-0 items-center justify-center rounded-full bg-sunken text-muted"
        ),
        aria_hidden="true",
    )


def _notice(item: rx.Var[NoticeRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        _picture(row.group),
        rx.el.div(
            rx.el.a(
                row.title,
                href=row.href,
                on_click=state.mark(row.id, True),
                custom_attrs={"reloadDocument": row.href.startswith("/admin/")},
                class_name=rx.cond(
                    row.read,
                    "text-base text-muted after:absolute after:inset-0",
                    "text-base font-medium text-ink after:absolute after:inset-0",
                ),
            ),
            rx.el.p(row.when, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1 break-words",
        ),
        rx.cond(
            row.read,
            rx.fragment(),
            rx.el.span(
                rx.el.span(t("new"), class_name="sr-only"),
                class_name="size-2.5 shrink-0 rounded-full bg-accent",
            ),
        ),
        rx.el.div(
            rx.cond(
                row.read,
                icon_button(
                    "mail",
                    t("Mark as unread: {title}", title=row.title),
                    on_click=state.mark(row.id, False),
                ),
                icon_button(
                    "check",
                    t("Mark as read: {title}", title=row.title),
                    on_click=state.mark(row.id, True),
                ),
            ),
            class_name="relative z-10",
        ),
        key=row.id,
        class_name=(
            "relative flex items-center gap-4 px-4 py-3 transition-colors hover:bg-hover/60 md:px-5"
        ),
    )


def _waiting(item: rx.Var[WaitingRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        _picture("messages"),
        rx.el.div(
            rx.el.a(
                row.words,
                href=row.href,
                class_name="text-base font-medium text-ink after:absolute after:inset-0",
            ),
            rx.el.p(row.preview, class_name="truncate text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.span(row.when, class_name="shrink-0 text-sm text-muted tabular"),
        key=row.id,
        class_name="relative flex items-center gap-4 px-4 py-3 hover:bg-hover/60 md:px-5",
    )


def _filters() -> rx.Component:
    groups = (
        ("", t("Everything")),
        ("messages", t("Messages")),
        ("sessions", t("Sessions")),
        ("money", t("Money")),
        ("other", t("Other")),
    )
    return rx.el.div(
        chip(
            t("Unread"),
            chosen=state.only_unread,
            on_click=state.show(rx.cond(state.only_unread, "", "unread")),
        ),
        rx.el.span(class_name="mx-1 h-6 w-px bg-line", aria_hidden="true"),
        *(
            chip(words, chosen=state.about == group, on_click=state.pick(group))
            for group, words in groups
        ),
        role="group",
        aria_label=t("Which are shown"),
        class_name="mb-4 flex flex-wrap items-center gap-2",
    )


def _nothing() -> rx.Component:
    return card(
        rx.cond(
            state.asked.length() > 0,
            empty_state(
                "bell",
                t("Nothing here"),
                link_button(t("Show everything"), "/notifications", kind="secondary"),
            ),
            empty_state(
                "bell",
                t("Nothing has happened yet"),
                link_button(t("Your sessions"), "/sessions", kind="secondary"),
                detail=t("Bookings, payments and news of your account arrive here."),
            ),
        )
    )


def _lists() -> rx.Component:
    return rx.fragment(
        rx.cond(
            state.waiting.length() > 0,
            card(
                rx.el.ul(rx.foreach(state.waiting, _waiting), class_name="divide-y divide-line"),
                class_name="mb-4 overflow-hidden",
            ),
            rx.fragment(),
        ),
        rx.cond(
            state.rows.length() > 0,
            card(
                rx.el.ul(rx.foreach(state.rows, _notice), class_name="divide-y divide-line"),
                class_name="overflow-hidden",
            ),
            rx.cond(state.waiting.length() > 0, rx.fragment(), _nothing()),
        ),
        rx.cond(
            state.more,
            rx.el.div(
                button(
                    t("Show older"), kind="secondary", busy=state.busy, on_click=state.load_more
                ),
                class_name="mt-6 flex justify-center",
            ),
            rx.fragment(),
        ),
        rx.el.p(t("Kept for 90 days."), class_name="mt-6 text-center text-sm text-muted"),
    )


def centre_page() -> rx.Component:
    actions = rx.el.div(
        button(
            t("Mark all as read"),
            kind="secondary",
            size="sm",
            disabled=state.unread == 0,
            on_click=state.mark_all,
        ),
        link_button(
            t("Choose what you hear of"), "/settings/notifications", kind="ghost", size="sm"
        ),
        class_name="flex flex-wrap items-center gap-2",
    )
    return app_frame(
        page_heading(t("Notifications"), action=actions),
        _filters(),
        rx.cond(state.loaded, _lists(), card(skeleton_rows(5))),
        # last: whether it is due is known late, and nothing may move under somebody's finger
        push_offer(
            t("Hear of what happens while Loom is closed, too?"), class_name="mt-6 rounded-card"
        ),
        place="notifications",
    )
