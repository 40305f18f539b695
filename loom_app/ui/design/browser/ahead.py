"""A page that is fetched before anybody goes there, so that one gets there without a network."""

import reflex as rx


class Ahead(rx.Component):
    """Draws nothing. Without it, going to a page whose code was never loaded while offline makes
    the router reload the window, and the browser shows its own error in place of the app."""

    library = "react-router"
    tag = "PrefetchPageLinks"

    page: rx.Var[str]
