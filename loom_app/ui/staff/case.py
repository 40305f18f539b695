"""`/staff/moderation/<case>`: one case with what stood around it, and what can be done."""

from typing import Any

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card, facts, section
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.field import select_field, text_area
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.session import Viewer
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.moderation import case_line
from loom_app.ui.staff.moderation_state import CaseState, LineRow
from loom_app.ui.staff.notes import notes
from loom_app.ui.text import t

state = CaseState
case = CaseState.case


def _about() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h1(case.who, class_name="text-2xl font-semibold", dir="auto"),
            rx.cond(case.kind == "report", badge(t("Report"), "brand"), badge(t("Filter"), "info")),
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.cond(
            case.again != "",
            rx.el.p(case.again, class_name="rounded-control bg-warn-soft p-3 text-base text-warn"),
            rx.fragment(),
        ),
        facts(
            (t("What it is"), case.about),
            (t("When"), case.when),
            (
                t("From"),
                rx.cond(case.reporter != "", case.reporter, t("The filter, by itself")),
            ),
            (t("In their words"), rx.cond(case.words != "", case.words, t("Nothing was added"))),
            (t("With"), rx.cond(case.assigned != "", case.assigned, t("Nobody yet"))),
        ),
        rx.cond(
            case.outcome != "",
            rx.el.p(case.outcome, role="status", class_name="text-base font-medium"),
            rx.fragment(),
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )


def _line(item: rx.Var[LineRow]) -> rx.Component:
    row: Any = item
    look = "rounded-control px-3 py-2"
    return rx.el.li(
        rx.el.p(
            rx.el.span(row.by, class_name="font-medium", dir="auto"),
            rx.el.span(" · ", row.when, class_name="text-muted tabular"),
            rx.cond(
                row.it, rx.el.span(" · ", t("this one"), class_name="font-medium"), rx.fragment()
            ),
            class_name="text-sm",
        ),
        rx.el.p(row.body, class_name="whitespace-pre-line break-words text-base", dir="auto"),
        key=row.id,
        class_name=rx.cond(row.it, f"{look} bg-warn-soft text-warn", look),
    )


def _around() -> rx.Component:
    shown = section(
        t("What stood around it"),
        card(
            rx.el.ol(rx.foreach(state.lines, _line), class_name="flex flex-col gap-1"),
            class_name="p-3",
        ),
        note=t("Only of this conversation. That you read it stands in the audit trail."),
    )
    said = section(t("What was reported"), card(rx.el.p(case.excerpt, dir="auto")))
    return rx.cond(
        state.lines.length() > 0, shown, rx.cond(case.excerpt != "", said, rx.fragment())
    )


