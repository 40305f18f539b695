"""The name and its mark."""

from typing import Any

import reflex as rx

from loom_app.ui.shell.notice_state import NoticeState


def mark(class_name: str = "size-8") -> rx.Component:
    """Two threads crossing under one warm stitch."""
    return rx.el.svg(
        rx.el.svg.rect(width="32", height="32", rx="9", fill="var(--brand)"),
        rx.el.svg.path(
            d="M8.5 11.5c5 0 10 9 15 9M8.5 20.5c5 0 10-9 15-9",
            stroke="var(--on-brand)",
            fill="none",
            custom_attrs={"strokeWidth": "2.6", "strokeLinecap": "round"},
        ),
        rx.el.svg.path(
            d="M16 7.5v3.2M16 21.3v3.2",
            stroke="var(--accent)",
            fill="none",
            custom_attrs={"strokeWidth": "2.6", "strokeLinecap": "round"},
        ),
        view_box="0 0 32 32",
        class_name=f"shrink-0 {class_name}",
        aria_hidden="true",
    )


def wordmark(href: Any = "/", words_class: str = "") -> rx.Component:
    name: Any = NoticeState.brand
    return rx.el.a(
        mark(),
        rx.el.span(name, class_name=f"display truncate text-xl {words_class}"),
        href=href,
        aria_label=name,
        class_name="inline-flex min-h-11 items-center gap-2.5 rounded-control text-ink",
    )
