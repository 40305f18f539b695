"""What the pages of settings share: the heading, and where else one may go."""

import reflex as rx

from loom_app.ui.design.tabs import tabs
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def frame(here: str, *children: rx.Component) -> rx.Component:
    """`here` is the part that is shown: "profile", "notifications", "security", "data"."""
    return app_frame(
        page_heading(t("Settings")),
        tabs(
            t("Parts of your settings"),
            [
                (t("Profile"), "/settings", here == "profile"),
                (t("Notifications"), "/settings/notifications", here == "notifications"),
                (t("Security"), "/settings/security", here == "security"),
                (t("Data"), "/settings/data", here == "data"),
            ],
        ),
        rx.el.div(*children, class_name="mt-6 flex flex-col gap-6"),
        place="settings",
    )