def _decide() -> rx.Component:
    acts = card(
        rx.el.h2(t("Decide"), class_name="text-lg font-semibold"),
        rx.el.div(
            button(t("Dismiss"), kind="secondary", on_click=state.ask("dismiss")),
            button(t("Warn"), kind="secondary", on_click=state.ask("warn")),
            rx.cond(
                case.message,
                button(t("Hide message"), kind="secondary", on_click=state.ask("hide")),
                rx.fragment(),
            ),
            button(t("Suspend"), kind="danger", on_click=state.ask("suspend")),
            class_name="flex flex-wrap gap-3",
        ),
        rx.el.div(
            rx.cond(
                case.mine,
                button(t("Lay it back"), kind="ghost", on_click=state.assign(False)),
                button(t("I take this"), kind="ghost", on_click=state.assign(True)),
            ),
        ),
        class_name="flex flex-col gap-4 p-5 md:p-6",
    )
    lift = rx.cond(
        case.suspended,
        rx.el.div(
            button(t("End the suspension"), kind="secondary", on_click=state.ask("lift")),
            rx.cond(
                Viewer.powers.contains("sessions.override"),
                link_button(
                    t("Their sessions to come"),
                    f"/staff/call-off/{case.person_id}",
                    kind="secondary",
                ),
                rx.el.p(
                    t("Who may cancel for anybody can cancel their sessions."),
                    class_name="text-base text-muted",
                ),
            ),
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.fragment(),
    )
    show = rx.cond(
        case.hidden,
        rx.el.div(button(t("Show it again"), kind="secondary", on_click=state.ask("show"))),
        rx.fragment(),
    )
    return rx.cond(case.open, acts, rx.fragment(lift, show))


def _buttons(words: Any, *, danger: bool = False) -> rx.Component:
    return rx.el.div(
        dialog_close(button(t("Cancel"), kind="secondary")),
        button(words, type="submit", kind="danger" if danger else "primary", busy=state.working),
        class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
    )


def _words(hint: Any, what: str) -> rx.Component:
    return text_area(
        t("Words"),
        "words",
        field_id=f"field-words-{what}",
        hint=hint,
        error=state.errors.get("words", ""),
        max_length=1000,
        rows="4",
    )


def _question(what: str, title: Any, text: Any, hint: Any, action: Any) -> rx.Component:
    return dialog(
        title,
        rx.el.form(
            _words(hint, what),
            _buttons(action),
            on_submit=state.decide,
            no_validate=True,
            class_name="mt-4",
        ),
        text=text,
        opened=state.asking == what,
        on_open_change=state.turn,
        alert=True,
    )


def _suspend() -> rx.Component:
    return dialog(
        t("Suspend {name}?", name=case.who),
        rx.el.form(
            select_field(
                t("For how long?"),
                "days",
                (
                    ("1", t("A day")),
                    ("7", t("A week")),
                    ("30", t("Thirty days")),
                    ("0", t("For good")),
                ),
                default_value="7",
                error=state.errors.get("days", ""),
            ),
            _words(t("They read exactly this, wherever they try to sign in."), "suspend"),
            _buttons(t("Suspend"), danger=True),
            on_submit=state.suspend,
            no_validate=True,
            class_name="mt-4 flex flex-col gap-5",
        ),
        text=t(
            "Every device is signed out within seconds. A coach's page leaves the directory; what"
            " is booked stays until it is cancelled. They can appeal."
        ),
        opened=state.asking == "suspend",
        on_open_change=state.turn,
        alert=True,
    )


def _questions() -> rx.Component:
    told = t("They read exactly this, by mail, and can appeal.")
    inside = t("For other moderators; nobody else reads it.")
    return rx.fragment(
        _question(
            "dismiss",
            t("Dismiss it?"),
            t("Who reported is told that nothing was found. The other is told nothing."),
            inside,
            t("Dismiss"),
        ),
        _question("warn", t("Warn them?"), t("It counts when they offend again."), told, t("Warn")),
        _question(
            "hide",
            t("Hide this message?"),
            t("It is taken back for everybody in the conversation, with its files."),
            told,
            t("Hide message"),
        ),
        _question(
            "show",
            t("Show this message again?"),
            t(
                "Everybody in the conversation reads it again, unless another decision hides it"
                " too, or it was hidden too long ago. Who wrote it has a mail."
            ),
            inside,
            t("Show it again"),
        ),
        _question(
            "lift",
            t("End the suspension?"),
            t("They can sign in again at once, and have a mail."),
            inside,
            t("End the suspension"),
        ),
        _suspend(),
    )


def _former() -> rx.Component:
    return rx.cond(
        state.former.length() > 0,
        section(
            t("Other cases about them"),
            rx.el.ul(rx.foreach(state.former, case_line), class_name="flex flex-col gap-3"),
        ),
        rx.fragment(),
    )


def case_page() -> rx.Component:
    gone = message_page(
        "search-x",
        t("This case is gone"),
        t("The account or the message that it was about may have been deleted."),
        action=link_button(t("The queue"), "/staff/moderation"),
    )
    return staff_frame(
        "people.moderate",
        back_link(t("Moderation"), "/staff/moderation"),
        rx.cond(
            state.loaded,
            rx.cond(
                state.missing,
                gone,
                rx.el.div(
                    _about(),
                    _around(),
                    _decide(),
                    notes(
                        t("Notes and decisions"),
                        state,
                        state.entries,
                        t("For other moderators; nobody else reads it."),
                    ),
                    _former(),
                    class_name="flex max-w-[48rem] flex-col gap-6",
                ),
            ),
            card(skeleton_lines(8)),
        ),
        _questions(),
    )
