"""Arguments may be words or vars; a var has no truth of its own."""

from typing import Any

import reflex as rx


def given(value: Any) -> bool:
    """Is there something to draw? A var always counts, for only the browser knows its value."""
    return isinstance(value, rx.Var) or bool(value)
