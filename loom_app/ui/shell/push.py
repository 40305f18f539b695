"""Asking for pushes where it makes sense, once, and in words first: the browser's own question
comes only after a click on ours."""

from typing import Any

import reflex as rx

from loom_app.ui.design.browser.push_device import PushDevice, switch_on
from loom_app.ui.design.button import button
from loom_app.ui.design.icon import icon
from loom_app.ui.session import Viewer
from loom_app.ui.shell.push_state import PushState
from loom_app.ui.text import t


def push_device() -> rx.Component:
    """On every page of who is signed in; draws nothing."""
    return PushDevice.create(
        ready=Viewer.arrived,
        public=PushState.key,
        stale=PushState.status == "stale",
        on_found=PushState.found,
        on_subscribed=PushState.subscribed,
        on_left=PushState.left,
        hidden=True,
    )


def push_offer(words: Any, *, when: Any = True, class_name: str = "") -> rx.Component:
    """A line that can be put away for good; nothing where it is answered, or cannot be."""
    line = rx.el.div(
        icon("bell-ring", 20, class_name="shrink-0 text-brand-ink"),
        rx.el.p(words, class_name="min-w-0 flex-1 basis-56 text-sm"),
        rx.el.div(
            button(
                t("Notify me here"),
                kind="secondary",
                size="sm",
                custom_attrs={"onClick": switch_on()},
            ),
            button(t("Not now"), kind="ghost", size="sm", on_click=PushState.put_off),
            class_name="flex gap-1",
        ),
        class_name=f"flex flex-wrap items-center gap-3 bg-sunken px-4 py-2 {class_name}",
    )
    return rx.cond(
        (PushState.status == "off") & (PushState.later == "") & when, line, rx.fragment()
    )
