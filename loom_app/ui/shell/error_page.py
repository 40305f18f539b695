"""Pages for what went wrong: nothing at this address, and something broke while drawing."""

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.design.empty import message_page
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
    """Drawn instead of a page that threw; a full load starts afresh."""
    return _alone(
        message_page(
            "unplug",
            t("This page stumbled"),
            t("What you saved is safe. Opening the page again usually helps."),
            action=link_button(
                t("Open the start page"), "/", custom_attrs={"reloadDocument": True}
            ),
        )
    )
