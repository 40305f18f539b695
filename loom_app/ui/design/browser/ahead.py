"""A page that is fetched before anybody goes there, so that one gets there without a network."""

import reflex as rx

from loom_app.ui.design.browser.lapse import Lapse

_settled = rx._x.client_state("settled", default=False)


class Ahead(rx.Component):
    """Draws nothing. Without it, going to a page whose code was never loaded while offline makes
    the router reload the window, and the browser shows its own error in place of the app."""

    library = "react-router"
    tag = "PrefetchPageLinks"

    page: rx.Var[str]


def ahead_in_a_moment(page: str) -> rx.Component:
    """From a second after it is drawn: what is on this page, its pictures too, comes first."""
    second = Lapse.create(
        on_animation_end=_settled.set_value(True),
        aria_hidden="true",
        class_name="absolute",
        style={"animation": "lapse 1s"},
    )
    return rx.cond(_settled.value, Ahead.create(page=page), second)
