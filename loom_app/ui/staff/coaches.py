"""`/staff/coaches`: who waits to be verified, oldest first; and one coach with all there is."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, card_link, section
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state, message_page
from loom_app.ui.design.field import text_area
from loom_app.ui.design.icon import icon
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import skeleton_lines, skeleton_rows
from loom_app.ui.onboarding.page import history_line
from loom_app.ui.onboarding.proofs import document_link
from loom_app.ui.onboarding.proofs_state import ProofRow
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.coaches_state import (
    CheckRow,
    CoachQueueState,
    CoachSheetState,
    QueueRow,
    SaleRow,
)
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.text import t

state = CoachSheetState
coach = CoachSheetState.coach


def _waiting(item: rx.Var[QueueRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card_link(
            avatar(row.initials, row.hue, row.avatar_url),
            rx.el.div(
                rx.el.p(row.name, class_name="truncate text-base font-medium", dir="auto"),
                rx.el.p(row.headline, class_name="truncate text-sm text-muted", dir="auto"),
                class_name="min-w-0 grow basis-40",
            ),
            rx.el.div(
                badge(row.kind, row.tone),
                rx.el.span(row.waits, class_name="text-sm text-muted tabular"),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            icon("chevron-right", 20, class_name="text-muted max-sm:hidden"),
            href=row.href,
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 p-4 md:px-5",
        ),
        key=row.id,
    )


def coach_queue_page() -> rx.Component:
    rows = CoachQueueState.rows
    return staff_frame(
        "coaches.verify",
        page_heading(
            t("Verify coaches"), t("Who waits longest stands first. Nobody books them before.")
        ),
        rx.cond(
            CoachQueueState.loaded,
            rx.cond(
                rows.length() > 0,
                rx.el.ul(
                    rx.foreach(rows, _waiting), class_name="flex max-w-[48rem] flex-col gap-3"
                ),
                empty_state(
                    "badge-check",
                    t("Nobody waits"),
                    detail=t("Coaches who submit stand here, and you get a mail."),
                ),
            ),
            card(skeleton_rows(3)),
        ),
    )


def _who() -> rx.Component:
    return card(
        rx.el.div(
            avatar(coach.initials, coach.hue, coach.avatar_url, size="lg"),
            rx.el.div(
                rx.el.h1(coach.name, class_name="text-2xl font-semibold", dir="auto"),
                rx.el.p(coach.email, class_name="break-all text-sm text-muted"),
                rx.el.p(coach.stands, role="status", class_name="text-sm font-medium"),
                class_name="min-w-0",
            ),
            class_name="flex flex-wrap items-center gap-4",
        ),
        rx.cond(
            coach.changed != "",
            rx.el.p(
                t("Changed since the time before: {what}.", what=coach.changed),
                class_name="rounded-control bg-info-soft p-3 text-base text-info",
            ),
            rx.fragment(),
        ),
        rx.el.div(
            rx.el.p(coach.headline, class_name="text-base font-medium", dir="auto"),
            rx.el.p(
                coach.bio,
                class_name="max-w-[68ch] whitespace-pre-line break-words text-base",
                dir="auto",
            ),
            rx.el.p(coach.facts, class_name="text-sm text-muted", dir="auto"),
            rx.cond(
                coach.video_url != "",
                A.create(
                    coach.video_url,
                    href=coach.video_url,
                    target="_blank",
                    rel="noopener noreferrer nofollow",
                    class_name="inline-flex min-h-11 items-center break-all text-sm underline",
                ),
                rx.fragment(),
            ),
            class_name="flex flex-col gap-2",
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )


def _proof(item: rx.Var[ProofRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.title, class_name="break-words text-base font-medium", dir="auto"),
            rx.el.p(row.detail, class_name="break-words text-sm text-muted"),
            document_link(row.href, row.file),
            class_name="min-w-0 grow basis-56",
        ),
        badge(row.status, row.tone),
        key=row.id,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0",
    )


def _sale(item: rx.Var[SaleRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.name, class_name="break-words text-base font-medium", dir="auto"),
            rx.el.p(row.facts, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.span(row.price, class_name="text-base tabular"),
        class_name="flex items-center gap-4 py-3 first:pt-0 last:pb-0",
    )


def _listed(title: Any, rows: Any, row: Any, nothing: Any) -> rx.Component:
    return section(
        title,
        card(
            rx.cond(
                rows.length() > 0,
                rx.el.ul(rx.foreach(rows, row), class_name="divide-y divide-line"),
                rx.el.p(nothing, class_name="text-base text-muted"),
            )
        ),
    )


def _check(item: rx.Var[CheckRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                # the browser ticks at once; another submission draws the box anew
                default_checked=row.ticked,
                on_change=state.tick(row.name),
                class_name="mt-0.5 size-5 shrink-0 accent-[var(--brand)]",
            ),
            rx.el.span(
                rx.el.span(row.title, class_name="block text-base font-medium"),
                rx.el.span(row.detail, class_name="block text-sm text-muted"),
            ),
            class_name="flex min-h-11 flex-1 items-start gap-3 py-2",
        ),
        rx.cond(row.lacks, badge(t("Something is missing"), "warn"), rx.fragment()),
        key=row.key,
        class_name="flex flex-wrap items-center gap-x-3",
    )


def _decide() -> rx.Component:
    return card(
        rx.el.h2(t("What you have checked"), class_name="text-lg font-semibold"),
        rx.el.ul(rx.foreach(state.checks, _check), class_name="flex flex-col"),
        rx.el.div(
            rx.cond(
                state.errors.get("checks", "") != "",
                rx.el.p(state.errors.get("checks", ""), class_name="text-sm text-bad"),
                rx.fragment(),
            ),
            role="alert",
            class_name="empty:hidden",
        ),
        rx.el.div(
            button(t("Approve"), busy=state.working, on_click=state.approve),
            button(t("Ask for changes"), kind="secondary", on_click=state.turn(True)),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )


def _question() -> rx.Component:
    return dialog(
        t("What has to change?"),
        rx.el.form(
            text_area(
                t("Words to the coach"),
                "reason",
                hint=t("They read exactly this, by mail and on their page."),
                error=state.errors.get("reason", ""),
                max_length=1000,
                rows="6",
            ),
            rx.el.div(
                dialog_close(button(t("Cancel"), kind="secondary")),
                button(t("Send back"), type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.send_back,
            no_validate=True,
            class_name="mt-4",
        ),
        text=t("They change it and submit once more; nothing that they wrote is lost."),
        opened=state.asking,
        on_open_change=state.turn,
    )


def _application() -> rx.Component:
    return rx.el.div(
        _who(),
        _listed(t("Proofs"), state.proofs, _proof, t("No proofs were given.")),
        _listed(t("Offerings"), state.sales, _sale, t("Nothing is offered.")),
        rx.cond(coach.waits, _decide(), rx.fragment()),
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


def coach_sheet_page() -> rx.Component:
    nobody = message_page(
        "user-x",
        t("There is no coach here"),
        t("The account may be gone, or never was a coach's."),
        action=link_button(t("Who waits"), "/staff/coaches"),
    )
    return staff_frame(
        "coaches.verify",
        back_link(t("Verify coaches"), "/staff/coaches"),
        rx.cond(
            state.loaded,
            rx.cond(state.missing, nobody, _application()),
            card(skeleton_lines(8)),
        ),
        _question(),
    )
