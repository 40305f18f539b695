"""Pages for what went wrong: nothing at this address, and something broke while drawing."""

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.design.empty import message_page
from loom_app.ui.session import Viewer
from loom_app.ui.shell.brand import wordmark
from loom_app.ui.text import t


def _alone(content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.header(
            wordmark("/"), class_name="mx-auto flex h-16 max-w-page items-center px-4 md:px-8"
        ),
        rx.el.main(content),
        class_name="min-h-dvh bg-canvas",
    )


def not_found() -> rx.Component:
    return _alone(
        message_page(
            "map",
            t("There is nothing at this address"),
            t("It may have moved, or the link was cut short on its way to you."),
            action=link_button(t("Go to the start"), "/"),
        )
    )


def broken_page() -> rx.Component:
    """Drawn instead of a page that threw; a full load starts afresh. The number stands in the log
    beside what the browser says of it."""
    here = rx.State.router.page.raw_path
    return _alone(
        message_page(
            "unplug",
            t("This page stumbled"),
            t("What you saved is safe. Opening the page again usually helps."),
            action=rx.el.div(
                link_button(t("Open it again"), here, custom_attrs={"reloadDocument": True}),
                link_button(
                    t("Go to the start"),
                    "/",
                    kind="secondary",
                    custom_attrs={"reloadDocument": True},
                ),
                rx.cond(
                    Viewer.tab != "",
                    rx.el.p(
                        t("Reference: {reference}", reference=Viewer.tab),
                        class_name="w-full text-sm text-muted",
                    ),
                ),
                class_name="flex flex-wrap justify-center gap-3",
            ),
        )
    )
