"""The person in the corner: who is signed in, where their things are, and the way out."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.icon import icon
from loom_app.ui.design.menu import menu, menu_line, menu_link
from loom_app.ui.shell.me import Me
from loom_app.ui.shell.native import native_form
from loom_app.ui.shell.nav import ADMIN, STAFF, sees_admin
from loom_app.ui.shell.theme import theme_choice
from loom_app.ui.text import t


def _who(me: Me) -> rx.Component:
    return rx.el.div(
        avatar(me.initials, me.hue, me.avatar_url, size="md"),
        rx.el.div(
            rx.el.p(me.name, class_name="truncate text-sm font-medium"),
            rx.el.p(me.zone, class_name="truncate text-xs text-muted"),
            class_name="min-w-0",
        ),
        class_name="flex items-center gap-3 px-3 py-2",
    )


def _sign_out() -> rx.Component:
    return native_form(
        rx.el.button(
            icon("log-out", 18),
            t("Sign out"),
            type="submit",
            class_name=(
                "flex h-11 w-full items-center gap-3 rounded-control px-3 text-sm font-medium "
                "text-ink hover:bg-hover"
            ),
        ),
        action="/auth/sign-out",
    )


def person_menu(me: Me, *extra: Any) -> rx.Component:
    return menu(
        "person-menu",
        t("Your account"),
        avatar(me.initials, me.hue, me.avatar_url, size="sm", class_name="m-1"),
        _who(me),
        menu_line(),
        *extra,
        # the bottom bar of a phone has no room for it
        rx.cond(
            me.is_coach,
            rx.fragment(
                menu_link("wallet", t("Earnings"), "/earnings"),
                menu_link("user-plus", t("Invitations"), "/invitations"),
            ),
            menu_link("sprout", t("Become a coach"), "/become-a-coach"),
        ),
        rx.cond(
            sees_admin(me),
            menu_link(ADMIN.icon_name, ADMIN.words, ADMIN.href, custom_attrs=ADMIN.attrs()),
            rx.fragment(),
        ),
        *(
            rx.cond(
                me.powers.contains(place.key),
                menu_link(place.icon_name, place.words, place.href),
                rx.fragment(),
            )
            for place in STAFF
        ),
        rx.cond(
            me.lacks_factor,
            menu_link("shield-alert", t("Set up your second factor"), "/settings/security"),
            rx.fragment(),
        ),
        menu_link("settings", t("Settings"), "/settings"),
        theme_choice(),
        menu_line(),
        _sign_out(),
        place="top-14 right-4 md:right-8",
    )
