"""`/invitations`: whom a coach asked to be a client, and what they said."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import text_area, text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.design.tabs import tabs
from loom_app.ui.invitations.state import InvitationRow, InvitationsState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

state = InvitationsState


def _invite() -> rx.Component:
    return dialog(
        t("Invite a client"),
        rx.el.form(
            text_field(
                t("Email"),
                "email",
                type="email",
                auto_complete="off",
                error=state.errors.get("email", ""),
            ),
            text_field(
                t("Name"),
                "name",
                optional=True,
                auto_complete="off",
                max_length=80,
                error=state.errors.get("name", ""),
            ),
            text_area(
                t("Personal note"),
                "note",
                optional=True,
                max_length=500,
                hint=t("Stands in the mail, without links."),
                error=state.errors.get("note", ""),
            ),
            rx.el.div(
                dialog_close(button(t("Cancel"), kind="secondary")),
                button(t("Send invitation"), type="submit", busy=state.busy),
                class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.invite,
            no_validate=True,
            class_name="mt-4 flex flex-col gap-5",
        ),
        text=t("They get a mail with a link that works once, for 14 days."),
        trigger=button(t("Invite a client"), icon_name="user-plus"),
        opened=state.opened,
        on_open_change=state.open,
    )


def _actions(row: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            row.again,
            button(
                t("Send again"),
                kind="secondary",
                size="sm",
                aria_label=t("Send again to {name}", name=row.name),
                on_click=state.resend(row.id),
            ),
            rx.fragment(),
        ),
        dialog(
            t("Withdraw this invitation?"),
            text=t("The link in the mail to {name} opens nothing any more.", name=row.name),
            trigger=button(
                t("Withdraw"),
                kind="ghost",
                size="sm",
                aria_label=t("Withdraw the invitation of {name}", name=row.name),
            ),
            actions=(
                dialog_close(button(t("Keep it"), kind="secondary")),
                dialog_close(button(t("Withdraw"), kind="danger", on_click=state.withdraw(row.id))),
            ),
            alert=True,
        ),
        class_name="flex gap-2",
    )


def _row(item: rx.Var[InvitationRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(row.name, class_name="truncate text-base font-medium", dir="auto"),
                badge(row.state, row.tone),
                class_name="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1",
            ),
            rx.el.p(row.email, class_name="truncate text-sm text-muted"),
            rx.el.p(row.when, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(row.waits, _actions(row), rx.fragment()),
        key=row.id,
        class_name="flex flex-wrap items-center gap-3 px-4 py-4 md:px-5",
    )


def _list() -> rx.Component:
    nothing = rx.match(
        state.view,
        (
            "accepted",
            empty_state(
                "user-check", t("Nobody has accepted yet"), detail=t("They will stand here.")
            ),
        ),
        ("over", empty_state("archive", t("Nothing declined, withdrawn or expired"))),
        empty_state(
            "user-plus",
            t("Nobody is waiting for you"),
            detail=t("Invite people whom you coach already: they are your clients at once."),
        ),
    )
    return rx.cond(
        state.rows.length() > 0,
        rx.el.div(
            card(
                rx.el.ul(
                    rx.foreach(state.rows, _row),
                    aria_label=t("Invitations"),
                    class_name="divide-y divide-line",
                ),
                class_name="overflow-hidden",
            ),
            rx.cond(
                state.more > 0,
                button(t("Show more"), kind="secondary", on_click=state.load_more),
                rx.fragment(),
            ),
            class_name="flex flex-col items-start gap-4 [&>*:first-child]:w-full",
        ),
        nothing,
    )


def invitations_page() -> rx.Component:
    return app_frame(
        page_heading(
            t("Invitations"),
            t("Bring your clients here."),
            rx.el.div(
                link_button(
                    t("Invite many"), "/invitations/many", kind="secondary", icon_name="file-up"
                ),
                _invite(),
                class_name="flex flex-wrap gap-3",
            ),
        ),
        tabs(
            t("Which invitations"),
            [
                (
                    rx.fragment(words, " ", state.counts[view]),
                    "/invitations" if view == "waiting" else f"/invitations?view={view}",
                    state.view == view,
                )
                for view, words in (
                    ("waiting", t("Waiting")),
                    ("accepted", t("Accepted")),
                    ("over", t("Over")),
                )
            ],
        ),
        rx.el.div(rx.cond(state.loaded, _list(), skeleton_rows(4)), class_name="mt-6"),
        place="invitations",
    )
