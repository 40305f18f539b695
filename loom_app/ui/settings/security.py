"""`/settings/security`: how one signs in, and where one is signed in."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.settings.credentials import address_card, password_card
from loom_app.ui.settings.frame import frame
from loom_app.ui.settings.mail_stopped import mail_stopped
from loom_app.ui.settings.second_factor import second_factor_card
from loom_app.ui.settings.second_factor_state import SecondFactorState
from loom_app.ui.settings.security_state import SecurityState, SignInRow
from loom_app.ui.settings.ways import ways_card
from loom_app.ui.text import t


def _sign_in(row: rx.Var[SignInRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        icon("monitor", 20, class_name="mt-0.5 shrink-0 text-muted"),
        rx.el.div(
            rx.el.p(
                rx.el.span(one.device, class_name="text-base font-medium"),
                rx.cond(one.here, badge(t("This device"), tone="good"), rx.fragment()),
                class_name="flex flex-wrap items-center gap-x-2 gap-y-1",
            ),
            rx.el.p(one.place, class_name="break-all text-sm text-muted"),
            rx.el.p(one.used, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            one.here,
            rx.fragment(),
            button(
                t("Sign out"),
                kind="secondary",
                size="sm",
                aria_label=t("Sign out {device}", device=one.device),
                on_click=SecurityState.end(one.id),
            ),
        ),
        key=one.id,
        class_name="flex items-start gap-3 border-t border-line py-4 first:border-t-0",
    )


def _sign_ins() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(t("Where you are signed in"), class_name="text-lg font-semibold"),
                rx.el.p(
                    t("Something here you do not know? Sign it out, then change your password."),
                    class_name="mt-1 text-base text-muted",
                ),
                class_name="min-w-0 basis-72 grow",
            ),
            rx.cond(
                SecurityState.sign_ins.length() > 1,
                button(
                    t("Sign out all others"),
                    kind="secondary",
                    size="sm",
                    on_click=SecurityState.end_others,
                ),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-start justify-between gap-3",
        ),
        rx.el.ul(rx.foreach(SecurityState.sign_ins, _sign_in), class_name="mt-2"),
    )


def security_page() -> rx.Component:
    return frame(
        "security",
        mail_stopped(),
        rx.cond(
            SecurityState.loaded & SecondFactorState.loaded,
            rx.fragment(
                second_factor_card(), password_card(), ways_card(), address_card(), _sign_ins()
            ),
            card(skeleton_lines(6)),
        ),
    )
