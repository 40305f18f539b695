"""Dialogs and drawers: focus stays inside, Esc closes, focus returns where it came from."""

from typing import Any, Literal

import reflex as rx
from reflex_components_radix.primitives.dialog import dialog as radix

from loom_app.ui.design.browser.focus_back import focus_back
from loom_app.ui.design.button import icon_button
from loom_app.ui.design.given import given
from loom_app.ui.text import t

_SCRIM = "fixed inset-0 z-40 bg-overlay"
_DIALOG = (
    "fixed z-50 inset-x-0 bottom-0 max-h-[90dvh] overflow-y-auto rounded-t-[20px] bg-surface p-6 "
    "shadow-float enter-up sm:inset-auto sm:left-1/2 sm:top-1/2 sm:w-full sm:max-w-md "
    "sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-card sm:border sm:border-line sm:enter"
)
_SIDES: dict[str, str] = {
    "left": "inset-y-0 left-0 w-72 border-r enter-left",
    "right": "inset-y-0 right-0 w-full max-w-sm border-l enter",
}


def _controlled(opened: Any, on_open_change: Any) -> dict[str, Any]:
    if opened is None:
        return {}
    return {"open": opened, "on_open_change": on_open_change}


def _heading(title: Any, text: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            radix.title(rx.el.h2(title, class_name="text-lg font-semibold"), as_child=True),
            radix.description(rx.el.p(text, class_name="text-base text-muted"), as_child=True)
            if given(text)
            else rx.fragment(),
            class_name="flex flex-col gap-1",
        ),
        radix.close(icon_button("x", t("Close"), class_name="-mr-2 -mt-2"), as_child=True),
        class_name="flex items-start justify-between gap-4",
    )


def dialog(
    title: Any,
    *body: Any,
    trigger: rx.Component | None = None,
    text: Any = "",
    actions: tuple[rx.Component, ...] = (),
    opened: Any = None,
    on_open_change: Any = None,
    alert: bool = False,
) -> rx.Component:
    """A question or a short task above the page; comes from below on a phone."""
    content = radix.content(
        _heading(title, text),
        *body,
        rx.el.div(
            *actions, class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end"
        )
        if actions
        else rx.fragment(),
        class_name=_DIALOG,
        custom_attrs=focus_back() | ({"role": "alertdialog"} if alert else {}),
    )
    return radix.root(
        radix.trigger(trigger, as_child=True) if trigger is not None else rx.fragment(),
        radix.portal(radix.overlay(class_name=_SCRIM), content),
        **_controlled(opened, on_open_change),
    )


def dialog_close(control: rx.Component) -> rx.Component:
    """Makes a button close the dialog around it."""
    return radix.close(control, as_child=True)


def drawer(
    title: Any,
    *body: Any,
    trigger: rx.Component | None = None,
    side: Literal["left", "right"] = "right",
    opened: Any = None,
    on_open_change: Any = None,
) -> rx.Component:
    """A panel from the side: navigation on a phone, details on a desk."""
    content = radix.content(
        _heading(title, ""),
        *body,
        class_name=(
            f"fixed z-50 flex flex-col gap-4 overflow-y-auto border-line bg-surface p-5 "
            f"shadow-float {_SIDES[side]}"
        ),
        custom_attrs=focus_back() | {"aria-describedby": None},
    )
    return radix.root(
        radix.trigger(trigger, as_child=True) if trigger is not None else rx.fragment(),
        radix.portal(radix.overlay(class_name=_SCRIM), content),
        **_controlled(opened, on_open_change),
    )
