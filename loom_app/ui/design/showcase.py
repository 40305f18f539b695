"""All of the design system on one page, so that it can be looked at in one screenshot."""

import reflex as rx


def showcase() -> rx.Component:
    return rx.el.main(rx.el.h1("Design", class_name="display text-3xl"), class_name="p-8")
