"""The front door."""

import reflex as rx


def home() -> rx.Component:
    return rx.el.main(
        rx.el.h1("Loom", class_name="display hero"),
        rx.icon("calendar", size=20),
        class_name="p-8",
    )
