"""Sending later: the button beside Send, its dialog, and what waits above the message line."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from loom_app.domains.messaging.queries import ScheduledView
from loom_app.ui.chat.schedule_state import ScheduleState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.clear_line import ClearLine
from loom_app.ui.design.browser.compose import too_long, turned
from loom_app.ui.design.button import button, icon_button
from loom_app.ui.design.dialog import dialog
from loom_app.ui.design.field import INPUT, text_area
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t, tn

_LINE = rx.Var(
    "(document.getElementById('compose')?.value ?? '').slice(0, 4000)",
    _var_data=VarData(imports={"$/utils/state": "refs"}),
).to(str)


def schedule_button() -> rx.Component:
    """Beside Send, as soon as there is something to send; with the dialog it opens."""
    offered = rx.el.span(
        icon_button("alarm-clock", t("Send later"), on_click=ScheduleState.begin(_LINE)),
        class_name="hidden group-has-[textarea:not(:placeholder-shown)]:contents",
    )
    return rx.fragment(
        rx.cond((turned("kind") == "edit") | (too_long.value.to(int) > 0), rx.fragment(), offered),
        ClearLine.create(done=ScheduleState.done, hidden=True),
    )


def _choice(value: str, words: Any, hint: Any, *more: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="radio",
                name="how",
                value=value,
                default_checked=ScheduleState.how == value,
                class_name="mt-1 size-5 shrink-0 accent-[var(--brand)]",
            ),
            rx.el.span(
                rx.el.span(words, class_name="block text-base"),
                rx.el.span(hint, class_name="block text-sm text-muted"),
            ),
            class_name="flex min-h-11 items-start gap-3 py-1",
        ),
        *more,
    )


def schedule_dialog() -> rx.Component:
    """Once a page."""
    errors = ScheduleState.errors
    moment = rx.el.input(
        type="datetime-local",
        name="at",
        default_value=ScheduleState.at,
        aria_label=t("Day and time"),
        aria_invalid=rx.cond(errors.get("at", ""), True, False),
        aria_describedby="schedule-at-note",
        class_name=f"{INPUT} mt-1",
    )
    form = rx.el.form(
        text_area(
            t("Message"),
            "body",
            default_value=ScheduleState.body,
            max_length=4000,
            field_id="schedule-body",
            error=errors.get("body", ""),
        ),
        rx.el.fieldset(
            rx.el.legend(t("When"), class_name="text-sm font-medium"),
            rx.cond(
                ScheduleState.waking != "",
                _choice(
                    "awake",
                    t("When {name} is awake", name=ChatState.thread.name),
                    ScheduleState.waking,
                ),
                rx.fragment(),
            ),
            _choice("at", t("At a time"), t("In your time zone"), moment),
            rx.el.p(
                errors.get("at", ""),
                id="schedule-at-note",
                role="alert",
                class_name="text-sm text-bad",
            ),
            class_name="flex flex-col gap-1",
        ),
        rx.el.div(
            button(t("Cancel"), kind="ghost", on_click=ScheduleState.show(False)),
            button(rx.cond(ScheduleState.editing > 0, t("Save"), t("Send later")), type="submit"),
            class_name="flex flex-wrap justify-end gap-3",
        ),
        on_submit=ScheduleState.save,
        no_validate=True,
        key=ScheduleState.turn,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(
        rx.cond(ScheduleState.editing > 0, t("Change the message"), t("Send later")),
        form,
        opened=ScheduleState.opened,
        on_open_change=ScheduleState.show,
    )


def _waiting(one: rx.Var[ScheduledView]) -> rx.Component:
    return rx.el.li(
        icon("alarm-clock", 18, class_name="mt-0.5 text-muted"),
        rx.el.div(
            rx.el.p(one.body, class_name="truncate text-sm", dir="auto"),
            rx.cond(
                one.problem != "",
                rx.el.p(one.problem, class_name="text-xs text-bad"),
                rx.el.p(
                    rx.cond(one.awake, t("When they are awake: {when}", when=one.when), one.when),
                    class_name="text-xs text-muted tabular",
                ),
            ),
            class_name="min-w-0 flex-1",
        ),
        icon_button("pencil", t("Change"), on_click=ScheduleState.change(one.id)),
        icon_button("send-horizontal", t("Send now"), on_click=ScheduleState.send_now(one.id)),
        icon_button("trash-2", t("Do not send"), on_click=ScheduleState.drop(one.id)),
        key=one.id,
        class_name="flex items-start gap-2 py-1 pl-2",
    )


def scheduled_list() -> rx.Component:
    """What waits, above the message line; nothing while nothing does."""
    count = ScheduleState.waiting.length()
    return rx.cond(
        count > 0,
        rx.el.details(
            rx.el.summary(
                icon("alarm-clock", 16),
                tn("{n} message waits to be sent", "{n} messages wait to be sent", count),
                class_name=(
                    "flex min-h-11 cursor-pointer items-center gap-2 text-sm font-medium text-muted"
                ),
            ),
            rx.el.ul(
                rx.foreach(ScheduleState.waiting, _waiting),
                class_name="max-h-52 overflow-y-auto pb-2",
            ),
            class_name="mx-auto w-full max-w-[46rem] shrink-0 border-t border-line px-4 md:px-6",
        ),
        rx.fragment(),
    )
