"""What somebody wrote to somebody, as they wrote it."""

from typing import Any

import reflex as rx


def quoted(words: Any) -> rx.Component:
    """Nothing without words."""
    box = rx.el.blockquote(
        words,
        dir="auto",
        class_name=(
            "whitespace-pre-line break-words rounded-r-control border-l-4 border-warn bg-warn-soft"
            " p-4 text-base text-warn"
        ),
    )
    return rx.cond(words != "", box, rx.fragment())
