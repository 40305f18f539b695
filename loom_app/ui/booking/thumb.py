"""The way on of a step, where a thumb finds it."""

import reflex as rx


def thumb_bar(*actions: rx.Component, class_name: str = "") -> rx.Component:
    """The last of a step: on a phone it stays at the lower edge while what is above it is longer
    than the screen; on a desk it stands where the step ends."""
    return rx.el.div(
        *actions,
        class_name=(
            "max-sm:sticky max-sm:bottom-0 max-sm:z-10 max-sm:-mx-4 max-sm:-mb-4 max-sm:bg-canvas"
            " max-sm:px-4 max-sm:pt-2 max-sm:pb-[max(0.75rem,env(safe-area-inset-bottom))]"
            f" {class_name}"
        ),
    )
