"""The part of the settings about devices: this one, and the others that take pushes."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.push_device import switch_off, switch_on
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.icon import icon
from loom_app.ui.shell.push_state import DeviceRow, PushState
from loom_app.ui.text import t

_NOTE = "text-base text-muted"


def _this_one() -> rx.Component:
    turn_on = button(
        t("Notify me on this device"), icon_name="bell-ring", custom_attrs={"onClick": switch_on()}
    )
    turn_off = button(
        t("Stop on this device"), kind="secondary", custom_attrs={"onClick": switch_off()}
    )
    return rx.el.div(
        rx.match(
            PushState.status,
            (
                "on",
                rx.fragment(
                    rx.el.p(t("This device gets them."), class_name="text-base font-medium"),
                    turn_off,
                ),
            ),
            ("off", turn_on),
            (
                "failed",
                rx.fragment(
                    rx.el.p(
                        t("This browser could not reach its push service. Try again in a moment."),
                        class_name="text-base text-bad",
                    ),
                    turn_on,
                ),
            ),
            (
                "denied",
                rx.el.p(
                    t(
                        "This browser was told not to show notifications of Loom. Allow them in"
                        " its settings for this site, then load this page again."
                    ),
                    class_name=_NOTE,
                ),
            ),
            (
                "none",
                rx.el.p(
                    t(
                        "This browser shows no notifications. On an iPhone or iPad, add Loom to"
                        " the home screen first and open it from there."
                    ),
                    class_name=_NOTE,
                ),
            ),
            rx.fragment(),
        ),
        class_name="mt-4 flex min-h-11 flex-wrap items-center gap-4",
        role="status",
    )


def _device(item: rx.Var[DeviceRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        icon("monitor-smartphone", 20, class_name="shrink-0 text-muted"),
        rx.el.div(
            rx.el.p(row.name, class_name="truncate text-base"),
            rx.el.p(row.used, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        button(
            t("Remove"),
            kind="secondary",
            size="sm",
            aria_label=t("Remove {name}", name=row.name),
            on_click=PushState.remove(row.id),
        ),
        key=row.id,
        class_name="flex min-h-14 items-center gap-3",
    )


def devices_card() -> rx.Component:
    return card(
        rx.el.h2(t("On your devices"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("Word of messages and sessions while Loom is closed, shown by the device itself."),
            class_name=f"mt-1 {_NOTE}",
        ),
        _this_one(),
        rx.cond(
            PushState.rows.length() > 0,
            rx.el.ul(
                rx.foreach(PushState.rows, _device),
                aria_label=t("Devices that are notified"),
                class_name="mt-4 divide-y divide-line border-t border-line",
            ),
            rx.fragment(),
        ),
    )
