"""The frames around pages: with navigation for who is signed in, with header and footer for all."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.design.button import link_button
from loom_app.ui.design.given import given
from loom_app.ui.design.toast import toast_region
from loom_app.ui.problems import Toasts
from loom_app.ui.shell.announcement import announcement
from loom_app.ui.shell.bell import bell
from loom_app.ui.shell.brand import wordmark
from loom_app.ui.shell.me import Me, current
from loom_app.ui.shell.nav import bottom_bar, side_nav
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.shell.person_menu import person_menu
from loom_app.ui.shell.step_up import step_up_dialog
from loom_app.ui.shell.theme import theme_toggle
from loom_app.ui.text import t


def _skip_link() -> rx.Component:
    """The first stop of the Tab key: straight to the content, by the browser and not the router."""
    return A.create(
        t("Skip to content"),
        href="#content",
        class_name=(
            "sr-only focus:not-sr-only focus:fixed focus:left-4 focus:top-4 focus:z-50 "
            "focus:rounded-control focus:bg-surface focus:px-4 focus:py-3 focus:shadow-float"
        ),
    )


def _display_font() -> rx.Component:
    """Pages with large headings have their face at the first paint; React lifts it to the head."""
    return rx.el.link(
        rel="preload",
        href="/fonts/fraunces-560-36-basic.woff2",
        custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
    )


def notices() -> rx.Component:
    return toast_region(Toasts.items, Toasts.dismiss)


def _leaving(me: Me) -> rx.Component:
    """Who has asked for the account to end reads it everywhere, with the way back."""
    words = t("Your account ends on {day}.", day=me.leaving)
    return _warning(me.leaving != "", words, t("Keep it"), "/settings/data")


def _losing(me: Me) -> rx.Component:
    """Staff was told that the second factor is lost: who is signed in can say that it is not."""
    words = t(
        "Somebody told our staff that you lost your second factor. It can be taken away from"
        " {when} on.",
        when=me.losing,
    )
    return _warning(me.losing != "", words, t("Look at it, or stop it"), "/settings/security")


def _standing(me: Me) -> rx.Component:
    """A coach who cannot be booked reads it everywhere, with the way on."""
    words = rx.match(
        me.standing,
        ("new", t("Nobody can book you yet: finish your steps and submit.")),
        ("waiting", t("Our team is looking at what you submitted. Nobody can book you yet.")),
        ("changes", t("Our team asks you to change something before you can be booked.")),
        ("hidden", t("Our team took your page out of the directory.")),
        "",
    )
    return _warning(me.standing != "", words, t("See where you stand"), "/become-a-coach")


def _warning(shown: Any, words: Any, action: Any, href: str) -> rx.Component:
    line = rx.el.p(
        words,
        " ",
        rx.el.a(
            action,
            href=href,
            class_name="inline-flex min-h-11 items-center font-medium underline",
        ),
        class_name="bg-warn-soft px-4 text-sm text-warn md:px-8",
    )
    return rx.cond(shown, line, rx.fragment())


def app_frame(
    *children: Any,
    place: str,
    as_staff: str = "",
    wide: bool = False,
    alone: bool = False,
    me: Me | None = None,
) -> rx.Component:
    """A signed-in page. `place` is the key of the navigation entry it belongs to, `as_staff` the
    one of staff for whom it is open by that permission; `wide` pages (chat) fill the window, the
    others keep to the page width; on a phone, one that stands `alone` has the screen to itself and
    brings its own way back."""
    me = me or current()
    side = side_nav(place, me)
    if as_staff:
        side = rx.cond(me.powers.contains(as_staff), side_nav(as_staff, me), side)
    inner = "mx-auto w-full max-w-page px-4 pb-28 pt-2 md:px-8 md:pb-16"
    if wide:  # whatever stands above, its foot is the window's, or the bottom bar's
        bar = "" if alone else "pb-[calc(3.5rem+env(safe-area-inset-bottom))] md:pb-0"
        inner = f"min-h-0 flex-1 {bar}"
    return rx.el.div(
        _skip_link(),
        side,
        rx.el.div(
            rx.el.header(
                rx.el.div(wordmark("/sessions"), class_name="md:hidden"),
                rx.el.div(class_name="flex-1"),
                bell(me),
                person_menu(me),
                class_name=(
                    "sticky top-0 z-20 h-16 shrink-0 items-center gap-2 bg-canvas/85 px-4 "
                    f"backdrop-blur md:px-8 {'hidden md:flex' if alone else 'flex'}"
                ),
            ),
            announcement(),
            _standing(me),
            _leaving(me),
            _losing(me),
            rx.el.main(*children, id="content", tab_index=-1, class_name=f"outline-none {inner}"),
            class_name=f"flex min-w-0 flex-1 flex-col {'h-dvh' if wide else 'min-h-dvh'}",
        ),
        rx.fragment() if alone else bottom_bar(place, me),
        notices(),
        step_up_dialog(),
        class_name="flex min-h-dvh",
    )


def _visitor_actions() -> rx.Component:
    return rx.el.div(
        link_button(t("Sign in"), "/sign-in", kind="ghost", size="sm"),
        link_button(
            t("Get started"), "/sign-up", kind="primary", size="sm", class_name="max-[380px]:hidden"
        ),
        class_name="flex items-center gap-2",
    )


def _member_actions(me: Me) -> rx.Component:
    return rx.el.div(
        link_button(
            t("Your sessions"), "/sessions", kind="ghost", size="sm", class_name="max-sm:hidden"
        ),
        bell(me),
        person_menu(me),
        class_name="flex items-center gap-2",
    )


def _header(me: Me) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            wordmark("/"),
            rx.el.nav(
                rx.el.a(
                    t("Find a coach"),
                    href="/coaches",
                    class_name=(
                        "inline-flex h-11 items-center rounded-control px-3 text-sm font-medium "
                        "text-ink hover:bg-hover"
                    ),
                ),
                aria_label=t("Main"),
                class_name="ml-2 hidden sm:block",
            ),
            rx.el.div(class_name="flex-1"),
            theme_toggle(),
            rx.cond(me.signed_in, _member_actions(me), _visitor_actions()),
            class_name="mx-auto flex h-16 max-w-page items-center gap-1 px-4 md:px-8",
        ),
        class_name="sticky top-0 z-20 border-b border-line/70 bg-canvas/85 backdrop-blur",
    )


def _footer(me: Me) -> rx.Component:
    link = "inline-flex min-h-11 items-center text-sm text-muted hover:text-ink rounded-sm"
    return rx.el.footer(
        rx.el.div(
            rx.el.div(
                wordmark("/"),
                rx.el.p(t("Coaching with people you trust."), class_name="text-sm text-muted"),
                class_name="flex flex-col gap-1",
            ),
            rx.el.nav(
                rx.el.a(t("Find a coach"), href="/coaches", class_name=link),
                rx.cond(
                    me.signed_in,
                    rx.el.a(t("Your sessions"), href="/sessions", class_name=link),
                    rx.fragment(
                        rx.el.a(t("Sign in"), href="/sign-in", class_name=link),
                        rx.el.a(t("Create an account"), href="/sign-up", class_name=link),
                    ),
                ),
                rx.cond(
                    NoticeState.support,
                    A.create(t("Help"), href=f"mailto:{NoticeState.support}", class_name=link),
                    rx.fragment(),
                ),
                aria_label=t("Footer"),
                class_name="flex flex-wrap gap-x-6",
            ),
            class_name=(
                "mx-auto flex max-w-page flex-col gap-6 px-4 py-10 sm:flex-row sm:items-center "
                "sm:justify-between md:px-8"
            ),
        ),
        class_name="border-t border-line",
    )


def public_frame(*children: Any, bare: bool = False, me: Me | None = None) -> rx.Component:
    """A page for everyone; `bare` keeps the children from the page width (a home page's bands)."""
    me = me or current()
    inner = "" if bare else "mx-auto w-full max-w-page px-4 py-8 md:px-8 md:py-12"
    return rx.el.div(
        _display_font(),
        _skip_link(),
        _header(me),
        announcement(),
        rx.el.main(
            *children, id="content", tab_index=-1, class_name=f"flex-1 outline-none {inner}"
        ),
        _footer(me),
        notices(),
        class_name="flex min-h-dvh flex-col",
    )


def focus_frame(*children: Any, top: Any = None) -> rx.Component:
    """One task and nothing beside it: signing in, booking. `top` stands beside the mark."""
    return rx.el.div(
        _display_font(),
        _skip_link(),
        rx.el.header(
            rx.el.div(
                wordmark("/", "hidden sm:inline"),
                rx.el.div(top or rx.fragment(), class_name="flex flex-1 justify-center"),
                theme_toggle(),
                class_name="mx-auto flex h-16 max-w-page items-center gap-3 px-4 md:px-8",
            ),
        ),
        announcement(),
        rx.el.main(
            *children,
            id="content",
            tab_index=-1,
            class_name="mx-auto w-full max-w-page flex-1 px-4 pb-4 outline-none sm:pb-16 md:px-8",
        ),
        notices(),
        class_name="flex min-h-dvh flex-col",
    )


def page_heading(title: Any, note: Any = "", action: rx.Component | None = None) -> rx.Component:
    """The first thing of a signed-in page."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1(title, class_name="text-2xl font-semibold"),
            rx.el.p(note, class_name="text-base text-muted") if given(note) else rx.fragment(),
        ),
        action or rx.fragment(),
        class_name="mb-6 flex flex-wrap items-end justify-between gap-4",
    )
