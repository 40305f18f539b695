"""What lies over a page while Loom is closed for maintenance, and leaves when it opens."""

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.shell.brand import mark
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.text import t

_GO = (
    "inline-flex h-11 items-center justify-center rounded-control px-5 text-base font-medium "
    "bg-brand text-on-brand"
)


def closed_cover() -> rx.Component:
    """The page below stays as it is: what was typed is still there afterwards."""
    closed = rx.fragment(
        rx.el.h1(t("Back in a while"), class_name="display text-3xl"),
        rx.el.p(NoticeState.message, class_name="whitespace-pre-line text-base", dir="auto"),
        rx.cond(
            NoticeState.back_at,
            rx.el.p(
                t("We expect to be back on {when}.", when=NoticeState.back_at),
                class_name="text-base text-muted",
            ),
            rx.fragment(),
        ),
        rx.el.p(
            t("This page goes on by itself as soon as we are back."),
            class_name="text-sm text-muted",
        ),
        A.create(
            t("Sign in as staff"),
            href="/sign-in",
            class_name="inline-flex min-h-11 items-center text-sm text-muted underline",
        ),
    )
    again = rx.fragment(
        rx.el.h1(t("We are back"), class_name="display text-3xl"),
        rx.el.p(t("This page was opened while we were closed."), class_name="text-base"),
        A.create(t("Load it now"), href="", class_name=_GO),
    )
    box = rx.el.div(
        mark("size-12"),
        rx.cond(NoticeState.phase == "closed", closed, again),
        class_name="flex max-w-md flex-col items-center gap-4 text-center",
    )
    cover = rx.el.div(
        box,
        role="alertdialog",
        aria_modal="true",
        aria_label=t("Closed for maintenance"),
        class_name="fixed inset-0 z-[60] flex items-center justify-center bg-canvas p-6 enter",
    )
    return rx.cond(NoticeState.phase != "", cover, rx.fragment())
