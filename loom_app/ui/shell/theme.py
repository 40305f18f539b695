"""Light, dark, or as the device says."""

from typing import Literal

import reflex as rx
from reflex_base.style import set_color_mode

from loom_app.ui.design.button import icon_button
from loom_app.ui.design.tabs import segmented
from loom_app.ui.shell.theme_state import ThemeState
from loom_app.ui.text import t

_MODES: tuple[tuple[Literal["light", "dark", "system"], str], ...] = (
    ("light", t("Light")),
    ("dark", t("Dark")),
    ("system", t("Auto")),
)


def theme_choice() -> rx.Component:
    """The three choices, in words: seen at once, and kept with the account."""
    return rx.el.div(
        rx.el.p(t("Appearance"), class_name="pb-1.5 text-xs text-muted"),
        segmented(
            t("Appearance"),
            [
                (words, rx.color_mode == mode, [set_color_mode(mode), ThemeState.choose(mode)])
                for mode, words in _MODES
            ],
        ),
        class_name="px-3 py-2",
    )


def theme_toggle() -> rx.Component:
    """One button that turns the light on and off."""
    return rx.color_mode_cond(
        light=icon_button("moon", t("Dark appearance"), on_click=rx.toggle_color_mode),
        dark=icon_button("sun", t("Light appearance"), on_click=rx.toggle_color_mode),
    )
