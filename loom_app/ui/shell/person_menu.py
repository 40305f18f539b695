"""The person in the corner: who is signed in, where their things are, and the way out."""

from functools import reduce
from operator import or_
from typing import Any

import reflex as rx

from loom_app.domains.operations.listings import listings
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.icon import icon
from loom_app.ui.design.menu import menu, menu_line, menu_link
from loom_app.ui.shell.me import Me
from loom_app.ui.shell.native import native_form
from loom_app.ui.shell.theme import theme_choice
from loom_app.ui.text import t

# each list of the admin page has its own
LISTED = sorted({one.permission for one in listings().values()})
# of staff, each sees what their roles allow
STAFF = (
    ("money.see", "landmark", t("Money desk"), "/staff/money"),
    ("people.moderate", "shield-check", t("Moderation"), "/staff/moderation"),
    ("coaches.verify", "badge-check", t("Verify coaches"), "/staff/coaches"),
    ("sessions.override", "calendar-plus", t("Book for anybody"), "/staff/book"),
    ("places.edit", "map-pin", t("Places"), "/places"),
    ("health.see", "activity", t("How Loom is"), "/staff/health"),
    ("audit.read", "scroll-text", t("Audit trail"), "/staff/audit"),
    ("people.help", "life-buoy", t("Help people"), "/staff/people"),
    ("people.roles", "users", t("Staff roles"), "/staff/roles"),
    ("platform.settings", "sliders-horizontal", t("Platform settings"), "/staff/settings"),
    ("platform.notices", "megaphone", t("Notices"), "/staff/notices"),
    ("platform.flags", "toggle-right", t("Features"), "/staff/flags"),
)


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
            reduce(or_, (me.powers.contains(power) for power in LISTED)),
            menu_link("layers", t("Admin"), "/admin/"),
            rx.fragment(),
        ),
        *(
            rx.cond(me.powers.contains(power), menu_link(icon_name, words, href), rx.fragment())
            for power, icon_name, words, href in STAFF
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
