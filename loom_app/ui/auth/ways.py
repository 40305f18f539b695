"""Other ways in, as buttons; and the two pages for who came by one and is not known by it yet."""

import reflex as rx

from loom_app.ui.auth.parts import narrow, notice, side_choice, zone_options
from loom_app.ui.auth.ways_state import VisitState
from loom_app.ui.design.button import button, button_class, link_button, text_link
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.shell.native import backend, native_form
from loom_app.ui.text import t


def ways_in(ways: rx.Var) -> rx.Component:
    """A link for each provider that is set up, below what the page offers itself; else nothing."""
    return rx.cond(
        ways.length() > 0,
        rx.el.div(
            rx.el.div(
                rx.el.span(class_name="h-px flex-1 bg-line"),
                rx.el.span(t("or"), class_name="text-sm text-muted"),
                rx.el.span(class_name="h-px flex-1 bg-line"),
                class_name="flex items-center gap-3",
            ),
            rx.el.ul(
                rx.foreach(
                    ways,
                    lambda way: rx.el.li(
                        rx.el.a(
                            t("Go on with {way}", way=way.name),
                            href=f"{backend('')}{way.href}",
                            custom_attrs={"reloadDocument": True},
                            class_name=button_class("secondary", extra="w-full"),
                        ),
                        key=way.href,
                    ),
                ),
                class_name="flex flex-col gap-3",
            ),
            class_name="mt-6 flex flex-col gap-5",
        ),
        rx.fragment(),
    )


def _over() -> rx.Component:
    """Nothing waits: too late, done already, or another browser."""
    return rx.fragment(
        notice(t("That took too long, or was not begun in this browser. Try again.")),
        link_button(t("Sign in"), "/sign-in", class_name="w-full"),
    )


def _page(title: object, note: object, content: rx.Component) -> rx.Component:
    return narrow(
        title,
        note,
        rx.cond(VisitState.problem != "", notice(VisitState.problem), rx.fragment()),
        rx.cond(VisitState.loaded, rx.cond(VisitState.waits, content, _over()), skeleton_lines(4)),
        below=text_link(t("Begin again"), "/sign-in"),
    )


def welcome() -> rx.Component:
    form = native_form(
        rx.el.input(type="hidden", name="visit", value=VisitState.token, read_only=True),
        rx.el.p(
            t("{way} says that you are", way=VisitState.way),
            " ",
            rx.el.strong(VisitState.email, class_name="[overflow-wrap:anywhere] font-semibold"),
            ".",
            class_name="text-base",
        ),
        side_choice("client"),
        text_field(
            t("Name"),
            "name",
            default_value=VisitState.name,
            auto_complete="name",
            error=VisitState.errors.get("name", ""),
        ),
        select_field(
            t("Time zone"),
            "zone",
            zone_options(),
            default_value=VisitState.zone,
            key=VisitState.zone,
            error=VisitState.errors.get("zone", ""),
        ),
        button(t("Create account"), type="submit", class_name="w-full"),
        action="/auth/welcome",
        key=VisitState.token,
        no_validate=True,
        class_name="flex flex-col gap-5",
    )
    return _page(t("Nice to meet you"), t("Three things, and your account is ready."), form)


def connect() -> rx.Component:
    """The account with that address has to agree."""
    mine = rx.fragment(
        rx.el.p(
            t("Link {way} to this account, and it opens it from now on.", way=VisitState.way),
            class_name="mb-4 text-base",
        ),
        button(
            t("Link {way}", way=VisitState.way), on_click=VisitState.connect, class_name="w-full"
        ),
    )
    asked = notice(
        t("We have sent you a mail. Open it in this browser within 30 minutes."), tone="plain"
    )
    other = rx.fragment(
        rx.el.p(
            rx.el.strong(VisitState.email, class_name="[overflow-wrap:anywhere] font-semibold"),
            " ",
            t("has an account already. Sign in to it, and {way} is linked.", way=VisitState.way),
            class_name="mb-4 text-base",
        ),
        rx.cond(VisitState.mailed, asked, rx.fragment()),
        rx.el.div(
            link_button(t("Sign in to link it"), VisitState.sign_in_href, class_name="w-full"),
            button(
                t("Ask by mail instead"),
                kind="secondary",
                on_click=VisitState.ask_by_mail,
                class_name="w-full",
            ),
            class_name="flex flex-col gap-3",
        ),
    )
    by_mail = native_form(
        rx.el.input(type="hidden", name="mail", value=VisitState.mail, read_only=True),
        button(t("Yes, that was me"), type="submit", class_name="w-full"),
        action="/auth/connect",
    )
    return rx.cond(
        VisitState.mail != "",
        narrow(t("Was it you?"), t("One press, and you are signed in."), by_mail),
        _page(
            t("You have an account already"),
            t("It stays yours alone: you say who may open it."),
            rx.cond(VisitState.mine, mine, other),
        ),
    )
