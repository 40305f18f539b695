"""`/become-a-coach`: where one stands, the steps, and the way to staff."""

from dataclasses import replace
from typing import Any

import reflex as rx

from loom_app.ui.design.alert import alert
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, section
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.icon import icon
from loom_app.ui.design.progress import progress_bar
from loom_app.ui.design.quote import quoted
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.onboarding.state import HistoryRow, OnboardingState, StepRow
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.shell.me import current
from loom_app.ui.text import t

state = OnboardingState
standing = OnboardingState.standing


def _badge() -> rx.Component:
    return rx.match(
        standing.kind,
        ("verified", badge(t("Verified"), "good", "check")),
        ("waiting", badge(t("Waiting"), "info")),
        ("changes", badge(t("Changes asked for"), "warn")),
        ("hidden", badge(t("Hidden"), "bad")),
        badge(t("Not submitted"), "plain"),
    )


def _standing() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h2(standing.title, class_name="text-lg font-semibold"),
            _badge(),
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.el.p(standing.words, class_name="text-base text-muted"),
        quoted(standing.reason),
        role="status",
        class_name="flex flex-col gap-3 p-5 md:p-6",
    )


def _progress() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(state.progress, class_name="text-sm font-medium tabular"),
            rx.cond(
                state.following != "",
                link_button(t("Go on: {step}", step=state.following_title), state.following),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        progress_bar(state.percent, t("How much is done")),
        class_name="flex flex-col gap-3",
    )


def _mark(row: Any) -> rx.Component:
    look = "inline-flex size-9 shrink-0 items-center justify-center rounded-full"
    return rx.cond(
        row.state == "done",
        rx.el.span(icon("check", 18), class_name=f"{look} bg-good-soft text-good"),
        rx.el.span(
            rx.cond(row.state == "later", icon("clock", 18), icon("circle", 18)),
            class_name=f"{look} bg-sunken text-muted",
        ),
    )


def _step(item: rx.Var[StepRow]) -> rx.Component:
    row: Any = item
    words = rx.el.div(
        rx.el.p(
            row.title,
            rx.cond(
                row.optional,
                rx.el.span(t("optional"), class_name="ml-2 text-sm font-normal text-muted"),
                rx.fragment(),
            ),
            class_name="text-base font-medium",
        ),
        rx.el.p(row.detail, class_name="text-sm text-muted"),
        rx.el.span(
            rx.match(row.state, ("done", t("Done")), ("later", t("Put off")), t("Not done yet")),
            class_name="sr-only",
        ),
        class_name="min-w-0 grow basis-48",
    )
    later = rx.cond(
        row.state == "done",
        rx.fragment(),
        rx.cond(
            row.state == "later",
            button(
                t("Not later"),
                kind="ghost",
                size="sm",
                aria_label=t("Do not put off: {step}", step=row.title),
                on_click=state.put_off(row.name, False),
            ),
            button(
                t("Later"),
                kind="ghost",
                size="sm",
                aria_label=t("Put off: {step}", step=row.title),
                on_click=state.put_off(row.name, True),
            ),
        ),
    )
    return rx.el.li(
        _mark(row),
        words,
        rx.el.div(
            later,
            link_button(
                row.action,
                row.href,
                kind="secondary",
                size="sm",
                aria_label=t("{action}: {step}", action=row.action, step=row.title),
            ),
            class_name="flex gap-2 max-sm:ml-[3.25rem]",
        ),
        key=row.name,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 py-4 first:pt-0 last:pb-0",
    )


def _submit() -> rx.Component:
    again = rx.cond(standing.kind == "changes", t("Submit once more"), t("Submit for a check"))
    ready = card(
        rx.el.h2(t("Review and submit"), class_name="text-lg font-semibold"),
        rx.el.p(
            t(
                "Somebody of our team looks at your profile, your proofs and what you offer, and"
                " answers by mail. You can go on changing everything meanwhile."
            ),
            class_name="text-base text-muted",
        ),
        alert(state.problem),
        rx.el.div(
            rx.cond(
                state.following == "",
                button(again, busy=state.working, on_click=state.submit),
                button(again, kind="secondary", busy=state.working, on_click=state.submit),
            ),
            link_button(t("See your profile"), "/profile", kind="ghost"),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )
    open_to_it = (standing.kind == "new") | (standing.kind == "changes")
    return rx.cond(open_to_it, ready, rx.fragment())


def history_line(item: rx.Var[HistoryRow]) -> rx.Component:
    """One decision, for the coach and for staff."""
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.title, class_name="text-base font-medium"),
            rx.el.p(row.when, class_name="text-sm text-muted tabular"),
            class_name="flex flex-wrap items-baseline justify-between gap-x-4",
        ),
        rx.cond(
            row.words != "",
            rx.el.p(row.words, dir="auto", class_name="whitespace-pre-line break-words text-base"),
            rx.fragment(),
        ),
        class_name="py-3 first:pt-0 last:pb-0",
    )


def _path() -> rx.Component:
    return rx.el.div(
        _standing(),
        _progress(),
        card(rx.el.ol(rx.foreach(state.steps, _step), class_name="divide-y divide-line")),
        _submit(),
        rx.cond(
            state.history.length() > 0,
            section(
                t("What happened so far"),
                card(
                    rx.el.ul(
                        rx.foreach(state.history, history_line), class_name="divide-y divide-line"
                    )
                ),
            ),
            rx.fragment(),
        ),
        class_name="flex max-w-[48rem] flex-col gap-6",
    )


def _invitation() -> rx.Component:
    return empty_state(
        "sprout",
        t("Do you coach?"),
        button(t("Become a coach"), on_click=state.begin),
        detail=t(
            "Write your profile, say what you offer and when, and show us who you are. You stay the"
            " client you are; nobody can book you before you submit and we have looked."
        ),
    )


def onboarding_page() -> rx.Component:
    return app_frame(
        page_heading(t("Become a coach"), t("Step by step, in any order; all of it is kept.")),
        rx.cond(state.loaded, rx.cond(state.coach, _path(), _invitation()), card(skeleton_rows(5))),
        place="offerings",
        me=replace(current(), standing=""),  # it stands on the page itself
    )
