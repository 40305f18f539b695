"""How long a time is still kept."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.countdown import Countdown
from loom_app.ui.design.icon import icon


def countdown(
    words: Any, seconds: Any, *, name: str, on_end: Any = None, brief: Any = None
) -> rx.Component:
    """`words` end before the clock, as in "We keep this time for you for"; `brief` are fewer, for a
    phone."""
    handlers = {} if on_end is None else {"on_end": on_end}
    return rx.el.div(
        icon("timer", 18),
        rx.el.span(words)
        if brief is None
        else rx.fragment(
            rx.el.span(words, class_name="max-sm:hidden"),
            rx.el.span(brief, class_name="sm:hidden"),
        ),
        Countdown.create(
            id=name, seconds=seconds, role="timer", class_name="font-semibold tabular", **handlers
        ),
        class_name=(
            "flex min-h-11 items-center gap-2 rounded-control bg-accent-soft px-4 py-2 text-sm "
            "text-accent-ink max-sm:min-h-9 max-sm:py-1"
        ),
    )
