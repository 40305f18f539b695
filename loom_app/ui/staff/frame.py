"""The frame of a page of staff: what it shows goes away as soon as the permission does."""

from typing import Any

import reflex as rx

from loom_app.ui.design.empty import message_page
from loom_app.ui.session import Viewer
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t


def staff_frame(permission: str, *children: Any, place: str = "") -> rx.Component:
    """While it is not known who looks, the children show their own skeletons. The permission is the
    key of the place at the side, where no other `place` is given."""
    return app_frame(
        rx.cond(
            ~Viewer.ready | Viewer.powers.contains(permission),
            rx.fragment(*children),
            message_page(
                "lock",
                t("This is for staff"),
                t("Your roles do not include this page, or do so no more."),
            ),
        ),
        place=place or permission,
    )
