"""`/settings/notifications`: which topics, where, and when not."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import checkbox, select_field, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.notifications.devices import devices_card
from loom_app.ui.notifications.grid_state import GridState, Line, Square
from loom_app.ui.notifications.phone import phone_card
from loom_app.ui.settings.frame import frame
from loom_app.ui.settings.mail_stopped import mail_stopped
from loom_app.ui.settings.reminders import reminders_card
from loom_app.ui.text import t

state = GridState


def _square(item: rx.Var[Square]) -> rx.Component:
    one: Any = item
    return rx.el.td(
        rx.cond(
            one.there,
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    checked=one.wanted,
                    disabled=one.fixed,
                    aria_label=one.words,
                    on_change=lambda wanted: state.choose(one.topic, one.channel, wanted),
                    class_name="size-5 accent-[var(--brand)]",
                ),
                class_name="inline-flex size-11 items-center justify-center",
            ),
            rx.el.span(
                "–",
                rx.el.span(t("not there"), class_name="sr-only"),
                class_name="inline-flex size-11 items-center justify-center text-muted",
            ),
        ),
        class_name="w-12 text-center sm:w-20",
    )


def _line(item: rx.Var[Line]) -> rx.Component:
    row: Any = item
    return rx.fragment(
        rx.cond(
            row.heading != "",
            rx.el.tr(
                rx.el.th(
                    row.heading,
                    scope="colgroup",
                    col_span=state.channels.length() + 1,
                    class_name="pb-1 pt-5 text-left text-sm font-semibold text-muted",
                )
            ),
            rx.fragment(),
        ),
        rx.el.tr(
            rx.el.th(
                row.words, scope="row", class_name="py-2 pr-4 text-left text-base font-normal"
            ),
            rx.foreach(row.squares, _square),
            class_name="border-b border-line/70",
        ),
        key=row.topic,
    )


def _grid() -> rx.Component:
    return card(
        rx.el.h2(t("What you hear of, and where"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("Mail about the security of your account and links you ask for always come."),
            class_name="mt-1 text-base text-muted",
        ),
        rx.el.table(
            rx.el.caption(t("Topics and channels"), class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("Topic"), scope="col", class_name="sr-only"),
                    rx.foreach(
                        state.channels,
                        lambda words: rx.el.th(
                            words,
                            scope="col",
                            class_name=(
                                "w-12 pt-4 text-center text-xs font-medium sm:w-20 sm:text-sm"
                            ),
                        ),
                    ),
                )
            ),
            rx.el.tbody(rx.foreach(state.lines, _line)),
            class_name="w-full border-collapse",
        ),
        rx.el.div(
            button(t("Send me a test"), kind="secondary", on_click=state.send_test),
            class_name="mt-5",
        ),
    )


def _when() -> rx.Component:
    return card(
        rx.el.h2(t("When"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("Reminders, times kept for you and security never wait."),
            class_name="mb-4 mt-1 text-base text-muted",
        ),
        rx.el.div(
            select_field(
                t("Mail"),
                "digest",
                [
                    ("none", t("One by one, at once")),
                    ("daily", t("One summary a day, at 8 in the morning")),
                    ("weekly", t("One summary a week, on Monday at 8")),
                ],
                value=state.digest,
                on_change=state.pick_digest,
            ),
            checkbox(
                t("Quiet hours"),
                "quiet",
                hint=t("What comes in them is sent when they end."),
                checked=state.quiet,
                on_change=state.switch_quiet,
            ),
            rx.cond(
                state.quiet,
                rx.el.div(
                    text_field(
                        t("From"),
                        "quiet_from",
                        type="time",
                        default_value=state.quiet_from,
                        on_blur=state.set_quiet_from,
                    ),
                    text_field(
                        t("Until"),
                        "quiet_until",
                        type="time",
                        default_value=state.quiet_until,
                        on_blur=state.set_quiet_until,
                        error=state.errors.get("quiet_until", ""),
                    ),
                    class_name="grid grid-cols-2 gap-4",
                ),
                rx.fragment(),
            ),
            class_name="flex max-w-[480px] flex-col gap-4",
        ),
    )


def _pause() -> rx.Component:
    choices = (
        ("hour", t("For an hour")),
        ("tomorrow", t("Until tomorrow")),
        ("week", t("For a week")),
        ("always", t("Until I say so")),
    )
    return card(
        rx.el.h2(t("Pause everything"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("Nothing is sent but mail that concerns your security. It all stays in the list."),
            class_name="mb-4 mt-1 text-base text-muted",
        ),
        rx.cond(
            state.paused != "",
            rx.el.div(
                rx.el.p(state.paused, class_name="text-base font-medium", role="status"),
                button(t("Go on"), on_click=state.pause("")),
                class_name="flex flex-wrap items-center gap-4",
            ),
            rx.el.div(
                *(
                    button(words, kind="secondary", size="sm", on_click=state.pause(value))
                    for value, words in choices
                ),
                class_name="flex flex-wrap gap-2",
            ),
        ),
    )


def grid_page() -> rx.Component:
    return frame(
        "notifications",
        mail_stopped(),
        rx.cond(
            state.loaded,
            rx.fragment(devices_card(), phone_card(), _grid(), reminders_card(), _when(), _pause()),
            card(skeleton_lines(6)),
        ),
    )
