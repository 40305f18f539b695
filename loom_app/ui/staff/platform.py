"""`/staff/settings`, `/staff/notices`, `/staff/flags`: areas, with their forms and histories."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from loom_app.ui.design.alert import alert
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import checkbox, select_field, text_area, text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.staff.platform_state import (
    PAGES,
    AreaRow,
    ChangeRow,
    FieldRow,
    PlatformState,
    Tick,
    VersionRow,
)
from loom_app.ui.text import t

state = PlatformState

_HEADINGS = {
    "settings": (
        t("Platform settings"),
        t("What you choose here stands in place of the environment, everywhere at once."),
    ),
    "notices": (t("Notices"), t("What everybody reads, and who is let in while Loom is closed.")),
    "flags": (t("Features"), t("Turned on and off for everybody, for a part, or for some people.")),
}


def _tick(item: rx.Var[Tick], area: Any) -> rx.Component:
    one: Any = item
    return checkbox(one.words, one.name, field_id=f"{area}-{one.name}", default_checked=one.ticked)


def _many(field: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(field.title, class_name="text-sm font-medium"),
        rx.el.p(field.hint, class_name="text-sm text-muted"),
        rx.el.div(
            rx.foreach(field.ticks, lambda one: _tick(one, field.key)),
            class_name="mt-1 flex flex-wrap gap-x-6",
        ),
    )


def _field(item: rx.Var[FieldRow]) -> rx.Component:
    field: Any = item
    said: Any = {
        "field_id": f"field-{field.key}",
        "hint": field.hint,
        "error": state.errors[field.key],
    }
    lines = text_area(field.title, field.name, default_value=field.value, rows="3", **said)
    return rx.el.div(
        rx.match(
            field.kind,
            (
                "choice",
                select_field(
                    field.title, field.name, field.options, default_value=field.value, **said
                ),
            ),
            (
                "yes",
                checkbox(
                    field.title,
                    field.name,
                    field_id=f"field-{field.key}",
                    hint=field.hint,
                    default_checked=field.ticked,
                ),
            ),
            ("many", _many(field)),
            ("long", lines),
            ("people", lines),
            ("lines", lines),
            (
                "when",
                text_field(
                    field.title,
                    field.name,
                    type="datetime-local",
                    default_value=field.value,
                    **said,
                ),
            ),
            text_field(
                field.title,
                field.name,
                default_value=field.value,
                auto_complete="off",
                **said,
            ),
        ),
        key=field.key,
        class_name=rx.cond(
            (field.kind == "long") | (field.name == "text") | (field.kind == "many"),
            "sm:col-span-2",
            "",
        ),
    )


def _area(item: rx.Var[AreaRow]) -> rx.Component:
    row: Any = item
    form = rx.el.form(
        rx.el.input(type="hidden", name="area", value=row.area, read_only=True),
        rx.el.div(
            rx.foreach(row.fields, _field),
            class_name="mt-5 grid items-start gap-x-4 gap-y-5 sm:grid-cols-2",
        ),
        alert(state.errors[f"{row.area}."]),
        rx.el.div(
            button(
                t("History"),
                kind="ghost",
                icon_name="history",
                type="button",
                aria_label=t("History of {name}", name=row.title),
                on_click=state.look_back(row.area),
            ),
            button(
                t("Review changes"),
                kind="secondary",
                type="submit",
                aria_label=t("Review changes of {name}", name=row.title),
            ),
            class_name="mt-6 flex flex-wrap justify-end gap-3",
        ),
        on_submit=state.review,
        no_validate=True,
        key=row.mark,
    )
    return rx.el.li(
        card(
            rx.el.h2(row.title, class_name="text-lg font-semibold"),
            rx.el.p(row.words, class_name="text-base text-muted"),
            rx.el.p(row.note, class_name="mt-1 text-sm text-muted"),
            rx.cond(
                row.uses, rx.el.p(row.uses, class_name="mt-1 text-sm text-muted"), rx.fragment()
            ),
            form,
        ),
        key=row.area,
    )


def _change(item: rx.Var[ChangeRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.p(one.title, class_name="text-sm font-medium"),
        rx.el.p(
            rx.el.del_(one.before, class_name="min-w-0 break-words text-muted"),
            icon("arrow-right", 16, class_name="mt-1 shrink-0 text-muted"),
            rx.el.ins(one.after, class_name="min-w-0 break-words no-underline"),
            class_name="flex gap-2 text-base",
        ),
        key=one.title,
        class_name="py-2",
    )


def _compared() -> rx.Component:
    return dialog(
        t("Change “{name}”?", name=state.changing),
        rx.el.ul(
            rx.foreach(state.changes, _change),
            class_name="mt-4 divide-y divide-line",
        ),
        rx.el.form(
            text_field(
                t("Why"),
                "reason",
                error=state.errors["reason"],
                max_length=300,
                auto_complete="off",
            ),
            rx.el.div(
                dialog_close(button(t("Not now"), kind="secondary", type="button")),
                button(t("Save"), type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.save,
            no_validate=True,
            class_name="mt-4",
        ),
        text=t("It holds everywhere at once, also on pages that are open."),
        opened=state.changing != "",
        on_open_change=state.close,
    )


def _version(item: rx.Var[VersionRow]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(one.title, class_name="text-sm font-medium"),
                rx.el.p(one.reason, class_name="break-words text-base", dir="auto"),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(
                one.holds,
                badge(t("Holds now"), tone="good"),
                button(
                    t("Go back to this"),
                    kind="secondary",
                    size="sm",
                    on_click=state.bring_back(one.number),
                ),
            ),
            class_name="flex items-start gap-3",
        ),
        rx.el.ul(rx.foreach(one.changes, _change), class_name="mt-1"),
        key=one.number,
        class_name="py-3",
    )


def _history() -> rx.Component:
    return dialog(
        t("History of “{name}”", name=state.looking_back),
        rx.cond(
            state.versions.length() > 0,
            rx.el.ul(rx.foreach(state.versions, _version), class_name="mt-4 divide-y divide-line"),
            rx.el.p(t("Nobody has changed anything yet."), class_name="mt-4 text-base"),
        ),
        opened=state.looking_back != "",
        on_open_change=state.close,
    )


def platform_page(page: str) -> Callable[[], rx.Component]:
    """The page of one of PAGES."""
    title, words = _HEADINGS[page]

    def made() -> rx.Component:
        return staff_frame(
            PAGES[page][0],
            page_heading(title, words),
            rx.cond(
                state.loaded,
                rx.el.ul(
                    rx.foreach(state.rows, _area), class_name="flex max-w-[52rem] flex-col gap-4"
                ),
                card(skeleton_lines(8)),
            ),
            _compared(),
            _history(),
        )

    made.__name__ = f"platform_{page}"
    return made
