"""The browser's own printing, of the one part that is marked for it."""

import reflex as rx

PRINTED = "printed"  # a class; the style sheet shows nothing else on paper


def print_page() -> rx.Var:
    """A click handler."""
    return rx.Var("() => window.print()")
