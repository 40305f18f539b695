"""Pages for what went wrong: nothing here, and something broke."""

import reflex as rx


def broken_page() -> rx.Component:
    return rx.el.main(rx.el.h1("This page stumbled"), class_name="p-8")
