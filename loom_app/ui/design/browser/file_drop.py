"""A place to drop a file on, or to choose one: the browser's own file input, laid over it."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.picture_upload import PictureUpload
from loom_app.ui.design.icon import icon


def file_drop(words: Any, hint: Any, **upload: Any) -> rx.Component:
    """The input covers the whole and takes clicks, keys and drops, without a script of ours."""
    return rx.el.div(
        icon("file-up", 28, class_name="text-muted"),
        rx.el.span(words, class_name="text-base font-medium", aria_hidden="true"),
        rx.el.span(hint, class_name="text-sm text-muted", id="file-drop-hint"),
        PictureUpload.create(
            type="file",
            aria_label=words,
            aria_describedby="file-drop-hint",
            class_name="absolute inset-0 size-full cursor-pointer opacity-0",
            **upload,
        ),
        class_name=(
            "relative flex min-h-44 flex-col items-center justify-center gap-2 rounded-card border "
            "border-dashed border-edge p-6 text-center hover:bg-hover "
            "focus-within:outline-2 focus-within:outline-focus"
        ),
    )
