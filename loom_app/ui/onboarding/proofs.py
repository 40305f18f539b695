"""`/become-a-coach/proofs`: the proofs, the form of a new one, and the place for its document."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.design.alert import alert
from loom_app.ui.design.badge import badge
from loom_app.ui.design.browser.file_drop import file_drop
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import select_field, text_field
from loom_app.ui.design.shelf import back_link
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.onboarding.proofs_state import ProofRow, ProofsState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

state = ProofsState
MOST = 25 * 1_048_576  # the route says the exact limit of this Loom in words


def document_link(href: Any, name: Any) -> rx.Component:
    """Opens in a tab of its own; nothing where there is no document."""
    link = A.create(
        name,
        rx.el.span(t("(opens in a new tab)"), class_name="sr-only"),
        href=href,
        target="_blank",
        rel="noopener",
        class_name=(
            "inline-flex min-h-11 max-w-full items-center break-all text-sm font-medium underline"
            " md:min-h-9"
        ),
    )
    return rx.cond(href != "", link, rx.fragment())


def _row(item: rx.Var[ProofRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.div(
            rx.el.p(row.title, class_name="break-words text-base font-medium", dir="auto"),
            rx.el.p(row.detail, class_name="break-words text-sm text-muted"),
            document_link(row.href, row.file),
            class_name="min-w-0 grow basis-56",
        ),
        rx.el.div(
            badge(row.status, row.tone),
            rx.cond(
                row.lacks,
                button(
                    t("Add document"),
                    kind="secondary",
                    size="sm",
                    aria_label=t("Add the document of {title}", title=row.title),
                    on_click=state.bring(row.id),
                ),
                rx.fragment(),
            ),
            rx.cond(
                row.can_go,
                button(
                    t("Remove"),
                    kind="ghost",
                    size="sm",
                    aria_label=t("Remove {title}", title=row.title),
                    on_click=state.ask_drop(row.id),
                ),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-center gap-2",
        ),
        key=row.id,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 py-4 first:pt-0 last:pb-0",
    )


def _form() -> rx.Component:
    errors = state.errors
    form = rx.el.form(
        select_field(
            t("What does it show?"),
            "kind",
            (
                ("identity", t("Who I am: a passport, an identity card")),
                ("credential", t("What I learnt: a certificate, a degree")),
            ),
            error=errors.get("kind", ""),
        ),
        text_field(
            t("Name of the document"),
            "title",
            max_length=120,
            hint=t("Of what you learnt, this stands on your page once it is verified."),
            error=errors.get("title", ""),
        ),
        text_field(
            t("Issued by"), "issuer", optional=True, max_length=120, error=errors.get("issuer", "")
        ),
        text_field(
            t("Year"),
            "year",
            optional=True,
            max_length=4,
            input_mode="numeric",
            error=errors.get("year", ""),
        ),
        rx.el.div(
            dialog_close(button(t("Cancel"), kind="secondary")),
            button(t("Go on to the document"), type="submit"),
            class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=state.save,
        no_validate=True,
        key=state.form_key,
        class_name="mt-4 flex flex-col gap-5",
    )
    return dialog(t("Add a proof"), form, opened=state.adding, on_open_change=state.add)


def _document() -> rx.Component:
    place = file_drop(
        t("Choose a PDF or a picture, or drop it here"),
        t("JPEG, PNG, WebP or PDF. Only you and our team can open it."),
        id="proof-document",
        accept=".pdf,.jpg,.jpeg,.png,.webp,application/pdf,image/jpeg,image/png,image/webp",
        url=state.url,
        named=True,
        most=MOST,
        too_large=t("This file is too large. Choose a smaller scan."),
        failed=t("The file could not be sent. Check your connection, then choose it again."),
        on_done=state.brought,
    )
    return dialog(
        t("Document: {title}", title=state.bringing_title),
        rx.el.div(alert(state.problem), place, class_name="mt-4 flex flex-col gap-4"),
        opened=state.bringing > 0,
        on_open_change=state.turn,
    )


def _drop() -> rx.Component:
    return dialog(
        t("Remove this proof?"),
        text=t("Its document is deleted, and your page names it no more."),
        actions=(
            dialog_close(button(t("Keep it"), kind="secondary")),
            button(t("Remove"), kind="danger", on_click=state.drop),
        ),
        opened=state.dropping > 0,
        on_open_change=state.turn_drop,
        alert=True,
    )


def _list() -> rx.Component:
    add = button(t("Add a proof"), icon_name="plus", on_click=state.add(True))
    hand_in = rx.cond(
        state.verified & state.fresh & ~state.waiting,
        card(
            rx.el.p(
                t("New proofs stand on your page after our team has checked them."),
                class_name="text-base",
            ),
            button(t("Submit the new ones"), on_click=state.submit),
            class_name="flex flex-wrap items-center justify-between gap-4 p-5",
        ),
        rx.fragment(),
    )
    shown = rx.el.div(
        card(rx.el.ul(rx.foreach(state.rows, _row), class_name="divide-y divide-line")),
        rx.el.div(add),
        hand_in,
        class_name="flex flex-col gap-4",
    )
    nothing = empty_state(
        "badge-check",
        t("No proofs yet"),
        add,
        detail=t("One that shows who you are is needed; what you learnt helps people trust you."),
    )
    return rx.el.div(rx.cond(state.rows.length() > 0, shown, nothing), class_name="max-w-[48rem]")


def proofs_page() -> rx.Component:
    return app_frame(
        back_link(t("Become a coach"), "/become-a-coach"),
        page_heading(
            t("Proofs"),
            t("Documents are private. What shows who you are is deleted once it was checked."),
        ),
        rx.cond(state.loaded, _list(), card(skeleton_rows(3))),
        _form(),
        _document(),
        _drop(),
        place="offerings",
    )
