"""`/staff/moderation`: who reported what, and the appeals, oldest first."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, text_link
from loom_app.ui.design.card import card, card_link
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import text_area
from loom_app.ui.design.quote import quoted
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.design.tabs import tabs
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.moderation_state import AppealRow, CaseRow, ModerationState
from loom_app.ui.text import t

state = ModerationState


def case_line(item: rx.Var[CaseRow]) -> rx.Component:
    """A case in a list, which leads to it as a whole."""
    row: Any = item
    return rx.el.li(
        card_link(
            rx.el.div(
                rx.el.p(
                    rx.el.span(row.who, class_name="font-medium", dir="auto"),
                    rx.el.span(" · ", row.about, class_name="text-muted"),
                    class_name="break-words text-base",
                ),
                rx.el.p(row.excerpt, class_name="line-clamp-2 break-words text-sm", dir="auto"),
                rx.el.p(row.again, class_name="text-sm font-medium text-warn empty:hidden"),
                class_name="min-w-0 grow basis-56",
            ),
            rx.el.div(
                badge(row.badge, row.tone),
                rx.cond(
                    row.assigned != "",
                    rx.el.span(t("With {name}", name=row.assigned), class_name="text-sm"),
                    rx.fragment(),
                ),
                rx.el.span(row.when, class_name="text-sm text-muted tabular"),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            href=row.href,
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 p-4 md:px-5",
        ),
        key=row.id,
    )


def _figure(name: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="text-sm text-muted"),
        rx.el.dd(value, class_name="text-lg font-semibold tabular"),
        class_name="min-w-0",
    )


def _figures() -> rx.Component:
    return card(
        rx.el.dl(
            _figure(t("Open"), state.open_now),
            _figure(t("Oldest"), state.oldest),
            _figure(t("Until decided, median of 30 days"), state.median),
            class_name="grid gap-4 sm:grid-cols-3",
        )
    )


def _tabs() -> rx.Component:
    base = "/staff/moderation"
    return tabs(
        t("Parts of the queue"),
        [
            (t("Open"), base, state.view == "open"),
            (t("Yours"), f"{base}?view=mine", state.view == "mine"),
            (t("Appeals"), f"{base}?view=appeals", state.view == "appeals"),
            (t("Decided"), f"{base}?view=decided", state.view == "decided"),
        ],
    )


def _appeal(item: rx.Var[AppealRow]) -> rx.Component:
    row: Any = item
    answers = rx.cond(
        row.mine,
        rx.el.p(
            t("You decided this: another moderator answers, where there is one."),
            class_name="text-sm text-muted",
        ),
        rx.fragment(),
    )
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.p(row.who, class_name="text-base font-medium", dir="auto"),
                rx.el.p(row.when, class_name="text-sm text-muted tabular"),
                class_name="flex flex-wrap items-baseline justify-between gap-x-4",
            ),
            rx.el.p(
                row.about, ". ", text_link(t("The case"), row.href), class_name="text-sm text-muted"
            ),
            quoted(row.reason),
            rx.el.p(row.words, class_name="whitespace-pre-line break-words text-base", dir="auto"),
            answers,
            rx.el.div(
                button(
                    t("Take it back"),
                    size="sm",
                    aria_label=t("Take back the decision about {name}", name=row.who),
                    on_click=state.answer(row.id, True),
                ),
                button(
                    t("Let it stand"),
                    kind="secondary",
                    size="sm",
                    aria_label=t("Let the decision about {name} stand", name=row.who),
                    on_click=state.answer(row.id, False),
                ),
                class_name="flex flex-wrap gap-3",
            ),
            class_name="flex flex-col gap-3 p-5",
        ),
        key=row.id,
    )


def _answer() -> rx.Component:
    return dialog(
        rx.cond(state.lifting, t("Take the decision back?"), t("Let the decision stand?")),
        rx.el.form(
            text_area(
                t("Words to the person"),
                "answer",
                error=state.errors.get("answer", ""),
                hint=t("They read exactly this, by mail."),
                max_length=1000,
                rows="4",
            ),
            rx.el.div(
                dialog_close(button(t("Cancel"), kind="secondary")),
                button(t("Send answer"), type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.send_answer,
            no_validate=True,
            class_name="mt-4",
        ),
        opened=state.answering > 0,
        on_open_change=state.turn,
    )


def _list() -> rx.Component:
    nothing = empty_state(
        "shield-check", t("Nothing here"), detail=t("What people report stands here, oldest first.")
    )
    cases = rx.cond(
        state.rows.length() > 0,
        rx.el.ul(rx.foreach(state.rows, case_line), class_name="flex flex-col gap-3"),
        nothing,
    )
    appeals = rx.cond(
        state.appeals.length() > 0,
        rx.el.ul(rx.foreach(state.appeals, _appeal), class_name="flex flex-col gap-3"),
        empty_state("scale", t("No appeal waits")),
    )
    return rx.cond(state.view == "appeals", appeals, cases)


def moderation_page() -> rx.Component:
    return staff_frame(
        "people.moderate",
        page_heading(t("Moderation"), t("Reports, what the filter noticed, and appeals.")),
        rx.cond(
            state.loaded,
            rx.el.div(
                _figures(),
                _tabs(),
                rx.cond(
                    (state.waiting > 0) & (state.view != "appeals"),
                    rx.el.p(
                        text_link(
                            t("Appeals wait for an answer"), "/staff/moderation?view=appeals"
                        ),
                        class_name="text-base",
                    ),
                    rx.fragment(),
                ),
                _list(),
                class_name="flex max-w-[52rem] flex-col gap-5",
            ),
            card(skeleton_rows(4)),
        ),
        _answer(),
    )
