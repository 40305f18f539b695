"""Where one can go: at the side, as icons when there is little room, at the bottom of a phone."""

from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import reflex as rx

from loom_app.domains.operations.listings import listings
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.brand import wordmark
from loom_app.ui.shell.me import Me
from loom_app.ui.text import t


class Place(NamedTuple):
    key: str
    icon_name: str
    words: str
    href: str
    whole: bool = False  # no page of the client's routes

    def attrs(self) -> dict[str, Any]:
        """Of a link there; a new dict each time, since Reflex writes into it."""
        return {"reloadDocument": True} if self.whole else {}


SESSIONS = Place("sessions", "calendar-days", t("Sessions"), "/sessions")
MESSAGES = Place("messages", "message-circle", t("Messages"), "/messages")
COACHES = Place("coaches", "compass", t("Coaches"), "/coaches")
OFFERINGS = Place("offerings", "layers", t("Offerings"), "/offerings")
EARNINGS = Place("earnings", "wallet", t("Earnings"), "/earnings")
HOURS = Place("availability", "clock", t("Hours"), "/availability")
INVITATIONS = Place("invitations", "user-plus", t("Invitations"), "/invitations")
PAYMENTS = Place("payments", "credit-card", t("Payments"), "/payments")
SETTINGS = Place("settings", "settings", t("Settings"), "/settings")
# of staff, by the permission that opens each: everybody sees what their roles allow
STAFF = (
    Place("money.see", "landmark", t("Money desk"), "/staff/money"),
    Place("people.moderate", "shield-check", t("Moderation"), "/staff/moderation"),
    Place("coaches.verify", "badge-check", t("Verify coaches"), "/staff/coaches"),
    Place("sessions.override", "calendar-plus", t("Book for anybody"), "/staff/book"),
    Place("places.edit", "map-pin", t("Places"), "/places"),
    Place("health.see", "activity", t("How Loom is"), "/staff/health"),
    Place("audit.read", "scroll-text", t("Audit trail"), "/staff/audit"),
    Place("people.help", "life-buoy", t("Help people"), "/staff/people"),
    Place("people.roles", "users", t("Staff roles"), "/staff/roles"),
    Place("platform.settings", "sliders-horizontal", t("Platform settings"), "/staff/settings"),
    Place("platform.notices", "megaphone", t("Notices"), "/staff/notices"),
    Place("platform.flags", "toggle-right", t("Features"), "/staff/flags"),
)
ADMIN = Place("admin", "layers", t("Admin"), "/admin/", whole=True)
# each list of the admin page has its own
_LISTED = sorted({one.permission for one in listings().values()})

# on a page of staff that none of the places leads to, nothing is marked
UNLISTED = "staff"
_OF_STAFF = {UNLISTED, *(place.key for place in STAFF)}


def sees_admin(me: Me) -> rx.Var[bool]:
    return reduce(or_, (me.powers.contains(power) for power in _LISTED))


def _unread(me: Me, class_name: str) -> rx.Component:
    """How many messages wait, in a number one can also hear."""
    return rx.cond(
        me.unread,
        rx.el.span(
            me.unread,
            rx.el.span(t("unread"), class_name="sr-only"),
            class_name=(
                "inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1.5 "
                f"text-xs font-semibold text-[oklch(0.25_0.04_55)] tabular {class_name}"
            ),
        ),
        rx.fragment(),
    )


def _side_link(place: Place, here: str, me: Me) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            icon(place.icon_name),
            rx.el.span(place.words, class_name="sr-only lg:not-sr-only"),
            _unread(me, "absolute right-1 top-1 lg:static lg:ml-auto")
            if place is MESSAGES
            else rx.fragment(),
            href=place.href,
            title=place.words,
            aria_current="page" if place.key == here else "false",
            custom_attrs=place.attrs(),
            class_name=(
                "relative flex h-11 items-center justify-center gap-3 rounded-control px-3 text-sm "
                "font-medium text-muted transition-colors hover:bg-hover hover:text-ink "
                "aria-[current=page]:bg-brand-soft aria-[current=page]:text-brand-ink "
                "lg:justify-start"
            ),
        )
    )


def _staff_links(here: str, me: Me) -> rx.Component:
    """On the pages of staff only: the others are lighter without, and have the person's menu."""
    return rx.el.div(
        rx.el.p(t("Staff"), class_name="sr-only text-xs text-muted lg:not-sr-only lg:px-3"),
        rx.el.ul(
            rx.cond(sees_admin(me), _side_link(ADMIN, here, me), rx.fragment()),
            *(
                rx.cond(me.powers.contains(place.key), _side_link(place, here, me), rx.fragment())
                for place in STAFF
            ),
            aria_label=t("Staff"),
            class_name="flex flex-col gap-1",
        ),
        class_name="flex flex-col gap-2",
    )


def side_nav(here: str, me: Me) -> rx.Component:
    """240 px with words, 72 px with icons, gone on a phone."""

    def links(*places: Place) -> list[rx.Component]:
        return [_side_link(place, here, me) for place in places]

    return rx.el.nav(
        rx.el.div(wordmark("/sessions", "sr-only lg:not-sr-only"), class_name="px-1 lg:px-3"),
        rx.el.ul(
            *links(SESSIONS, MESSAGES),
            rx.cond(
                me.is_coach,
                rx.fragment(*links(OFFERINGS, HOURS, INVITATIONS, EARNINGS)),
                rx.fragment(),
            ),
            *links(COACHES, PAYMENTS),
            class_name="flex flex-col gap-1",
        ),
        _staff_links(here, me) if here in _OF_STAFF else rx.fragment(),
        rx.el.div(class_name="flex-1"),
        rx.el.ul(*links(SETTINGS)),
        aria_label=t("Main"),
        class_name=(
            "sticky top-0 hidden h-dvh w-[72px] shrink-0 flex-col gap-6 overflow-y-auto border-r "
            "border-line px-3 py-3 md:flex lg:w-60"
        ),
    )


def _bottom_link(place: Place, here: str, me: Me) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            icon(place.icon_name, 22),
            rx.el.span(place.words, class_name="text-xs"),
            _unread(me, "absolute left-1/2 top-0.5 ml-1.5") if place is MESSAGES else rx.fragment(),
            href=place.href,
            aria_current="page" if place.key == here else "false",
            class_name=(
                "relative flex h-14 flex-col items-center justify-center gap-0.5 rounded-control "
                "font-medium text-muted aria-[current=page]:text-brand-ink"
            ),
        ),
        class_name="flex-1",
    )


def bottom_bar(here: str, me: Me) -> rx.Component:
    """At most five places, each a thumb wide."""

    def links(*places: Place) -> list[Any]:
        return [_bottom_link(place, here, me) for place in places]

    return rx.el.nav(
        rx.el.ul(
            *links(SESSIONS, MESSAGES),
            rx.cond(
                me.is_coach,
                rx.fragment(*links(OFFERINGS, HOURS)),
                rx.fragment(*links(COACHES, PAYMENTS)),
            ),
            *links(SETTINGS),
            class_name="flex px-2",
        ),
        aria_label=t("Places"),
        class_name=(
            "fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface/90 backdrop-blur "
            "pb-[env(safe-area-inset-bottom)] md:hidden"
        ),
    )
