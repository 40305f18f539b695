"""What staff noted beside a case or a session, and the form for one more."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.ui.design.button import button
from loom_app.ui.design.card import card, section
from loom_app.ui.design.field import text_area
from loom_app.ui.text import t


class NoteForm(TypedDict):
    note: str
    form: str  # which one it was typed in


@dataclass(frozen=True)
class NoteRow:
    """Something that was noted, decided, or happened."""

    title: str
    words: str
    when: str


def _line(item: rx.Var[NoteRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.title, class_name="text-base font-medium"),
            rx.el.p(row.when, class_name="text-sm text-muted tabular"),
            class_name="flex flex-wrap items-baseline justify-between gap-x-4",
        ),
        rx.cond(
            row.words != "",
            rx.el.p(row.words, class_name="whitespace-pre-line break-words text-base", dir="auto"),
            rx.fragment(),
        ),
        class_name="py-3 first:pt-0 last:pb-0",
    )


def note_lines(rows: Any, class_name: str = "") -> rx.Component:
    return rx.el.ul(rx.foreach(rows, _line), class_name=f"divide-y divide-line {class_name}")


def notes(title: Any, state: Any, rows: Any, hint: Any) -> rx.Component:
    """`state` has `errors`, a `form_key` that ends a form, and `note(form: NoteForm)`."""
    form = rx.el.form(
        text_area(
            t("Note"),
            "note",
            error=state.errors.get("note", ""),
            hint=hint,
            max_length=1000,
            rows="2",
        ),
        rx.el.input(type="hidden", name="form", value=state.form_key.to_string(), read_only=True),
        rx.el.div(button(t("Add note"), kind="secondary", type="submit")),
        on_submit=state.note,
        no_validate=True,
        key=state.form_key,
        class_name="flex flex-col gap-3",
    )
    listed = rx.cond(rows.length() > 0, note_lines(rows, "mb-5"), rx.fragment())
    return section(title, card(listed, form))
