"""A connection that comes back runs on_load again: what is being typed must outlive that."""

import reflex as rx


def spot(state: rx.State) -> str:
    """The page of a tab and the connection it came over; for `came_back`."""
    router = state.router
    return f"{router.session.session_id} {router.url.path}"


def came_back(state: rx.State, before: str) -> bool:
    """Whether this is the page of `before` over a new connection, and not one newly gone to."""
    now = spot(state)
    return now != before and now.partition(" ")[2] == before.partition(" ")[2]
