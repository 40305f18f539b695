"""Times for a session in a conversation: the button and dialog that share them, and their card."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.actions import TIMES_MAX
from loom_app.ui.chat.proposal_state import ProposalState, ProposedTime
from loom_app.ui.chat.propose_state import DayTimes, OfferingChoice, ProposeState, TimeChoice
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.button import button, icon_button, link_button
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, skeleton_lines
from loom_app.ui.text import t, tn


def propose_button() -> rx.Component:
    """In a conversation of two, where a session can be between them."""
    return rx.cond(
        ChatState.thread.kind == "pair",
        icon_button("calendar-plus", t("Propose times"), on_click=ProposeState.begin),
        rx.fragment(),
    )


def _offering(choice: rx.Var[OfferingChoice]) -> rx.Component:
    one: Any = choice
    return rx.el.button(
        rx.el.span(one.name, class_name="truncate font-medium"),
        rx.el.span(one.detail, class_name="shrink-0 text-xs"),
        type="button",
        aria_pressed=ProposeState.offering_id == one.id,
        on_click=ProposeState.choose(one.id),
        class_name=(
            "flex min-h-11 items-center justify-between gap-3 rounded-control border border-edge "
            "px-3 text-left text-sm hover:bg-hover aria-pressed:border-brand "
            "aria-pressed:bg-brand-soft"
        ),
    )


def _time(choice: rx.Var[TimeChoice]) -> rx.Component:
    one: Any = choice
    return rx.el.button(
        one.label,
        type="button",
        aria_pressed=ProposeState.chosen.contains(one.instant),
        on_click=ProposeState.toggle(one.instant),
        class_name=(
            "h-11 min-w-20 rounded-control border border-edge px-3 text-sm tabular hover:bg-hover "
            "aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand"
        ),
    )


def _day(day: rx.Var[DayTimes]) -> rx.Component:
    one: Any = day
    return rx.el.section(
        rx.el.h3(one.label, class_name="text-sm font-semibold"),
        rx.el.div(rx.foreach(one.times, _time), class_name="mt-2 flex flex-wrap gap-2"),
    )


def _week() -> rx.Component:
    back = icon_button(
        "chevron-left",
        t("Earlier"),
        on_click=ProposeState.turn(-1),
        disabled=ProposeState.week == 0,
    )
    return rx.el.div(
        rx.el.div(
            rx.el.p(ProposeState.zone_words, class_name="text-sm text-muted"),
            rx.el.div(
                back,
                icon_button("chevron-right", t("Later"), on_click=ProposeState.turn(1)),
                class_name="flex",
            ),
            class_name="flex items-center justify-between gap-2",
        ),
        rx.cond(
            ProposeState.days.length() > 0,
            rx.el.div(
                rx.foreach(ProposeState.days, _day),
                class_name=(
                    "flex max-h-[26dvh] flex-col gap-4 overflow-y-auto py-1 sm:max-h-[40dvh]"
                ),
            ),
            rx.el.p(t("No free times in these days."), class_name="py-6 text-base text-muted"),
        ),
        class_name="mt-3",
    )


def propose_dialog() -> rx.Component:
    """Once a page."""
    count = ProposeState.chosen.length()
    chooser = rx.el.div(
        rx.foreach(ProposeState.offerings, _offering),
        role="group",
        aria_label=t("Session"),
        class_name="flex max-h-40 flex-col gap-2 overflow-y-auto",
    )
    nothing = empty_state(
        "calendar-x",
        t("There is no session to propose"),
        detail=t("Times can be proposed between a coach and their client."),
    )
    body = rx.cond(
        ProposeState.loaded,
        rx.cond(ProposeState.offerings.length() > 0, rx.el.div(chooser, _week()), nothing),
        skeleton_lines(4),
    )
    send = button(
        rx.cond(count > 0, tn("Send {n} time", "Send {n} times", count), t("Send")),
        on_click=ProposeState.send,
        disabled=count == 0,
    )
    return dialog(
        t("Propose times"),
        rx.el.div(body, class_name="mt-4"),
        rx.cond(
            ProposeState.errors.get("times", "") != "",
            rx.el.p(ProposeState.errors.get("times", ""), role="alert", class_name="text-bad"),
            rx.fragment(),
        ),
        text=t("Choose up to {n}. The other sees which are still free.", n=TIMES_MAX),
        actions=(dialog_close(button(t("Cancel"), kind="secondary")), send),
        opened=ProposeState.opened,
        on_open_change=ProposeState.set_opened,
    )


def _proposed(message_id: Any, proposed: rx.Var[ProposedTime]) -> rx.Component:
    one: Any = proposed
    words = rx.match(
        one.state,
        ("taken", t("Taken")),
        ("past", t("Passed")),
        ("picked", t("Chosen")),
        "",
    )
    line = "flex min-h-11 w-full items-center justify-between gap-3 rounded-control px-3 text-sm "
    return rx.el.li(
        rx.cond(
            one.can,
            rx.el.button(
                rx.el.span(one.label, class_name="tabular"),
                icon("arrow-right", 16),
                type="button",
                on_click=ProposalState.pick(message_id, one.instant),
                class_name=f"{line} border border-edge bg-surface font-medium hover:bg-hover",
            ),
            rx.el.div(
                rx.el.span(
                    one.label,
                    class_name=rx.cond(
                        (one.state == "taken") | (one.state == "past"),
                        "tabular text-muted line-through",
                        "tabular",
                    ),
                ),
                rx.el.span(words, class_name="text-xs text-muted"),
                class_name=f"{line} bg-hover/60",
            ),
        ),
        class_name="list-none",
    )


@rx.memo
def proposal_card(rest: rx.RestProp, *, number: rx.Var[int]) -> rx.Component:
    """The proposal of a message; asks for what it shows when it appears. Give it a key that
    changes with the proposal, so that it asks again."""
    one: Any = ProposalState.shown[number.to_string()]
    card = rx.el.div(
        rx.el.p(
            icon("calendar-plus", 16),
            one.title,
            class_name="flex items-center gap-2 text-sm font-semibold",
        ),
        rx.el.p(one.detail, class_name="text-xs text-muted"),
        rx.el.ul(
            rx.foreach(one.times, lambda time: _proposed(number, time)),
            class_name="mt-2 flex flex-col gap-1.5",
        ),
        rx.el.p(one.note, class_name="mt-2 text-xs text-muted", aria_live="polite"),
        rx.cond(
            one.link != "",
            link_button(one.link_words, one.link, kind="secondary", size="sm"),
            rx.fragment(),
        ),
        class_name="flex flex-col",
    )
    waiting = rx.el.div(bone("h-5 w-40"), bone("h-11 w-full"), class_name="flex flex-col gap-2")
    return rx.el.div(
        rx.cond(ProposalState.shown.contains(number.to_string()), card, waiting),
        rest,
        on_mount=ProposalState.show(number),
        class_name="w-72 max-w-full",
    )
