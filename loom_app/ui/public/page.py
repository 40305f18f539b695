"""The front door."""

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.shell.frame import public_frame
from loom_app.ui.text import t


def home() -> rx.Component:
    return public_frame(
        rx.el.h1(t("Find your coach"), class_name="display hero"),
        link_button(t("Find a coach"), "/coaches"),
    )
