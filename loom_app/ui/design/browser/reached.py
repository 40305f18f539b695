"""A long list that is drawn once somebody reaches for it: hundreds of lines that most never open
would cost every opening of their page."""

from typing import Any

import reflex as rx

_reached = rx._x.client_state("reached", default=False)


def when_reached(lines: rx.Component) -> rx.Component:
    """The lines, from the first mouse or focus on what has the `reaching` handlers; one a page."""
    return rx.cond(_reached.value, lines, rx.fragment())


def reaching() -> dict[str, Any]:
    """Handlers. A mouse enters before it presses; of a finger browsers tell both as one."""
    reach = _reached.set_value(True)
    return {"on_focus": reach, "on_mouse_enter": reach}
