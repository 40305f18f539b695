"""What only the browser knows of time: its zone."""

import reflex as rx

STORED_AS = "loom_zone"


def remember_zone() -> rx.Component:
    """Runs in the head, before the page connects, so that the first answer has the right times."""
    return rx.el.script(
        f"try{{localStorage.setItem('{STORED_AS}',"
        "Intl.DateTimeFormat().resolvedOptions().timeZone)}catch{}"
    )
