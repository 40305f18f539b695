"""`/packages/buy/<offer>`: what is bought, and how it is paid."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.review import confirm_address, ways
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.design.browser.leave import leave_for
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, facts
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.packages.buying_state import BuyPackageState
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t


def _summary() -> rx.Component:
    row: Any = BuyPackageState.row
    return card(
        facts(
            (t("With"), BuyPackageState.coach),
            (t("What"), row.offerings),
            (t("Package"), row.terms),
            (
                t("Price"),
                rx.el.span(
                    rx.el.span(row.price, class_name="font-semibold"),
                    rx.cond(row.saving, rx.el.span(" · ", row.saving), rx.fragment()),
                ),
            ),
        )
    )


def _terms() -> rx.Component:
    return rx.el.ul(
        rx.el.li(t("Book when you like: choose the package in the last step of a booking.")),
        rx.el.li(t("Cancelled in time, a session goes back into it; too late, it counts as used.")),
        rx.el.li(t("What is not used in time is lost. We write to you before.")),
        class_name="list-disc pl-5 text-base text-muted",
    )


def _pay() -> rx.Component:
    return rx.el.div(
        ways(),
        button(
            WaysState.label,
            size="lg",
            busy=BuyPackageState.paying,
            on_click=BuyPackageState.pay(BuyPackageState.reading),
            class_name="w-full sm:w-auto sm:self-start",
        ),
        class_name="flex flex-col gap-3",
    )


def buy_package_page() -> rx.Component:
    whole = rx.el.div(
        rx.el.h1(BuyPackageState.row.name, class_name="text-2xl font-semibold"),
        _summary(),
        _terms(),
        rx.cond(
            BuyPackageState.sells,
            rx.cond(BuyPackageState.verified, _pay(), confirm_address()),
            rx.el.p(t("Not bookable yet."), class_name="text-base"),
        ),
        leave_for(BuyPackageState.checkout_url),
        class_name="flex max-w-[40rem] flex-col gap-6",
    )
    missing = message_page(
        "package",
        t("This package is not here"),
        t("It may not be offered any more."),
        action=link_button(t("See all coaches"), "/coaches"),
    )
    return app_frame(
        rx.match(
            BuyPackageState.phase,
            ("here", whole),
            ("missing", missing),
            loading(bone("h-64 max-w-[40rem] rounded-card")),
        ),
        place="payments",
    )
