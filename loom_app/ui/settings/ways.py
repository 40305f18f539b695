"""The card "Ways to sign in": a password, and the providers that are linked."""

from typing import Any

import reflex as rx

from loom_app.domains.accounts.queries import WayView
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.icon import icon
from loom_app.ui.settings.ways_state import WayRow, WaysState
from loom_app.ui.text import t


def _row(picture: str, name: Any, note: Any, action: rx.Component) -> rx.Component:
    return rx.el.div(
        icon(picture, 20, class_name="mt-0.5 shrink-0 text-muted"),
        rx.el.div(
            rx.el.p(name, class_name="text-base font-medium"),
            rx.el.p(note, class_name="[overflow-wrap:anywhere] text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        action,
        class_name="flex items-start gap-3 py-4",
    )


def _linked(one: rx.Var[WayRow]) -> rx.Component:
    row: Any = one
    unlink = rx.cond(
        WaysState.only,
        rx.fragment(),
        dialog(
            t("Unlink {way}?", way=row.name),
            text=t("It opens your account no more. You can link it again at any time."),
            trigger=button(
                t("Unlink"),
                kind="secondary",
                size="sm",
                aria_label=t("Unlink {way}", way=row.name),
            ),
            actions=(
                dialog_close(button(t("Keep it"), kind="secondary")),
                dialog_close(button(t("Unlink"), kind="danger", on_click=WaysState.unlink(row.id))),
            ),
            alert=True,
        ),
    )
    return rx.el.li(
        _row("key-round", row.name, row.email, unlink),
        key=row.id,
        class_name="border-t border-line",
    )


def _more(one: rx.Var[WayView]) -> rx.Component:
    way: Any = one
    return button(
        t("Link {way}", way=way.name),
        kind="secondary",
        size="sm",
        icon_name="plus",
        on_click=WaysState.link(way.key),
        key=way.key,
    )


def ways_card() -> rx.Component:
    """Nothing where no provider is set up and none was ever linked: a password is all there is."""
    there = (WaysState.rows.length() > 0) | (WaysState.more.length() > 0)
    password = rx.cond(
        WaysState.password,
        t("Is set."),
        t("None is set. “Forgot your password?” on the sign-in page sets one by mail."),
    )
    return rx.cond(
        there,
        card(
            rx.el.h2(t("Ways to sign in"), class_name="text-lg font-semibold"),
            rx.el.p(
                rx.cond(
                    WaysState.only,
                    t("This is your only way in. Set a password or link another to close it."),
                    t("Each of these opens your account."),
                ),
                class_name="mt-1 text-base text-muted",
            ),
            rx.el.ul(
                rx.el.li(_row("lock", t("Password"), password, rx.fragment())),
                rx.foreach(WaysState.rows, _linked),
                class_name="mt-2",
            ),
            rx.el.div(
                rx.foreach(WaysState.more, _more),
                class_name="mt-2 flex flex-wrap gap-3",
            ),
            leave_for(WaysState.leave_to),
            class_name="p-5 md:p-6",
        ),
        rx.fragment(),
    )
