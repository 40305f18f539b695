"""What the pages of payments share."""

import reflex as rx

from loom_app.ui.design.tabs import tabs
from loom_app.ui.text import t


def payment_tabs(here: str) -> rx.Component:
    """The places of payments; each has its address."""
    places = [
        ("history", t("History"), "/payments"),
        ("packages", t("Packages"), "/packages"),
        ("methods", t("Ways to pay"), "/payments/methods"),
        ("billing", t("Billing details"), "/payments/billing"),
    ]
    return tabs(t("Payments"), [(words, href, key == here) for key, words, href in places])
