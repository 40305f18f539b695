"""Values of a State without the proxies that watch them for changes."""

from typing import TypeVar

T = TypeVar("T")


def plain(value: T) -> T:
    """For reading only: a change to it would not be noticed. Reading through the proxies of a list
    of cards costs more than drawing it."""
    return getattr(value, "__wrapped__", value)
